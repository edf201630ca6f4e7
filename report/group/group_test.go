package group

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/rules"
)

// one is an asset in a test: its book, its entity, and its tags.
type one struct {
	key    string
	book   inventory.Book
	entity int64
	tags   inventory.Tags
	// earlier says that the last scan could not read the tags.
	earlier bool
	account string
}

func owned(value string) inventory.Tags {
	return inventory.KnownTags(inventory.Tag{Key: "owner", Value: value})
}

// of makes a report of assets, with one finding about each key that is named.
func of(assets []one, findings ...rules.Finding) *report.Report {
	r := reporttest.Empty()
	r.Findings = findings
	var list []report.Asset
	for i, a := range assets {
		list = append(list, report.Asset{Entity: a.entity, Entry: &inventory.Entry{
			Asset: inventory.Asset{Key: a.key, Book: a.book, Tags: a.tags, Account: a.account}, ID: int64(100 + i), Source: "s", TagsUnconfirmed: a.earlier,
		}})
	}
	serve(r, list)
	return r
}

// serve makes a report list assets as the store does.
func serve(r *report.Report, list []report.Asset) {
	r.Assets = func() iter.Seq2[report.Asset, error] {
		return func(yield func(report.Asset, error) bool) {
			for _, a := range list {
				if !yield(a, nil) {
					return
				}
			}
		}
	}
	r.Pick = func(batches iter.Seq[[]int64]) iter.Seq2[[]report.Asset, error] {
		return func(yield func([]report.Asset, error) bool) {
			for ids := range batches {
				var out []report.Asset
				for _, id := range ids {
					i := slices.IndexFunc(list, func(a report.Asset) bool { return a.ID == id })
					out = append(out, list[i])
				}
				if !yield(out, nil) {
					return
				}
			}
		}
	}
}

func about(key, owner string) rules.Finding {
	return rules.Finding{
		Rule: "r", Severity: rules.High, State: inventory.FindingOpen, Owner: owner,
		Asset: rules.AssetRef{Key: key, Source: "s", Book: inventory.Observed},
	}
}

