package tags

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

func turnedOn(t testing.TB, builtin string, providers ...string) rules.Rule {
	t.Helper()
	return BuiltinRules(mustParse(t, "version: 1\nbuiltin: "+builtin+"\n"), mustCatalog(t), now, nil, providers)[0]
}

func disk(tags inventory.Tags) *inventory.Entry {
	e := instance(tags)
	e.Type, e.Key, e.Account, e.Zone = "compute.googleapis.com/Disk", "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/disks/d", "acme-prod", "europe-west1-b"
	return e
}

// planned is what code says of an asset.
func planned(e *inventory.Entry) *rules.Entity {
	e.Book, e.Origin = inventory.Declared, inventory.Origin{File: "main.tf", Line: 12, Address: "aws_instance.web", Layer: inventory.LayerCode}
	return &rules.Entity{Declared: []*inventory.Entry{e}}
}

func tags(n int) inventory.Tags {
	list := []inventory.Tag{{Key: "aws:cloudformation:stack-name", Value: "x"}}
	for i := range n {
		list = append(list, inventory.Tag{Key: fmt.Sprintf("key-%02d", i), Value: "x"})
	}
	return inventory.KnownTags(list...)
}

func TestBuiltinRules(t *testing.T) {
	long := strings.Repeat("k", 129)
	tests := []struct {
		name, builtin string
		entity        *rules.Entity
		want          rules.Outcome
		text          string // message or reason
		fix           string
	}{
		{"case", `[tags/duplicate-case]`, observed(instance(known("Env", "a", "Name", "x"))), rules.Pass, "", ""},
		{"case twice", `[tags/duplicate-case]`, observed(instance(known("Env", "a", "env", "b", "ENV", "a"))), rules.Fail, `tags "ENV", "Env", "env" differ only in case, and have different values`, `keep one of the tags "ENV", "Env", "env"`},
		{"case twice, with a value not known", `[tags/duplicate-case]`, observed(instance(withUnknownValue("Env", "env", "b"))), rules.Fail, `tags "Env", "env" differ only in case`, "keep one"},
		{"white space", `[tags/whitespace]`, observed(instance(known("cost center", "a b", "x", ""))), rules.Pass, "", ""},
		{"around a key", `[tags/whitespace]`, observed(instance(known("owner ", "a"))), rules.Fail, `the key "owner " has white space around it; nearest is "owner"`, "untag-resources"},
		{"around a key, the right one taken", `[tags/whitespace]`, observed(instance(known("owner ", "a", "owner", "b"))), rules.Fail, `the key "owner " has white space around it; nearest is "owner"`, `rename or remove the tag "owner "`},
		{"twice in a value", `[tags/whitespace]`, observed(instance(known("team", "a  b"))), rules.Fail, `tag "team" has the value "a  b", which has several spaces in a row; nearest is "a b"`, `a b`},
		{"a line end", `[tags/whitespace]`, observed(instance(known("team", "a\nb"))), rules.Fail, `tag "team" has the value "a\nb", which holds white space that is no plain space (U+000A); nearest is "a b"`, ""},
		{"a space that does not break", `[tags/whitespace]`, observed(instance(known("team", "a\u00a0b"))), rules.Fail, `tag "team" has the value "a\u00a0b", which holds white space that is no plain space (U+00A0); nearest is "a b"`, ""},
		{"nothing else", `[tags/whitespace]`, observed(instance(known("team", " "))), rules.Fail, `tag "team" has the value " ", which is nothing but white space`, `write the value of the tag "team" anew`},
		{"a value not known", `[tags/whitespace]`, observed(instance(withUnknownValue("team"))), rules.Unknown, `the value of its tag "team" is not known`, ""},
		{"a wrong key, a value not known", `[tags/whitespace]`, observed(instance(withUnknownValue("team "))), rules.Fail, `the key "team " has white space around it; nearest is "team"`, `rename the tag "team " to "team"`},
		{"look-alike key", `[tags/look-alike]`, observed(instance(known("оwner", "x"))), rules.Fail, `the key "оwner" holds 'о' (U+043E, Cyrillic), which looks like 'o'; nearest is "owner"`, "--tags owner=x"},
		{"look-alike value in code", `[tags/look-alike]`, planned(instance(known("team", "pay\u200bments"))), rules.Fail, `tag "team" has the value "pay\u200bments", which holds a character that is not seen (U+200B); nearest is "payments"`, `set the tag "team" to "payments" in main.tf:12 (aws_instance.web)`},
		{"no look-alike", `[tags/look-alike]`, observed(instance(known("владелец", "München"))), rules.Pass, "", ""},
		{"reserved on its own", `[tags/reserved-prefix]`, observed(instance(known("aws:cloudformation:stack-name", "x"))), rules.Pass, "", ""},
		{"reserved in code", `[tags/reserved-prefix]`, planned(instance(known("AWS:team", "x"))), rules.Fail, `the key "AWS:team" begins with what aws keeps for itself`, `rename the tag "AWS:team" in main.tf:12`},
		{"reserved elsewhere", `[tags/reserved-prefix]`, observed(instance(known("goog-team", "x"))), rules.Fail, `the key "goog-team" begins with what gcp keeps for itself`, ""},
		{"what Terraform writes", `[tags/reserved-prefix]`, planned(disk(known("goog-terraform-provisioned", "true"))), rules.Pass, "", ""},
		{"within limits", `[tags/limits]`, observed(instance(tags(50))), rules.Pass, "", ""},
		{"over the limit", `[tags/limits]`, planned(instance(tags(51))), rules.Fail, "has 51 tags: at most 50 are allowed", "remove tags that nobody uses in main.tf:12"},
		{"no head-room", `{tags/limits: {headroom: 5}}`, observed(instance(tags(47))), rules.Fail, "has 47 tags of at most 50: there is room for 3 more, and 5 should be", "remove tags that nobody uses"},
		{"head-room", `{tags/limits: {headroom: 5}}`, observed(instance(tags(45))), rules.Pass, "", ""},
		{"long key", `[tags/limits]`, planned(instance(known(long, "x"))), rules.Fail, fmt.Sprintf("the key %q has 129 characters of at most 128", long[:64]+"…"), ""},
		{"long value", `[tags/limits]`, planned(instance(known("a", long+long))), rules.Fail, `the value of the tag "a" has 258 characters of at most 256`, ""},
		{"capital letter on Google", `[tags/limits]`, planned(disk(known("Owner", "x"))), rules.Fail, `the key "Owner" holds the capital letter 'O'`, ""},
		{"sign on Google", `[tags/limits]`, planned(disk(known("owner", "a b"))), rules.Fail, `the value of the tag "owner" holds the character ' ': only letters, digits, "_" and "-" may stand there`, ""},
		{"digit first on Google", `[tags/limits]`, planned(disk(known("1st", "1"))), rules.Fail, `the key "1st" does not begin with a letter`, ""},
		{"bytes on Google", `[tags/limits]`, planned(disk(known("owner", strings.Repeat("語", 50)))), rules.Fail, `the value of the tag "owner" has 150 bytes of at most 128`, ""},
		{"letters of the world on Google", `[tags/limits]`, planned(disk(known("größe", "日本"))), rules.Pass, "", ""},
		{"limits, a value not known", `[tags/limits]`, planned(instance(withUnknownValue("team"))), rules.Unknown, `the value of its tag "team" is not known`, ""},
		{"no limits of a server", `[tags/limits]`, &rules.Entity{Recorded: []*inventory.Entry{registerRow(1, "netbox", known("a", "b"))}}, rules.NotApplicable, "no limits of its tags are known", ""},
		{"portable", `[tags/portable]`, observed(instance(known("cost-center", "cc-1"))), rules.Pass, "", ""},
		{"not portable", `[tags/portable]`, observed(instance(known("CostCenter", "a@b"))), rules.Fail, `the key "CostCenter" is not legal on gcp: it holds the capital letter 'C'; nearest is "costcenter"; the value of the tag "CostCenter" is not legal on gcp: it holds the character '@': only letters, digits, "_" and "-" may stand there; nearest is "a-b"`, `rename the tag "CostCenter"; write the value of the tag "CostCenter" anew`},
		{"reserved tags need not be", `[tags/portable]`, observed(instance(known("aws:cloudformation:stack-name", "A"))), rules.Pass, "", ""},
		{"portable, a value not known", `[tags/portable]`, observed(instance(withUnknownValue("team"))), rules.Unknown, `the value of its tag "team" is not known`, ""},
		{"condition", `{tags/limits: {when: 'asset.region == "x"'}}`, planned(instance(tags(51))), rules.NotApplicable, "the rule's condition does not hold", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := judgeBy(t, turnedOn(t, tt.builtin, "aws", "gcp"), tt.entity)
			if v.Outcome != tt.want || v.Message+v.Reason != tt.text || !strings.Contains(v.Fix, tt.fix) {
				t.Errorf("%s\n got %s\nwant %s\n fix %s", v.Outcome, v.Message+v.Reason, tt.text, v.Fix)
			}
		})
	}
}

