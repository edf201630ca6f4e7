package group

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
)

func named(values ...string) []part {
	var out []part
	for _, v := range values {
		out = append(out, part{GroupCount: report.GroupCount{Group: report.Group{Kind: report.GroupNamed, Value: v}}})
	}
	return out
}

func TestNames(t *testing.T) {
	for value, want := range map[string]string{
		"payments":                    `payments`,
		"team-7_b.x":                  `team-7_b\.x`,
		"111122223333":                `111122223333`,
		"Payments":                    `payments-[0-9a-f]{8}`,
		"Team A":                      `team-a-[0-9a-f]{8}`,
		"../../etc/passwd":            `etc-passwd-[0-9a-f]{8}`,
		"/abs":                        `abs-[0-9a-f]{8}`,
		`C:\x`:                        `c-x-[0-9a-f]{8}`,
		"a/b":                         `a-b-[0-9a-f]{8}`,
		".hidden":                     `hidden-[0-9a-f]{8}`,
		"..":                          `group-[0-9a-f]{8}`,
		"dot.":                        `dot-[0-9a-f]{8}`,
		"-rf":                         `rf-[0-9a-f]{8}`,
		"con":                         `con-[0-9a-f]{8}`,
		"nul.txt":                     `nul-txt-[0-9a-f]{8}`,
		"com1":                        `com1-[0-9a-f]{8}`,
		"none":                        `none-[0-9a-f]{8}`,
		"unknown":                     `unknown-[0-9a-f]{8}`,
		"index":                       `index-[0-9a-f]{8}`,
		"scopes.csv":                  `scopes-csv-[0-9a-f]{8}`,
		"payments-0123abcd":           `payments-0123abcd-[0-9a-f]{8}`,
		"東京":                          `group-[0-9a-f]{8}`,
		"":                            `group-[0-9a-f]{8}`,
		strings.Repeat("a", 65):       `a{32}-[0-9a-f]{8}`,
		strings.Repeat("a", 64):       `a{64}`,
		strings.Repeat("x/", 100_000): `(x-)+x?-?[0-9a-f]{8}`,
	} {
		if got := names(named(value))[0]; !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("%.40q is called %q, want %s", value, got, want)
		}
	}
}

// TestNamesAreApart: also of values that somebody chose so that their names collide.
func TestNamesAreApart(t *testing.T) {
	first := names(named("Team A"))[0]
	list := append(named("payments", "Payments", "PAYMENTS", "payments ", first, first+".", "none", "unknown"),
		part{GroupCount: report.GroupCount{Group: report.Group{Kind: report.GroupNone}}},
		part{GroupCount: report.GroupCount{Group: report.Group{Kind: report.GroupUnknown}}})
	list = append(list, named("Team A")...)
	seen := map[string]bool{}
	for i, n := range names(list) {
		if seen[n] {
			t.Errorf("%+v has the name of another: %s", list[i].Group, n)
		}
		seen[n] = true
	}
	// Two groups of one value stand for two values whose short hashes are the same.
	twins := names(append(named("Team A", "Team A"), named("Team B")...))
	if len(twins[0]) != len("team-a-")+64 || len(twins[2]) != len("team-b-")+8 {
		t.Errorf("names that collide: %q", twins)
	}
}

// FuzzName: whatever a value is, its name is one file of a folder, on every system.
func FuzzName(f *testing.F) {
	for _, payload := range append(reporttest.Payloads(), "../x", "con", "none", "a.", "team-0123abcd") {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := names(named(value))[0]
		if !regexp.MustCompile(`^[a-z0-9_][a-z0-9._-]{0,96}$`).MatchString(got) || strings.HasSuffix(got, ".") || !filepath.IsLocal(got) || filepath.Base(got) != got {
			t.Errorf("%q is called %q", value, got)
		}
		if got == "none" || got == "unknown" || got == "index" {
			t.Errorf("%q has the name of something else: %q", value, got)
		}
		if got != value && names(named(got))[0] == got {
			t.Errorf("%q and %q are both called so", value, got)
		}
	})
}
