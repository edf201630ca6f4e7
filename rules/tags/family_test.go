package tags

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/inherit"
)

const familyPolicy = `version: 1
tags:
  - {id: owner, keys: [owner, team], required: true, values: [payments, search], inherit: [attached-to, account]}
  - {id: optional, keys: [tier], values: [gold], inherit: [attached-to]}
  - {id: canonical, keys: [owner, team], required: true, spelling: canonical, inherit: [attached-to]}
  - {id: one, any_of: [owner, mail], inherit: [attached-to]}
  - {id: every, all_of: [owner, env], inherit: [attached-to]}
  - {id: same, keys: [env], agree_with: [attached-to, member-of]}
  - {id: strict, keys: [env], required: true, values: [dev, prod], agree_with: [attached-to]}
`

// family is a volume, and what it belongs to.
type family struct {
	own    inventory.Tags
	web    *inventory.Tags // of the instance that it is attached to; nil if no source holds it
	second *inventory.Tags // of another instance
	group  *inventory.Tags // of what it is a member of
}

func (f family) check(t testing.TB, id string) rules.Verdict {
	t.Helper()
	const prefix = "arn:aws:ec2:eu-west-1:111122223333:"
	volume := instance(f.own)
	volume.Key, volume.Type, volume.Name = prefix+"volume/vol-1", "AWS::EC2::Volume", "data"
	volume.Relations = []inventory.Relation{{Kind: inventory.AttachedTo, Key: prefix + "instance/i-1"}}
	list := []*inventory.Entry{volume}
	parent := func(key string, kind inventory.RelationKind, tags *inventory.Tags) {
		if tags == nil {
			return
		}
		volume.Relations = inventory.SortRelations(append(volume.Relations, inventory.Relation{Kind: kind, Key: prefix + key}))
		e := instance(*tags)
		e.Key = prefix + key
		list = append(list, e)
	}
	parent("instance/i-1", inventory.AttachedTo, f.web)
	parent("instance/i-2", inventory.AttachedTo, f.second)
	parent("instance/i-3", inventory.MemberOf, f.group)
	policy := mustParse(t, familyPolicy)
	own := Rules(policy, onceCatalog(t), now, nil)
	Inherit(own, indexOf(t, policy, list))
	i := slices.IndexFunc(own, func(r rules.Rule) bool { return r.Meta().ID == "tags/"+id })
	v, err := own[i].Check(t.Context(), observed(volume))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var loadOnce = sync.OnceValues(catalog.Load)

// onceCatalog is for tests that need it many times.
func onceCatalog(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func indexOf(t testing.TB, policy *rules.Policy, list []*inventory.Entry) *inherit.Index {
	t.Helper()
	links, err := link.Build(t.Context(), func(yield func(inventory.Identity, error) bool) {
		for i, e := range list {
			e.ID = int64(i + 1)
			if !yield(inventory.Identity{ID: e.ID, Book: e.Book, Type: e.Type, Key: e.Key, Source: e.Source, Scope: e.Scope}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, vias := Ancestry(policy)
	x := inherit.New(inherit.Inputs{Catalog: onceCatalog(t), Links: links, Keys: keys, Vias: vias})
	for range x.Watch(func(yield func(*inventory.Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}) {
	}
	for _, e := range list {
		x.Add(observed(e))
	}
	return x
}

func TestFamily(t *testing.T) {
	p := func(tags inventory.Tags) *inventory.Tags { return &tags }
	const web = "attached-to arn:aws:ec2:eu-west-1:111122223333:instance/i-1 (web-1)"
	const doubt = `it has no tag "owner" itself, and whether it inherits one cannot be told: `
	noAccount := "account 111122223333: no source holds it"
	tests := []struct {
		name, rule string
		family     family
		want       rules.Outcome
		text       string
	}{
		// What is not known first.
		{"its own tags were not read", "owner", family{own: inventory.UnknownTags(), web: p(known("owner", "payments"))}, rules.Unknown, "its tags could not be read"},
		{"the parent's were not read", "owner", family{own: known(), web: p(inventory.UnknownTags())}, rules.Unknown, doubt + web + ": its tags could not be read"},
		{"no source holds the parent", "owner", family{own: known()}, rules.Unknown, doubt + "attached-to arn:aws:ec2:eu-west-1:111122223333:instance/i-1: no source holds it"},
		{"the next was not read", "owner", family{own: known(), web: p(known())}, rules.Unknown, doubt + noAccount},
		{"the parent's value is not known", "owner", family{own: known(), web: p(withUnknownValue("owner"))}, rules.Unknown, `the value of its tag "owner" is not known`},
		{
			"the parents differ", "owner",
			family{own: known(), web: p(known("owner", "payments")), second: p(known("owner", "search"))},
			rules.Unknown,
			`the value of the tag "owner" that it inherits is not known: arn:aws:ec2:eu-west-1:111122223333:instance/i-1 and arn:aws:ec2:eu-west-1:111122223333:instance/i-2 have different values`,
		},
		{"what is not required, of a parent that was not read", "optional", family{own: known(), web: p(inventory.UnknownTags())}, rules.Unknown, strings.Replace(doubt, "owner", "tier", 1) + web + ": its tags could not be read"},
		{"one of several, of a parent that was not read", "one", family{own: known(), web: p(inventory.UnknownTags())}, rules.Unknown, doubt + web + ": its tags could not be read"},
		{"every one, of a parent that was not read", "every", family{own: known("env", "dev"), web: p(inventory.UnknownTags())}, rules.Unknown, doubt + web + ": its tags could not be read"},
		// What is known.
		{"its own", "owner", family{own: known("team", "payments"), web: p(known("owner", "wrong"))}, rules.Pass, ""},
		{"inherited", "owner", family{own: known(), web: p(known("owner", "payments"))}, rules.Pass, `inherits the tag "owner" with the value "payments", ` + web},
		{"inherited in another spelling", "owner", family{own: known("owner", ""), web: p(known("team", "search"))}, rules.Pass, `inherits the tag "team" with the value "search", ` + web},
		{"inherited and wrong", "owner", family{own: known(), web: p(known("owner", "serch"))}, rules.Fail, `tag "owner" has the value "serch": allowed are payments, search; nearest is "search"; it is inherited, ` + web},
		{"the parent's spelling is no fault of it", "canonical", family{own: known(), web: p(known("team", "search"))}, rules.Pass, `inherits the tag "team" with the value "search", ` + web},
		{"nowhere", "canonical", family{own: known(), web: p(known("env", "dev"))}, rules.Fail, `tag "owner" is missing (also accepted: team); nothing that it belongs to (attached-to) has it`},
		{"not required and nowhere", "optional", family{own: known(), web: p(known())}, rules.NotApplicable, `has no tag "tier"`},
		{"not required, inherited and wrong", "optional", family{own: known(), web: p(known("tier", "tin"))}, rules.Fail, `tag "tier" has the value "tin": allowed is gold; it is inherited, ` + web},
		{"one of several is inherited", "one", family{own: known(), web: p(known("mail", "a@example.com"))}, rules.Pass, `inherits the tag "mail" with the value "a@example.com", ` + web},
		{"one of several is its own", "one", family{own: known("mail", "x"), web: p(inventory.UnknownTags())}, rules.Pass, ""},
		{"every one, some inherited", "every", family{own: known("env", "dev"), web: p(known("owner", "x"))}, rules.Pass, `inherits the tag "owner" with the value "x", ` + web},
		{"every one, and one is nowhere", "every", family{own: known(), web: p(known("owner", "x"))}, rules.Fail, `tag "env" is missing; nothing that it belongs to (attached-to) has it`},
		// Agreement.
		{"it was not read whether they agree", "same", family{own: known("env", "dev"), web: p(inventory.UnknownTags())}, rules.Unknown, web + ": its tags could not be read"},
		{"its own value is not known", "same", family{own: withUnknownValue("env"), web: p(known("env", "dev"))}, rules.Unknown, `the value of its tag "env" is not known`},
		{"the parent's value is not known, to compare with", "same", family{own: known("env", "dev"), web: p(withUnknownValue("env"))}, rules.Unknown, `the value of the tag "env" of arn:aws:ec2:eu-west-1:111122223333:instance/i-1 is not known`},
		{"they agree", "same", family{own: known("env", "dev"), web: p(known("env", "dev"))}, rules.Pass, ""},
		{"they differ", "same", family{own: known("env", "dev"), web: p(known("env", "prod"))}, rules.Fail, `tag "env" has the value "dev", and ` + web + ` has the value "prod"`},
		{"it has none", "same", family{own: known(), web: p(known("env", "prod"))}, rules.NotApplicable, `has no tag "env"`},
		{"the parent has none", "same", family{own: known("env", "dev"), web: p(known())}, rules.NotApplicable, "nothing that it belongs to has the tag"},
		{"one of two agrees", "same", family{own: known("env", "dev"), web: p(known("env", "dev")), second: p(known("env", "prod"))}, rules.Pass, ""},
		{"one of two differs, the other was not read", "same", family{own: known("env", "dev"), web: p(inventory.UnknownTags()), second: p(known("env", "prod"))}, rules.Unknown, web + ": its tags could not be read"},
		{
			"each way counts", "same",
			family{own: known("env", "dev"), web: p(known("env", "dev")), group: p(known("env", "prod"))},
			rules.Fail,
			`tag "env" has the value "dev", and member-of arn:aws:ec2:eu-west-1:111122223333:instance/i-3 (web-1) has the value "prod"`,
		},
		{"one way differs, the other was not read", "same", family{own: known("env", "dev"), web: p(inventory.UnknownTags()), group: p(known("env", "prod"))}, rules.Fail, `tag "env" has the value "dev", and member-of arn:aws:ec2:eu-west-1:111122223333:instance/i-3 (web-1) has the value "prod"`},
		{"a rule that asks more, and nothing to agree with", "strict", family{own: known("env", "dev"), web: p(known())}, rules.Pass, ""},
		{"a wrong value goes before a difference", "strict", family{own: known("env", "x"), web: p(known("env", "prod"))}, rules.Fail, `tag "env" has the value "x": allowed are dev, prod`},
		{"a missing tag goes before what is unknown", "strict", family{own: known(), web: p(inventory.UnknownTags())}, rules.Fail, `tag "env" is missing`},
		{"a credential is not shown", "same", family{own: known("env", "dev"), web: p(known("env", "AKIAIOSFODNN7EXAMPLE"))}, rules.Fail, `tag "env" has the value "dev", and ` + web + ` has a value that is not shown, since it looks like an access key of AWS`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := tt.family.check(t, tt.rule)
			if text := v.Reason + v.Message; v.Outcome != tt.want || text != tt.text {
				t.Errorf("got  %s: %s\nwant %s: %s", v.Outcome, text, tt.want, tt.text)
			}
		})
	}
}

// TestFamilyFix holds what a finding tells to do, and what it rests on.
func TestFamilyFix(t *testing.T) {
	const i1 = "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"
	wrong := known("owner", "serch")
	v := family{own: known(), web: &wrong}.check(t, "owner")
	if want := `correct the tag "owner" of ` + i1 + `, or set it on the asset itself`; v.Fix != want {
		t.Errorf("fix %q, want %q", v.Fix, want)
	}
	if len(v.Evidence) != 2 || v.Evidence[1].Text != `step 1 of the inherited tag "owner": attached-to `+i1+` (web-1), AWS::EC2::Instance` {
		t.Errorf("evidence %v", v.Evidence)
	}
	prod := known("env", "prod")
	v = family{own: known("env", "dev"), web: &prod}.check(t, "same")
	if !strings.HasSuffix(v.Fix, "--tags env=prod") || v.Parts[0] != "env" || v.Evidence[1].Text != `tag "env" of `+i1+`, AWS::EC2::Instance: the value "prod"` {
		t.Errorf("got %+v", v)
	}
	secret := known("env", "AKIAIOSFODNN7EXAMPLE")
	v = family{own: known("env", "dev"), web: &secret}.check(t, "same")
	if strings.Contains(v.Fix+v.Message+v.Evidence[1].Text, "AKIA") || v.Fix != `set the tag "env" to the same value on both` {
		t.Errorf("got %+v", v)
	}
}

// TestFamilyWithoutIndex holds that a rule which nobody gave an index never fails an asset for what it may inherit.
func TestFamilyWithoutIndex(t *testing.T) {
	for _, r := range Rules(mustParse(t, familyPolicy), onceCatalog(t), now, nil) {
		v, err := r.Check(t.Context(), observed(instance(known("tier", "gold", "env", "dev", "note", "x"))))
		if err != nil || v.Outcome == rules.Fail {
			t.Errorf("%s: %s %s, %v", r.Meta().ID, v.Outcome, v.Message, err)
		}
	}
}

// TestFamilyMonotone holds for any tags: reading less never turns a verdict into another than unknown.
func TestFamilyMonotone(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tags := func(label string) inventory.Tags {
			var list []inventory.Tag
			for _, key := range []string{"owner", "team", "env", "mail", "tier"} {
				if v := rapid.SampledFrom([]string{"-", "", "payments", "dev", "gold"}).Draw(rt, label+" "+key); v != "-" {
					list = append(list, inventory.Tag{Key: key, Value: v})
				}
			}
			return inventory.KnownTags(list...)
		}
		web, second := tags("web"), tags("second")
		id := rapid.SampledFrom([]string{"optional", "canonical", "one", "every", "same", "strict"}).Draw(rt, "rule")
		f := family{own: tags("own"), web: &web, second: &second}
		all := f.check(t, id)
		none := inventory.UnknownTags()
		f.second = &none
		if less := f.check(t, id); less.Outcome != all.Outcome && less.Outcome != rules.Unknown {
			rt.Fatalf("%s: %s %s%s, and %s %s%s with less read", id, all.Outcome, all.Message, all.Reason, less.Outcome, less.Message, less.Reason)
		}
	})
}
