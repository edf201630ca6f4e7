package rules

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// TestCurrentRules: a rule about what an asset is like now says nothing of one that the scan did not see.
func TestCurrentRules(t *testing.T) {
	list := entities("seen", "unseen", "passing")
	list[0].Observed[0].LastSeen = secondScan
	list[1].Observed[0].LastSeen = firstScan
	list[2].Observed[0].LastSeen = firstScan
	verdicts := map[string]Verdict{"seen": failing("team"), "unseen": failing("team"), "passing": {Outcome: Pass}}
	current := rule("tags/team", verdicts)
	current.meta.Current = true
	before := stored(t, evaluate(t, at(firstScan, rule("tags/team", verdicts)), entities("seen", "unseen"), nil))
	ev := evaluate(t, at(secondScan, current, rule("other", verdicts)), list, before)
	var got []string
	for _, f := range ev.Findings {
		if f.Rule == "tags/team" {
			got = append(got, f.Asset.Key+" "+string(f.State)+map[bool]string{true: " confirmed"}[f.Confirmed])
		}
		if !f.Confirmed && f.LastSeen.Equal(secondScan) {
			t.Errorf("%s was last seen in a scan that did not read it", f.Asset.Key)
		}
	}
	if d := cmp.Diff([]string{"seen open confirmed", "unseen open"}, got); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
	for _, tally := range ev.Tallies {
		if tally.ID == "tags/team" && (tally.Fail != 1 || tally.Unknown != 2 || tally.Pass != 0) {
			t.Errorf("tally %+v", tally)
		}
		if tally.ID == "other" && tally.Unknown != 0 {
			t.Errorf("a rule that asks for itself: %+v", tally)
		}
	}
}

// TestUnconfirmedIsAsked: who knows the scopes decides.
func TestUnconfirmedIsAsked(t *testing.T) {
	current := rule("tags/team", map[string]Verdict{"a": failing()})
	current.meta.Current = true
	e := at(firstScan, current)
	e.Unconfirmed = func(a *inventory.Entry) string { return "the export of " + a.Key + " is stale" }
	list := entities("a")
	list[0].Observed[0].LastSeen = firstScan
	ev := evaluate(t, e, list, nil)
	if len(ev.Findings) != 0 || len(ev.Unknown) != 1 || ev.Unknown[0].Reason != "the export of a is stale" {
		t.Errorf("findings %v, unknown %v", ev.Findings, ev.Unknown)
	}
}