func TestBuiltinRulesOnUnknownTags(t *testing.T) {
	for _, o := range rules.OptionalRules() {
		p := mustParse(t, "version: 1\nbuiltin: ["+o.ID+"]\n")
		for _, r := range BuiltinRules(p, mustCatalog(t), now, nil, []string{"aws", "gcp"}) {
			if v := judgeBy(t, r, observed(instance(inventory.UnknownTags()))); v.Outcome != rules.Unknown {
				t.Errorf("%s: unknown tags: %s", o.ID, v.Outcome)
			}
			if v := judgeBy(t, r, observed(instance(inventory.NotTaggable()))); v.Outcome != rules.NotApplicable {
				t.Errorf("%s: not taggable: %s", o.ID, v.Outcome)
			}
			if m := r.Meta(); m.ID != o.ID || m.Title == "" || m.Help == "" || m.Severity != o.Severity {
				t.Errorf("%s: %+v", o.ID, m)
			}
		}
	}
}

func TestOneProviderNeedsNoPortableTags(t *testing.T) {
	v := judgeBy(t, turnedOn(t, "[tags/portable]", "aws", "datacenter"), observed(instance(known("Owner", "x"))))
	if v.Outcome != rules.NotApplicable || v.Reason != "fewer than two providers with limits are in use" {
		t.Errorf("%s (%s)", v.Outcome, v.Reason)
	}
}

