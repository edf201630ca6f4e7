package inventory

import (
	"slices"
	"testing"
)

func TestCurrentTags(t *testing.T) {
	hash := NewSecretHash([]byte("0123456789abcdef")).Hash("hunter2")
	sure, open := Tag{Key: "env", Value: "prod"}, Tag{Key: "owner", ValueUnknown: true}
	tests := []struct {
		name  string
		entry Entry
		state Knowledge
		want  []Tag
	}{
		{"all confirmed", Entry{Asset: Asset{Tags: KnownTags(sure)}}, Known, []Tag{sure}},
		{"none confirmed", Entry{Asset: Asset{Tags: KnownTags(sure)}, TagsUnconfirmed: true}, Unknown, nil},
		{
			"one value not confirmed",
			Entry{Asset: Asset{Tags: KnownTags(sure, Tag{Key: "owner", Value: "payments"})}, TagValuesUnconfirmed: []string{"owner"}},
			Known,
			[]Tag{sure, open},
		},
		{"a secret's hash tells no value", Entry{Asset: Asset{Tags: KnownTags(sure, Tag{Key: "owner", Value: hash})}}, Known, []Tag{sure, open}},
		{"not taggable", Entry{Asset: Asset{Tags: NotTaggable()}}, NotApplicable, nil},
	}
	for _, tt := range tests {
		got := tt.entry.CurrentTags()
		if got.State() != tt.state || !slices.Equal(slices.Collect(got.All()), tt.want) {
			t.Errorf("%s: got %s %v, want %s %v", tt.name, got.State(), slices.Collect(got.All()), tt.state, tt.want)
		}
	}
}

func TestValueString(t *testing.T) {
	for v, want := range map[Value]string{
		`"plain"`: "plain", `""`: "", `"a\"b"`: `a"b`, `"\\"`: `\`, `"zürich"`: "zürich", `"\u0001"`: "\x01",
		`12`: "12", `null`: "null", `["a"]`: `["a"]`, Unread: "", `"`: `"`,
	} {
		if got := v.String(); got != want {
			t.Errorf("Value(%s).String() = %q, want %q", string(v), got, want)
		}
	}
}