// TestUnreadParts: what of a finding cannot be judged again is neither mended nor, once it can be, new.
func TestUnreadParts(t *testing.T) {
	difference := func(attribute, actual string) Difference {
		return Difference{Attribute: attribute, Declared: "x", Actual: actual}
	}
	verdict := func(unread []string, attributes ...string) Verdict {
		v := failing(attributes...)
		v.Unread = unread
		for _, a := range attributes {
			v.Diff = append(v.Diff, difference(a, "y"))
		}
		return v
	}
	first := verdict(nil, "InstanceType", "tags.owner")
	tests := []struct {
		name   string
		second Verdict
		want   []string
	}{
		{"tags not read", verdict([]string{"tags"}, "InstanceType"), []string{"InstanceType", "tags.owner"}},
		{"one tag not read", verdict([]string{"tags.owner"}, "InstanceType"), []string{"InstanceType", "tags.owner"}},
		{"another tag not read", verdict([]string{"tags.team"}, "InstanceType"), []string{"InstanceType"}},
		{"attributes not read", verdict([]string{"attributes"}, "tags.owner"), []string{"InstanceType", "tags.owner"}},
		{"an attribute not read, and a tag that was never at fault", verdict([]string{"InstanceType", "tags"}, "ImageId"), []string{"ImageId", "InstanceType", "tags.owner"}},
		{"all read", verdict(nil, "InstanceType"), []string{"InstanceType"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changed := func(v Verdict) Rule { return rule("drift/changed", map[string]Verdict{"a": v}) }
			night1 := stored(t, evaluate(t, at(firstScan, changed(first)), entities("a"), nil))
			ev := evaluate(t, at(secondScan, changed(tt.second)), entities("a"), night1)
			f := ev.Findings[0]
			var parts, diff []string
			for _, p := range f.Parts {
				parts = append(parts, p.Name)
			}
			for _, d := range f.Diff {
				diff = append(diff, d.Attribute)
			}
			if d := cmp.Diff(tt.want, parts); d != "" {
				t.Errorf("parts (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.want, diff); d != "" {
				t.Errorf("diff (-want +got):\n%s", d)
			}
			ev = evaluate(t, at(thirdScan, changed(first)), entities("a"), stored(t, ev))
			wantNew := !slices.Contains(tt.want, "tags.owner")
			if got := ev.Findings[0].State == inventory.FindingNew; got != wantNew {
				t.Errorf("in the third scan it is %s", ev.Findings[0].State)
			}
		})
	}
}

// TestSubjectOfSeveral: what one source could not read another may have.
func TestSubjectOfSeveral(t *testing.T) {
	known := inventory.KnownTags()
	seen := func(source, key string, at int, tags inventory.Tags, shallow bool) *inventory.Entry {
		return &inventory.Entry{
			Source: source, LastSeen: firstScan.AddDate(0, 0, at), Asset: inventory.Asset{Key: key, Tags: tags, Shallow: shallow},
		}
	}
	tests := []struct {
		name string
		list []*inventory.Entry
		want string
	}{
		{"the first", []*inventory.Entry{seen("a", "k", 0, known, false), seen("b", "k", 0, known, false)}, "a"},
		{"seen later", []*inventory.Entry{seen("a", "k", 0, known, false), seen("b", "k", 1, inventory.UnknownTags(), true)}, "b"},
		{"tags known", []*inventory.Entry{seen("a", "k", 0, inventory.UnknownTags(), false), seen("b", "k", 0, known, true)}, "b"},
		{"more than name and tags", []*inventory.Entry{seen("a", "k", 0, known, true), seen("b", "k", 0, known, false)}, "b"},
		{"another key is another fingerprint", []*inventory.Entry{seen("a", "k", 0, inventory.UnknownTags(), true), seen("b", "l", 1, known, false)}, "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (&Entity{Observed: tt.list, Declared: []*inventory.Entry{seen("c", "k", 2, known, false)}}).Subject(); got.Source != tt.want {
				t.Errorf("subject of source %s, want %s", got.Source, tt.want)
			}
		})
	}
}

// TestOtherAssets: a rule speaks of the asset that it finds wrong. Where it cannot tell, or that asset was not read, what stood of it stands.
func TestOtherAssets(t *testing.T) {
	pair := func(other string) []*Entity {
		e := entity("thing")
		row := *e.Observed[0]
		row.Key, row.Book, row.Source = "row", inventory.Recorded, other
		e.Recorded = []*inventory.Entry{&row}
		return []*Entity{e}
	}
	about := func(key string, v Verdict) Verdict { v.Asset = &AssetRef{Key: key}; return v }
	mismatch := func(v Verdict) Rule { return rule("records/mismatch", map[string]Verdict{"thing": v}) }
	night1 := stored(t, evaluate(t, at(firstScan, mismatch(about("row", failing("os")))), pair("dc"), nil))
	for _, tt := range []struct {
		name   string
		source string
		second Verdict
		want   []string
	}{
		{"the thing cannot be told", "dc", unread(), []string{"row open"}},
		{"it passes, and the row was not read", "unread", Verdict{Outcome: Pass}, []string{"row open"}},
		{"another fails, and the row was not read", "unread", failing("os"), []string{"row open", "thing new confirmed"}},
		{"it passes", "dc", Verdict{Outcome: Pass}, []string{"row resolved confirmed"}},
		{"another fails", "dc", failing("os"), []string{"row resolved confirmed", "thing new confirmed"}},
		{"it fails again", "dc", about("row", failing("os")), []string{"row open confirmed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := at(secondScan, mismatch(tt.second))
			e.Unconfirmed = func(a *inventory.Entry) string {
				return map[string]string{"unread": "not read"}[a.Source]
			}
			var got []string
			for _, f := range evaluate(t, e, pair(tt.source), night1).Findings {
				got = append(got, f.Asset.Key+" "+string(f.State)+map[bool]string{true: " confirmed"}[f.Confirmed])
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("findings (-want +got):\n%s", d)
			}
		})
	}
}