func TestPortableOnAWSFromGoogle(t *testing.T) {
	v := judgeBy(t, turnedOn(t, "[tags/portable]", "aws", "gcp"), planned(disk(known("größe", "日本"))))
	if v.Outcome != rules.Pass {
		t.Errorf("%s (%s)", v.Outcome, v.Message)
	}
}

func TestProvidersInUse(t *testing.T) {
	scope := func(collector string, types ...string) inventory.ScopeState {
		return inventory.ScopeState{Source: inventory.Source{Collector: collector}, Scope: inventory.Scope{Covers: inventory.Coverage{Types: types}}}
	}
	derived := inventory.ScopeState{
		Source: inventory.Source{Collector: "terraform"}, Held: []inventory.TypeAccount{{Type: "compute.googleapis.com/Disk"}, {Type: "terraform/null_resource"}},
	}
	for _, tt := range []struct {
		scopes []inventory.ScopeState
		want   []string
	}{
		{nil, nil},
		{[]inventory.ScopeState{scope("aws")}, []string{"aws"}},
		{[]inventory.ScopeState{scope("exec", "AWS::EC2::*", "compute.googleapis.com/*")}, []string{"aws", "gcp"}},
		{[]inventory.ScopeState{scope("cloudformation"), derived, scope("exec", "*")}, []string{"aws", "gcp", "terraform"}},
	} {
		got := slices.DeleteFunc(Providers(tt.scopes), func(p string) bool { return p == "datacenter" })
		if len(tt.want) == 3 {
			got = slices.Compact(got)
		}
		if d := cmp.Diff(tt.want, got); d != "" && len(tt.want)+len(got) > 0 {
			t.Error(d)
		}
	}
}

func TestLookAlike(t *testing.T) {
	if len([]rune(foreignLetters)) != len(latinTwins) {
		t.Fatal("letters and twins differ in number")
	}
	for _, s := range []string{
		"", "owner", "a b", "naïve", "Straße", "владелец", "рост", "срс", "日本語", "AWS環境", "ＡＷＳ環境", "λ-prod", "kΩ", "µs", "TNFα", "Ελλάδα", "한국", "Ωmega",
		"می\u200cخواهم", "क्\u200dष", "❤\ufe0f", "👩\u200d💻", "🏴\U000E0067\U000E0062\U000E007F", "1\ufe0f", "dev-среда",
	} {
		if o := lookAlike(s); o != nil {
			t.Errorf("%q %s", s, o.text)
		}
	}
	for s, near := range map[string]string{
		"оwner": "owner", "раyments": "payments", "Сервиc": "", "ｏｗｎｅｒ": "owner", "𝐨𝐰𝐧𝐞𝐫": "owner", "οwner": "owner",
		"own\u200ber": "owner", "\u202eprod": "prod", "\ufeffprod": "prod", "prod\u00ad": "prod", "a\u2066b": "ab", "prod\u200d": "prod", "a\ufe0fb": "ab", "x\u3164": "x", "a\x00b": "ab", "\u2800": "",
	} {
		o := lookAlike(s)
		if o == nil {
			t.Errorf("%q is let pass", s)
		} else if o.near != near {
			t.Errorf("%q: nearest %q, want %q", s, o.near, near)
		}
	}
}

func FuzzCharacters(f *testing.F) {
	for _, s := range []string{"", "оwner", "\u202e", "a\ufe0f", "\xff", "ｏ ｗ", "🏴\U000E0067"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if o := lookAlike(s); o != nil && o.near != "" && lookAlike(o.near) != nil {
			t.Errorf("%q: the nearest %q is a look-alike too", s, o.near)
		}
		if o := blanks(s); o != nil && o.near != "" && blanks(o.near) != nil {
			t.Errorf("%q: the nearest %q has white space too", s, o.near)
		}
	})
}