// shown is what the groups hold: "kind value: asset asset | finding finding".
func shown(t *testing.T, r *report.Report, by By) []string {
	t.Helper()
	s, err := Divide(r, by)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	if err := s.Each(func(_ string, r *report.Report) error {
		g := r.Division.Group
		text := strings.TrimSpace(string(g.Kind)+" "+g.Value) + ":"
		for a, err := range r.Assets() {
			if err != nil {
				return err
			}
			text += " " + a.Key
		}
		text += " |"
		for _, f := range r.Findings {
			text += " " + f.Asset.Key
		}
		out = append(out, text)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func byOwner() By { return By{Name: "owner", Keys: []string{"owner", "team"}} }

// TestThreeValues: who owns it, that nobody does, and that nobody knows, are three answers.
func TestThreeValues(t *testing.T) {
	observed, declared, recorded := inventory.Observed, inventory.Declared, inventory.Recorded
	for name, c := range map[string]struct {
		assets   []one
		findings []rules.Finding
		want     []string
	}{
		"a value":          {[]one{{key: "a", book: observed, entity: 1, tags: owned("payments")}}, []rules.Finding{about("a", "")}, []string{"named payments: a | a"}},
		"known to be none": {[]one{{key: "a", book: observed, entity: 1, tags: inventory.KnownTags()}}, []rules.Finding{about("a", "")}, []string{"none: a | a"}},
		"an empty value":   {[]one{{key: "a", book: observed, entity: 1, tags: owned("")}}, nil, []string{"none: a |"}},
		"not taggable":     {[]one{{key: "a", book: observed, entity: 1, tags: inventory.NotTaggable()}}, nil, []string{"none: a |"}},
		"unread tags":      {[]one{{key: "a", book: observed, entity: 1}}, []rules.Finding{about("a", "")}, []string{"unknown: a | a"}},
		"an unknown value": {
			[]one{{key: "a", book: observed, entity: 1, tags: inventory.KnownTags(inventory.Tag{Key: "team", ValueUnknown: true})}},
			nil,
			[]string{"unknown: a |"},
		},
		"a secret": {[]one{{key: "a", book: observed, entity: 1, tags: owned(inventory.NewSecretHash([]byte("k")).Hash("s"))}}, nil, []string{"unknown: a |"}},
		"read by an earlier scan": {
			[]one{{key: "a", book: observed, entity: 1, tags: owned("payments"), earlier: true}}, nil, []string{"named payments: a |"},
		},
		"none in an earlier scan": {[]one{{key: "a", book: observed, entity: 1, tags: inventory.KnownTags(), earlier: true}}, nil, []string{"unknown: a |"}},
		"another book says it": {
			[]one{{key: "a", book: observed, entity: 1, tags: inventory.KnownTags()}, {key: "b", book: recorded, entity: 1, tags: owned("payments")}},
			[]rules.Finding{about("a", "")},
			[]string{"named payments: a b | a"},
		},
		"another book was not read": {
			[]one{{key: "a", book: observed, entity: 1, tags: inventory.KnownTags()}, {key: "b", book: recorded, entity: 1}},
			nil,
			[]string{"unknown: a b |"},
		},
		"reality before code before the register": {
			[]one{
				{key: "c", book: recorded, entity: 1, tags: owned("c")},
				{key: "b", book: declared, entity: 1, tags: owned("b")},
				{key: "a", book: observed, entity: 1, tags: owned("a")},
				{key: "e", book: recorded, entity: 2, tags: owned("e")},
				{key: "d", book: declared, entity: 2, tags: owned("d")},
			},
			nil,
			[]string{"named a: c b a |", "named d: e d |"},
		},
		"what the rules found out": {
			[]one{{key: "a", book: observed, entity: 1, tags: owned("a")}, {key: "b", book: recorded, entity: 1, tags: owned("b")}},
			[]rules.Finding{about("b", "b")},
			[]string{"named b: a b | b"},
		},
		"the first key counts": {
			[]one{{key: "a", book: observed, entity: 1, tags: inventory.TagsFromMap(map[string]string{"team": "x", "owner": "y"})}},
			nil,
			[]string{"named y: a |"},
		},
		"gone":            {nil, []rules.Finding{about("gone", "")}, []string{"unknown: | gone"}},
		"gone, of a team": {nil, []rules.Finding{about("gone", "payments")}, []string{"named payments: | gone"}},
		"about no asset":  {nil, []rules.Finding{{Asset: rules.AssetRef{Key: "tag-key:owner"}}}, []string{"none: | tag-key:owner"}},
		"values that look like groups": {
			[]one{
				{key: "a", book: observed, entity: 1, tags: owned("unknown")},
				{key: "b", book: observed, entity: 2},
				{key: "c", book: observed, entity: 3, tags: owned("none")},
				{key: "d", book: observed, entity: 4, tags: inventory.KnownTags()},
			},
			nil,
			[]string{"named none: c |", "named unknown: a |", "none: d |", "unknown: b |"},
		},
		"nothing": {nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, shown(t, of(c.assets, c.findings...), byOwner())); d != "" {
				t.Errorf("groups (-want +got):\n%s", d)
			}
		})
	}
}

func TestByAccount(t *testing.T) {
	r := of(
		[]one{
			{key: "a", book: inventory.Observed, entity: 1, account: "1111"},
			{key: "b", book: inventory.Declared, entity: 1},
			{key: "c", book: inventory.Recorded, entity: 1, account: "dc"},
		},
		rules.Finding{Asset: rules.AssetRef{Key: "a", Source: "s", Book: inventory.Observed, Account: "1111"}}, about("b", ""), rules.Finding{},
	)
	want := []string{"named 1111: a | a", "named dc: c |", "none: | ", "unknown: b | b"}
	if d := cmp.Diff(want, shown(t, r, By{Name: "account"})); d != "" {
		t.Errorf("groups (-want +got):\n%s", d)
	}
}

func TestByATag(t *testing.T) {
	r := of([]one{{key: "a", book: inventory.Observed, entity: 1, tags: inventory.TagsFromMap(map[string]string{"team": "x", "owner": "y"})}}, about("a", "y"))
	by, err := Parse("tag.team", nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"named x: a | a"}, shown(t, r, by)); d != "" {
		t.Errorf("the owner of a finding decides though a tag is asked for (-want +got):\n%s", d)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]By{
		"owner": {"owner", []string{"owner"}}, "account": {"account", nil}, "tag.Cost Center": {"tag.Cost Center", []string{"Cost Center"}},
	} {
		if got, err := Parse(text, []string{"owner"}); err != nil || !cmp.Equal(got, want) {
			t.Errorf("Parse(%q) = %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "team", "tag.", "Owner"} {
		if _, err := Parse(text, nil); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// TestCounts: the index counts what the groups hold, and all of it.
func TestCounts(t *testing.T) {
	r := reporttest.Small()
	s, err := Divide(r, byOwner())
	if err != nil {
		t.Fatal(err)
	}
	index := s.Index(func(name string) string { return name + "/" })
	i, findings := 0, 0
	if err := s.Each(func(name string, part *report.Report) error {
		line := index.Division.Groups[i]
		i++
		if line.Path != name+"/" || line.Group != *part.Division.Group || line.Findings != part.Summary.Findings || line.Assets != part.Summary.Assets {
			t.Errorf("index %+v, group %s %+v", line, name, part.Summary)
		}
		if part.Summary.TagCoverage != nil || part.Unknown != nil {
			t.Errorf("%s shows numbers of the whole estate as its own", name)
		}
		findings += len(part.Findings)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if findings != len(r.Findings) || i != len(index.Division.Groups) {
		t.Errorf("%d findings in groups of %d, %d groups of %d", findings, len(r.Findings), i, len(index.Division.Groups))
	}
	want := report.GroupCount{
		Group: report.Group{Kind: report.GroupNamed, Value: "payments"}, Path: "payments/", New: 2, Differences: 6,
		Findings: report.SeverityCounts{Critical: 1, High: 2, Low: 1, Info: 1}, Assets: report.BookCounts{Observed: 2},
	}
	if d := cmp.Diff(want, index.Division.Groups[0]); d != "" {
		t.Errorf("payments (-want +got):\n%s", d)
	}
	if r.Division != nil || len(r.Findings) != len(reporttest.Small().Findings) {
		t.Error("dividing changed the report")
	}
}

// TestNothingIsLost: each finding and each asset is in one group, in the order of the report, whatever strangers wrote.
func TestNothingIsLost(t *testing.T) {
	value := rapid.OneOf(rapid.SampledFrom(reporttest.Payloads()), rapid.SampledFrom([]string{"a", "A", "none", "unknown", ""}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		var assets []one
		var findings []rules.Finding
		var wantAssets, wantFindings, gotAssets, gotFindings []string
		for i := range rapid.IntRange(0, 12).Draw(t, "assets") {
			tags := rapid.SampledFrom([]inventory.Tags{inventory.UnknownTags(), inventory.NotTaggable(), inventory.KnownTags(), owned(value.Draw(t, "owner"))}).Draw(t, "tags")
			a := one{key: fmt.Sprint(i), book: rapid.SampledFrom(inventory.Books()).Draw(t, "book"), entity: rapid.Int64Range(1, 5).Draw(t, "entity"), tags: tags}
			assets, wantAssets = append(assets, a), append(wantAssets, a.key)
			if rapid.Bool().Draw(t, "finding") {
				findings, wantFindings = append(findings, about(a.key, value.Draw(t, "owner of finding"))), append(wantFindings, a.key)
			}
		}
		s, err := Divide(of(assets, findings...), byOwner())
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		if err := s.Each(func(name string, r *report.Report) error {
			if fold := strings.ToLower(name); seen[fold] {
				t.Errorf("name %q twice", name)
			} else {
				seen[fold] = true
			}
			for a, err := range r.Assets() {
				if err != nil {
					return err
				}
				gotAssets = append(gotAssets, a.Key)
			}
			for _, f := range r.Findings {
				gotFindings = append(gotFindings, f.Asset.Key)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		byNumber := func(a, b string) int { return len(a)*100 - len(b)*100 + strings.Compare(a, b) }
		slices.SortFunc(gotAssets, byNumber)
		slices.SortFunc(gotFindings, byNumber)
		if !slices.Equal(gotAssets, wantAssets) || !slices.Equal(gotFindings, wantFindings) {
			t.Errorf("assets %v of %v, findings %v of %v", gotAssets, wantAssets, gotFindings, wantFindings)
		}
	})
}

// TestAssetsAreReadInOneGo: once to find the groups, once for all of them; an asset list that is asked for again, or not at
// all, harms nobody.
func TestAssetsAreReadInOneGo(t *testing.T) {
	var assets []one
	for i := range 5000 {
		assets = append(assets, one{key: fmt.Sprint(i), book: inventory.Observed, entity: int64(i), tags: owned(fmt.Sprintf("team-%d", i%3))})
	}
	r := of(assets)
	picks, pick := 0, r.Pick
	r.Pick = func(batches iter.Seq[[]int64]) iter.Seq2[[]report.Asset, error] { picks++; return pick(batches) }
	s, err := Divide(r, byOwner())
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	visit := func(again bool) {
		t.Helper()
		clear(counts)
		if err := s.Each(func(name string, r *report.Report) error {
			if name == "team-1" && again {
				return nil // a format that lists no assets
			}
			for range r.Assets() {
				counts[name]++
			}
			if again {
				for range r.Assets() {
					counts[name]++
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	visit(false)
	if want := map[string]int{"team-0": 1667, "team-1": 1667, "team-2": 1666}; picks != 1 || !maps.Equal(counts, want) {
		t.Errorf("%d goes, assets %v, want 1 and %v", picks, counts, want)
	}
	visit(true)
	if want := map[string]int{"team-0": 2 * 1667, "team-2": 2 * 1666}; !maps.Equal(counts, want) {
		t.Errorf("listed twice: %v, want %v", counts, want)
	}
}

func TestErrors(t *testing.T) {
	gone, full := errors.New("store is gone"), errors.New("disk is full")
	r := of([]one{{key: "a", book: inventory.Observed, entity: 1, tags: owned("x")}})
	s, err := Divide(r, byOwner())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Each(func(string, *report.Report) error { return full }); !errors.Is(err, full) {
		t.Errorf("error %v of a visit", err)
	}
	s.report.Pick = func(iter.Seq[[]int64]) iter.Seq2[[]report.Asset, error] {
		return func(yield func([]report.Asset, error) bool) { yield(nil, gone) }
	}
	s.Each(func(_ string, r *report.Report) error {
		for _, err := range r.Assets() {
			if !errors.Is(err, gone) {
				t.Errorf("error %v of a list", err)
			}
		}
		return nil
	})
	r.Assets = func() iter.Seq2[report.Asset, error] {
		return func(yield func(report.Asset, error) bool) { yield(report.Asset{}, gone) }
	}
	if _, err := Divide(r, byOwner()); !errors.Is(err, gone) {
		t.Errorf("error %v of the walk", err)
	}
	var many []one
	for i := range MaxGroups + 1 {
		many = append(many, one{book: inventory.Observed, entity: int64(i), tags: owned(fmt.Sprint(i))})
	}
	if _, err := Divide(of(many), byOwner()); err == nil || !strings.Contains(err.Error(), "10001 groups") {
		t.Errorf("error %v of too many groups", err)
	}
}

// Each part of a report has the groups of its own findings: what is alone in its part has no group there.
func TestCausesArePartsOwn(t *testing.T) {
	r := reporttest.Grouped()
	for i := range r.Findings {
		if f := &r.Findings[i]; len(f.Diff) == 1 && f.Diff[0].Attribute == "InstanceType" {
			f.Owner = map[bool]string{true: "alone", false: "web"}[f.Asset.Name == "web-07"]
		}
	}
	s, err := Divide(r, byOwner())
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	if err := s.Each(func(name string, part *report.Report) error {
		for _, g := range part.Groups {
			if g.Rule == "drift/changed" {
				counts[name] = g.Count
			}
		}
		for _, f := range part.Findings {
			if name == "alone" && f.Group != "" {
				t.Errorf("%s is alone and has the group %s", f.Asset.Key, f.Group)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(counts) != 1 || counts["web"] != 39 {
		t.Errorf("groups of changes %v, want 39 of web", counts)
	}
	if r.Groups[0].Count != 40 {
		t.Errorf("dividing changed the whole report: %d in its first group", r.Groups[0].Count)
	}
}
