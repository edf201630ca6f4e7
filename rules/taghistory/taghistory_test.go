package taghistory

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

var now = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

func policy(t testing.TB) *rules.Policy {
	t.Helper()
	const text = `version: 1
builtin: {tags/vanished: {when: 'asset.name != "scratch"'}, tags/flapping: {scans: 6}}
`
	p, err := rules.ParsePolicy("policy.yaml", []byte(text), rules.PolicyEnv{Expr: expr.Env{Now: now, Class: func(inventory.Type) string { return "" }}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// tags reads "owner=a env=b"; "owner=?" is a value that nobody knows, "unknown" tags that nobody read, "-" none.
func tags(text string) inventory.Tags {
	if text == "unknown" {
		return inventory.UnknownTags()
	}
	var list []inventory.Tag
	for _, item := range strings.Fields(text) {
		if key, value, ok := strings.Cut(item, "="); ok {
			list = append(list, inventory.Tag{Key: key, Value: strings.TrimSuffix(value, "?"), ValueUnknown: value == "?"})
		}
	}
	return inventory.KnownTags(list...)
}

// history reads versions "1-3 owner=a | 3-0 -".
func history(id int64, text string) inventory.TagHistory {
	h := inventory.TagHistory{ID: id}
	for item := range strings.SplitSeq(text, " | ") {
		stretch, list, _ := strings.Cut(item, " ")
		from, to, _ := strings.Cut(stretch, "-")
		f, _ := strconv.Atoi(from)
		u, _ := strconv.Atoi(to)
		h.Versions = append(h.Versions, inventory.TagVersion{From: inventory.ScanID(f), To: inventory.ScanID(u), Tags: tags(list)})
	}
	return h
}

func changes(list ...inventory.TagHistory) iter.Seq2[inventory.TagHistory, error] {
	return func(yield func(inventory.TagHistory, error) bool) {
		for _, h := range list {
			if !yield(h, nil) {
				return
			}
		}
	}
}

func query() Query {
	return Query{Tags: [][]string{{"owner", "Owner"}, {"env"}, {"token"}}, Hide: func(key string) bool { return key == "token" }, Secret: func(v string) bool { return strings.HasPrefix(v, "AKIA") }, Evaluated: 4, Since: 1}
}

func asset(current inventory.Tags) *inventory.Entry {
	return &inventory.Entry{ID: 1, Source: "live", Asset: inventory.Asset{Key: "a", Book: inventory.Observed, Type: "AWS::SQS::Queue", Tags: current}}
}

// judge returns what both rules say of an asset, "" for a pass.
func judge(t testing.TB, x *Index, e *rules.Entity) (vanished, flapping string) {
	t.Helper()
	var out [2]string
	for i, r := range Rules(policy(t), x) {
		v, err := r.Check(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if v.Outcome != rules.Pass {
			out[i] = v.Outcome.String() + ": " + v.Message + v.Reason
		}
	}
	return out[1], out[0] // sorted by id
}

func TestHistories(t *testing.T) {
	for _, c := range []struct{ name, history, vanished, flapping string }{
		{"steady", "1-2 owner=a x=1 | 2-0 owner=a x=2", "", ""},
		{"vanished", "1-5 owner=a env=p | 5-0 env=p", `fail: tag "owner" vanished: it was "a"`, ""},
		{"several", "1-5 owner=a env=p | 5-0 -", `fail: tag "owner" vanished: it was "a"; tag "env" vanished: it was "p"`, ""},
		{"emptied", "1-5 owner=a | 5-0 owner=", `fail: tag "owner" vanished: it was "a"`, ""},
		{"a hidden value", "1-5 token=a | 5-0 -", `fail: tag "token" vanished: it was what it was (not shown)`, ""},
		{"a credential", "1-5 owner=AKIAEXAMPLE | 5-0 -", `fail: tag "owner" vanished: it was what it was (not shown)`, ""},
		{"a secret's hash", "1-5 owner=" + hash() + " | 5-0 -", `fail: tag "owner" vanished: it was what it was (not shown)`, ""},
		{"renamed to an accepted spelling", "1-5 owner=a | 5-0 Owner=a", "", ""},
		{"not named by the policy", "1-5 other=a | 5-0 -", "", ""},
		{"gone before the last evaluation", "1-3 owner=a | 3-5 - | 5-0 env=p", "", ""},
		{"gone and back", "1-5 owner=a | 5-6 - | 6-0 owner=b", "", ""},
		{"not there at the last evaluation", "5-6 owner=a | 6-0 -", "", ""},
		{"could not be read before", "1-5 unknown | 5-0 -", "", ""},
		{"could not be read now", "1-5 owner=a | 5-0 unknown", "unknown: its tags could not be read", "unknown: its tags could not be read"},
		{"a value that is not known now", "1-5 owner=a | 5-0 owner=?", "", ""},
		{"back once", "1-2 owner=a | 2-3 owner=b | 3-0 owner=a", "", ""},
		{"back twice", "1-2 owner=a | 2-3 owner=b | 3-5 owner=a | 5-0 owner=b", "", `fail: tag "owner" changes back and forth: "a", "b", "a", "b"`},
		{"there and not there", "1-2 owner=a | 2-3 - | 3-4 owner=a | 4-5 - | 5-0 owner=a", "", `fail: tag "owner" changes back and forth: "a", not there, "a", not there, "a"`},
		{"another spelling is no change", "1-2 owner=a | 2-3 Owner=a | 3-4 owner=a | 4-0 Owner=a", "", ""},
		{"always something else", "1-2 owner=a | 2-3 owner=b | 3-4 owner=c | 4-0 owner=d", "", ""},
		{"what could not be read between is no change", "1-2 owner=a | 2-3 unknown | 3-4 owner=a | 4-5 owner=? | 5-0 owner=a", "", ""},
		{"only the last values", "1-2 env=a | 2-3 env=b | 3-4 env=a | 4-5 env=b | 5-6 env=a | 6-7 env=b | 7-0 env=a", "", `fail: tag "env" changes back and forth: … "b", "a", "b", "a", "b", "a"`},
		{"hidden", "1-2 token=a | 2-3 token=b | 3-5 token=a | 5-0 token=b", "", `fail: tag "token" changes back and forth: what it was (not shown), what it was (not shown), what it was (not shown), what it was (not shown)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := history(1, c.history)
			x, err := New(query(), changes(h), nil)
			if err != nil {
				t.Fatal(err)
			}
			e := &rules.Entity{Observed: []*inventory.Entry{asset(h.Versions[len(h.Versions)-1].Tags)}}
			vanished, flapping := judge(t, x, e)
			if diff := cmp.Diff([]string{c.vanished, c.flapping}, []string{vanished, flapping}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func hash() string { return inventory.NewSecretHash([]byte("key")).Hash("secret") }

// TestOutsideOfTheWindow: older changes make nothing flap, and without an earlier evaluation nothing vanished.
func TestOutsideOfTheWindow(t *testing.T) {
	h := history(1, "1-2 owner=a | 2-3 owner=b | 3-4 owner=a | 4-0 -")
	x, err := New(Query{Tags: [][]string{{"owner"}}, Since: 3}, changes(h), nil)
	if err != nil {
		t.Fatal(err)
	}
	vanished, flapping := judge(t, x, &rules.Entity{Observed: []*inventory.Entry{asset(tags("-"))}})
	if vanished+flapping != "" {
		t.Error(vanished, flapping)
	}
}

// TestVanishedStays: a finding stands until the tag is back, although nothing changed since.
func TestVanishedStays(t *testing.T) {
	x, err := New(query(), changes(history(1, "1-5 owner=a | 5-0 env=p")), nil)
	if err != nil {
		t.Fatal(err)
	}
	engine := func(x *Index, started time.Time) *rules.Engine {
		return &rules.Engine{Rules: Rules(policy(t), x), Now: started, ScanStart: started, Workers: 1}
	}
	evaluate := func(x *Index, started time.Time, current inventory.Tags, previous []rules.Stored) ([]string, []rules.Stored) {
		e := asset(current)
		e.LastSeen = started
		ev, err := engine(x, started).Evaluate(t.Context(), func(yield func(*rules.Entity, error) bool) {
			yield(&rules.Entity{Observed: []*inventory.Entry{e}}, nil)
		}, previous)
		if err != nil {
			t.Fatal(err)
		}
		list, err := rules.Records(ev)
		if err != nil {
			t.Fatal(err)
		}
		var brief []string
		var stored []rules.Stored
		for _, r := range list {
			s, err := rules.ParseRecord(r)
			if err != nil {
				t.Fatal(err)
			}
			brief = append(brief, fmt.Sprintf("%s %v %s", s.State, s.Confirmed, s.Message))
			if s.State != inventory.FindingResolved {
				stored = append(stored, s)
			}
		}
		return brief, stored
	}
	const message = `tag "owner" vanished: it was "a"`
	got, stored := evaluate(x, now, tags("env=p"), nil)
	want(t, got, "new true "+message)
	started := now
	again := func(current string, previous []rules.Stored) ([]string, []rules.Stored) {
		started = started.Add(time.Hour)
		q := query()
		q.Evaluated = 5
		x, err := New(q, changes(), previous)
		if err != nil {
			t.Fatal(err)
		}
		return evaluate(x, started, tags(current), previous)
	}
	got, stored = again("env=p", stored)
	want(t, got, "open true "+message)
	got, stored = again("unknown", stored)
	want(t, got, "open false "+message)
	got, stored = again("owner=?", stored)
	want(t, got, "open false "+message)
	got, stored = again("env=q", stored)
	want(t, got, "open true "+message)
	got, stored = again("Owner=b", stored)
	want(t, got, "resolved true "+message)
	got, _ = again("env=p", stored)
	want(t, got)
}

func want(t *testing.T, got []string, list ...string) {
	t.Helper()
	if diff := cmp.Diff(list, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestOfWhomTheRulesSpeak(t *testing.T) {
	x, err := New(query(), changes(history(1, "1-5 owner=a | 5-0 -")), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*inventory.Entry)
		want   string
	}{
		"declared":          {func(e *inventory.Entry) { e.Book = inventory.Declared }, "not applicable: nobody sees it"},
		"recorded":          {func(e *inventory.Entry) { e.Book = inventory.Recorded }, "not applicable: nobody sees it"},
		"not taggable":      {func(e *inventory.Entry) { e.Tags = inventory.NotTaggable() }, "not applicable: its type cannot be tagged"},
		"unconfirmed":       {func(e *inventory.Entry) { e.TagsUnconfirmed = true }, "unknown: its tags could not be read"},
		"by its condition":  {func(e *inventory.Entry) { e.Name = "scratch" }, "not applicable: the rule's condition does not hold"},
		"one like any":      {func(*inventory.Entry) {}, `fail: tag "owner" vanished: it was "a"`},
		"one that is other": {func(e *inventory.Entry) { e.ID = 2 }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := asset(tags("-"))
			c.change(a)
			var e rules.Entity
			e.Add(a)
			if got, _ := judge(t, x, &e); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestAnotherTagChangesNothing: what other tags do has no part in a verdict.
func TestAnotherTagChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		h := inventory.TagHistory{ID: 1}
		for i := range rapid.IntRange(2, 8).Draw(r, "n") {
			list := rapid.SampledFrom([]string{"owner=a", "owner=b", "Owner=a", "-", "unknown", "owner=?"}).Draw(r, "tags")
			h.Versions = append(h.Versions, inventory.TagVersion{From: inventory.ScanID(i + 1), To: inventory.ScanID(i + 2), Tags: tags(list)})
		}
		h.Versions[len(h.Versions)-1].To = 0
		more := inventory.TagHistory{ID: 1}
		for _, v := range h.Versions {
			if v.Tags.State() == inventory.Known {
				list := []inventory.Tag{{Key: "other", Value: rapid.SampledFrom([]string{"", "x", "y"}).Draw(r, "other")}}
				for tag := range v.Tags.All() {
					list = append(list, tag)
				}
				v.Tags = inventory.KnownTags(list...)
			}
			more.Versions = append(more.Versions, v)
		}
		var got [2][2]string
		for i, h := range []inventory.TagHistory{h, more} {
			x, err := New(query(), changes(h), nil)
			if err != nil {
				r.Fatal(err)
			}
			got[i][0], got[i][1] = judge(t, x, &rules.Entity{Observed: []*inventory.Entry{asset(h.Versions[len(h.Versions)-1].Tags)}})
		}
		if got[0] != got[1] {
			r.Errorf("%q", got)
		}
	})
}
