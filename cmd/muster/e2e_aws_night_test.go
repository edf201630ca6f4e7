//go:build e2e

package main

import (
	"encoding/json"
	"slices"
	"strings"
)

// difference is a row of "muster diff".
type difference struct {
	Change  string   `json:"change"`
	Changes []string `json:"changes"`
	Before  *listed  `json:"before"`
	After   *listed  `json:"after"`
}

func (d *difference) asset() *listed {
	if d.After != nil {
		return d.After
	}
	return d.Before
}

// differences returns what "muster diff" says of two scans, by change and key, but what moto changes by itself.
func (s *site) differences(from, to string) map[string]difference {
	s.t.Helper()
	all := map[string]difference{}
	for _, d := range rows[difference](s, "diff", from, to) {
		if !byMoto(d) {
			all[d.Change+" "+d.asset().Key] = d
		}
	}
	return all
}

// byMoto reports whether a difference is one that moto makes: a work group of Athena was created when moto is asked for it.
func byMoto(d difference) bool {
	return d.asset().Type == "AWS::Athena::WorkGroup" && len(d.Changes) == 1 && strings.HasPrefix(d.Changes[0], "created: ")
}

// testSecondNight changes four things and scans again: these four are what changed, and every attribute and tag of all others is
// as it was.
func testSecondNight(s *site) {
	want := map[string][]string{} // by change and key
	for line := range strings.Lines(python(s.t, s.url, "night.py", "us-east-1")) {
		var c struct {
			Change, Key string
			Changes     []string
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			s.t.Fatal(err)
		}
		want[c.Change+" "+c.Key] = c.Changes
	}
	if len(want) != 4 {
		s.t.Fatalf("changed %v", want)
	}
	s.run([]int{3}, "scan")
	got := s.differences("1", "2")
	for key, changes := range want {
		d, ok := got[key]
		if !ok || d.Change == "changed" && !slices.Equal(d.Changes, changes) {
			s.t.Errorf("%s: %q, want %q", key, d.Changes, changes)
		}
	}
	for key, d := range got {
		if _, ok := want[key]; !ok {
			s.t.Errorf("%s: %q, and nobody changed it", key, d.Changes)
		}
	}
}
