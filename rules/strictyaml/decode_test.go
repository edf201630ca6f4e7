package strictyaml

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type color string

func (c *color) UnmarshalText(text []byte) error {
	if string(text) != "red" && string(text) != "green" {
		return fmt.Errorf("color %q: use red or green", text)
	}
	*c = color(text)
	return nil
}

type item struct {
	ID    string            `yaml:"id"`
	Tags  map[string]string `yaml:"tags"`
	Wait  time.Duration     `yaml:"wait"`
	Color color             `yaml:"color"`
	On    *bool             `yaml:"on"`
	Share float64           `yaml:"share"`
}

type file struct {
	Version int    `yaml:"version"`
	Items   []item `yaml:"items"`
}

func TestDecode(t *testing.T) {
	on := true
	tests := []struct {
		name, text string
		want       file
		problems   []string
	}{
		{name: "empty file", text: "# nothing\n"},
		{
			name: "every kind",
			text: "version: 1\nitems:\n- id: 012345678901\n  tags: {Owner: yes, owner: b}\n  wait: 24h\n  color: red\n  on: true\n  share: 0.2\n",
			want: file{Version: 1, Items: []item{{
				ID: "012345678901", Tags: map[string]string{"Owner": "yes", "owner": "b"}, Wait: 24 * time.Hour,
				Color: "red", On: &on, Share: 0.2,
			}}},
		},
		{name: "null leaves the default", text: "version: null\nitems: ~\n"},
		{name: "unknown key with a near one", text: "verison: 1\n", problems: []string{`f.yaml:1:1: verison: unknown key: did you mean "version"?`}},
		{name: "unknown key far from all", text: "a_b_c_d_e: 1\n", problems: []string{`f.yaml:1:1: a_b_c_d_e: unknown key: known are items, version`}},
		{
			name: "all problems at once, in the order of the file",
			text: "version: x\nitems:\n- {id: a, color: blue}\n- {id: b, wait: soon, on: yes, share: many}\n- [1]\n",
			want: file{Items: []item{{ID: "a"}, {ID: "b", On: new(bool)}, {}}},
			problems: []string{
				`f.yaml:1:10: version: "x" is no whole number`,
				`f.yaml:3:18: items[0].color: color "blue": use red or green`,
				`f.yaml:4:17: items[1].wait: "soon" is no duration: write 90s, 30m or 24h`,
				`f.yaml:4:27: items[1].on: "yes" is neither true nor false`,
				`f.yaml:4:39: items[1].share: "many" is no number`,
				`f.yaml:5:3: items[2]: a list where keys are expected: color, id, on, share, tags, wait`,
			},
		},
		{name: "twice", text: "version: 1\nversion: 2\n", want: file{Version: 1}, problems: []string{`f.yaml:2:1: version: the key is there twice: keep one`}},
		{name: "scalar for a list", text: "items: a\n", problems: []string{`f.yaml:1:8: items: "a" where a list is expected: write [a]`}},
		{name: "list for a scalar", text: "version: [1]\n", problems: []string{`f.yaml:1:10: version: a list where a single value is expected`}},
		{name: "no YAML", text: "version: [\n", problems: []string{`f.yaml:1: not valid YAML: did not find expected node content`}},
		{name: "alias", text: "items:\n- &x {id: a}\n- *x\n", want: file{Items: []item{{ID: "a"}, {ID: "a"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got file
			_, err := Decode("f.yaml", []byte(tt.text), &got, Options{})
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("decoded (-want +got):\n%s", d)
			}
			var lines []string
			if err != nil {
				lines = strings.Split(err.Error(), "\n")
			}
			if d := cmp.Diff(tt.problems, lines); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
		})
	}
}

func TestExpand(t *testing.T) {
	expand := func(s string) (string, error) {
		if strings.Contains(s, "${env:NONE}") {
			return "", errors.New("environment variable NONE is not set")
		}
		return strings.ReplaceAll(s, "${env:HOME}", "/home/a"), nil
	}
	var got file
	_, err := Decode("f.yaml", []byte("items: [{id: '${env:HOME}/x'}, {id: '${env:NONE}'}]"), &got, Options{Expand: expand})
	if got.Items[0].ID != "/home/a/x" {
		t.Errorf("id %q", got.Items[0].ID)
	}
	if err == nil || err.Error() != "f.yaml:1:37: items[1].id: environment variable NONE is not set" {
		t.Errorf("error %v", err)
	}
}

func TestRest(t *testing.T) {
	var got struct {
		Name string `yaml:"name"`
		Rest Rest   `yaml:",inline"`
	}
	d, err := Decode("f.yaml", []byte("name: a\nversion: 7\nitem: []\n"), &got, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"version", "item"}, got.Rest.Keys()); d != "" {
		t.Error(d)
	}
	var inner file
	err = d.DecodeRest(got.Rest, "", &inner)
	if inner.Version != 7 {
		t.Errorf("version %d", inner.Version)
	}
	if err == nil || err.Error() != `f.yaml:3:1: item: unknown key: did you mean "items"?` {
		t.Errorf("error %v", err)
	}
}

func TestPosition(t *testing.T) {
	var got file
	d, err := Decode("f.yaml", []byte("version: 1\nitems:\n- id: a\n"), &got, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"items[0].id": "3:7", "items[0].wait": "3:3", "items[9]": "3:1", "none": "1:1"} {
		line, column := d.Position(path)
		if got := fmt.Sprintf("%d:%d", line, column); got != want {
			t.Errorf("position of %s is %s, want %s", path, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"version: 1", "items: [{id: a}]", "a: &a [*a]", "? [x]\n: y", "<<: {}", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var a, b file
		if _, err := Decode("f.yaml", []byte(text), &a, Options{}); err != nil {
			return
		}
		if _, err := Decode("f.yaml", []byte(text), &b, Options{}); err != nil || !cmp.Equal(a, b) {
			t.Errorf("decoding twice differs: %v", err)
		}
	})
}
