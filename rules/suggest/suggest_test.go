package suggest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
)

// thing makes an observed asset.
func thing(name string, change ...func(*inventory.Entry)) *inventory.Entry {
	e := &inventory.Entry{Source: "live", Scope: "s", Asset: inventory.Asset{
		Key: "arn:aws:sqs:eu-west-1:111122223333:" + name, Book: inventory.Observed, Type: "AWS::SQS::Queue", Name: name,
		Account: "111122223333", Region: "eu-west-1", Tags: inventory.KnownTags(),
	}}
	for _, c := range change {
		c(e)
	}
	return e
}

func tagged(pairs ...string) func(*inventory.Entry) {
	return func(e *inventory.Entry) {
		list := slices.Collect(e.Tags.All())
		for i := 0; i+1 < len(pairs); i += 2 {
			list = append(list, inventory.Tag{Key: pairs[i], Value: pairs[i+1]})
		}
		e.Tags = inventory.KnownTags(list...)
	}
}

func in(subnet string) func(*inventory.Entry) {
	return func(e *inventory.Entry) {
		e.Attributes = inventory.KnownAttributes(inventory.Attribute{Name: "SubnetId", Value: inventory.StringValue(subnet)})
	}
}

func hangsOn(name string) func(*inventory.Entry) {
	return func(e *inventory.Entry) {
		e.Relations = []inventory.Relation{{Kind: inventory.AttachedTo, Key: thing(name).Key}}
	}
}

func from(source string) func(*inventory.Entry) {
	return func(e *inventory.Entry) { e.Source = source }
}

func account(id string) func(*inventory.Entry) {
	return func(e *inventory.Entry) { e.Account = id }
}

func unread(e *inventory.Entry)      { e.Tags = inventory.UnknownTags() }
func unconfirmed(e *inventory.Entry) { e.TagsUnconfirmed = true }

func declared(file string) func(*inventory.Entry) {
	return func(e *inventory.Entry) {
		e.Book, e.Source, e.Key, e.Account = inventory.Declared, "infra", file+"#"+e.Name, ""
		e.Origin = inventory.Origin{File: file, Address: e.Name}
	}
}

func twins(n int, prefix string, change ...func(*inventory.Entry)) []*inventory.Entry {
	var list []*inventory.Entry
	for i := range n {
		list = append(list, thing(fmt.Sprintf("%s%c", prefix, 'a'+i), change...))
	}
	return list
}

func index(t testing.TB, entries []*inventory.Entry) *Index {
	t.Helper()
	identities := func(yield func(inventory.Identity, error) bool) {
		for i, e := range entries {
			e.ID = int64(i + 1)
			id := inventory.Identity{
				ID: e.ID, Book: e.Book, Type: e.Type, Key: e.Key, Name: e.Name, Account: e.Account, Region: e.Region, Source: e.Source, Scope: e.Scope,
				Identifiers: []inventory.Identifier{{Kind: inventory.ARN, Value: e.Key}},
			}
			if e.Book == inventory.Declared {
				id.Identifiers = nil
			}
			if !yield(id, nil) {
				return
			}
		}
	}
	links, err := link.Build(t.Context(), identities)
	if err != nil {
		t.Fatal(err)
	}
	p, err := rules.ParsePolicy("p.yaml", []byte("version: 1\ntags:\n  - {id: owner, keys: [owner, Owner], required: true}\n  - {id: env, keys: [env], required: true}\n  - {id: project, keys: [project], required: true}\n"), rules.PolicyEnv{})
	if err != nil {
		t.Fatal(err)
	}
	x := New(links, p)
	for range x.Watch(all(entries)) { //nolint:revive // reading is all
	}
	return x
}

func all(entries []*inventory.Entry) iter.Seq2[*inventory.Entry, error] {
	return func(yield func(*inventory.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestLikely(t *testing.T) {
	web := tagged("owner", "web")
	for _, tt := range []struct {
		name       string
		neighbours []*inventory.Entry
		asset      *inventory.Entry
		key, want  string // "value: agree of all, why"; empty: none
	}{
		{"the same thing above", append(twins(3, "xx", web, hangsOn("root")), thing("root")), thing("q", hangsOn("root")), "owner", "web: 3 of 3 assets that hang on arn:aws:sqs:eu-west-1:111122223333:root too"},
		{"a stack", twins(3, "xx", web, tagged("aws:cloudformation:stack-name", "shop")), thing("q", tagged("aws:cloudformation:stack-name", "shop")), "owner", "web: 3 of 3 assets of the stack shop"},
		{"an application", twins(3, "xx", web, tagged("app", "shop")), thing("q", tagged("app", "shop")), "owner", "web: 3 of 3 assets with the tag app = shop"},
		{"a network", twins(3, "xx", web, in("subnet-1")), thing("q", in("subnet-1")), "owner", "web: 3 of 3 assets in SubnetId subnet-1"},
		{"names", twins(3, "shop-", web), thing("shop-q"), "owner", "web: 3 of 3 assets with names like shop-* in 111122223333"},
		{"an account", twins(5, "xx", web), thing("q"), "owner", "web: 5 of 5 assets in 111122223333"},
		{"an account needs five", twins(4, "xx", web), thing("q"), "owner", ""},
		{"an account needs nine of ten", append(twins(8, "xx", web), twins(2, "yy", tagged("owner", "ops"))...), thing("q"), "owner", ""},
		{"two are too few", twins(2, "shop-", web), thing("shop-q"), "owner", ""},
		{"four of five", append(twins(4, "shop-", web), thing("shop-x", tagged("owner", "ops"))), thing("shop-q"), "owner", "web: 4 of 5 assets with names like shop-* in 111122223333"},
		{"three of four", append(twins(3, "shop-", web), thing("shop-x", tagged("owner", "ops"))), thing("shop-q"), "owner", ""},
		{"its own wrong value is not against it", twins(3, "shop-", web), thing("shop-q", tagged("owner", "wbe")), "owner", "web: 3 of 3 assets with names like shop-* in 111122223333"},
		{"its own value is none for it", append(twins(2, "shop-", web), thing("shop-x")), thing("shop-q", tagged("owner", "web")), "owner", ""},
		{"other spellings count", twins(3, "shop-", tagged("Owner", "web")), thing("shop-q"), "owner", "web: 3 of 3 assets with names like shop-* in 111122223333"},
		{"other tags do not", twins(3, "shop-", tagged("team", "web")), thing("shop-q"), "owner", ""},
		{"those without the tag do not count against it", append(twins(3, "shop-", web), thing("shop-x"), thing("shop-y")), thing("shop-q"), "owner", "web: 3 of 3 assets with names like shop-* in 111122223333"},
		{"unread tags say nothing", twins(3, "shop-", web, unread), thing("shop-q"), "owner", ""},
		{"those of an earlier scan neither", twins(3, "shop-", web, unconfirmed), thing("shop-q"), "owner", ""},
		{"another account", twins(5, "shop-", web, account("444455556666")), thing("shop-q"), "owner", ""},
		{"what the rule does not accept is none", twins(3, "shop-", tagged("owner", "TODO")), thing("shop-q"), "owner", ""},
		{"then the next that is in common", append(twins(3, "shop-", tagged("owner", "TODO"), in("subnet-1")), twins(5, "yy", web, in("subnet-1"))...), thing("shop-q", in("subnet-2")), "owner", ""},
		{"a tag says nothing of itself", twins(5, "xx", tagged("project", "shop"), account("")), thing("q", tagged("project", "shop"), account("")), "project", ""},
		{"one thing in two sources is one", append(twins(2, "shop-", web), twins(2, "shop-", web, from("second"))...), thing("shop-q"), "owner", ""},
		{"a register says nothing", twins(5, "shop-", web, func(e *inventory.Entry) { e.Book = inventory.Recorded }), thing("shop-q"), "owner", ""},
		{"what is declared does not speak for what is seen", twins(5, "shop-", web, func(e *inventory.Entry) { e.Book = inventory.Declared }), thing("shop-q"), "owner", ""},
		{"a file of code", twins(3, "xx", web, declared("main.tf")), thing("q", declared("main.tf")), "owner", "web: 3 of 3 assets in main.tf"},
		{"a tag without a rule", twins(5, "shop-", tagged("other", "x")), thing("shop-q"), "other", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := index(t, append(tt.neighbours, tt.asset))
			s, ok := x.Likely(tt.asset, tt.key, func(v string) bool { return v != "TODO" })
			got := ""
			if ok {
				got = s.Value + ": " + s.Why()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestConfidence(t *testing.T) {
	if got := (Suggestion{Agree: 7, All: 8}).Confidence(); got != 87 {
		t.Errorf("%d", got)
	}
	e := Suggestion{Value: "web", Agree: 95, All: 117, Among: "in x"}.Evidence("owner")
	if want := `suggested value of the tag "owner": "web", which at least 80 % of the assets with the tag in x have`; e.Text != want {
		t.Errorf("%q", e.Text)
	}
}

// TestOrderChangesNothing: a store may give the assets of a book in any order.
func TestOrderChangesNothing(t *testing.T) {
	entries := append(twins(6, "shop-", tagged("owner", "web")), twins(6, "shop-x", tagged("owner", "ops"))...)
	entries = append(entries, thing("shop-q"))
	ask := func() string {
		x := index(t, entries)
		var b strings.Builder
		for _, e := range entries {
			if e.Name == "shop-q" {
				s, ok := x.Likely(e, "owner", func(string) bool { return true })
				fmt.Fprint(&b, s, ok)
			}
		}
		return b.String()
	}
	want := ask()
	for range 5 {
		rand.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		if got := ask(); got != want {
			t.Errorf("%s, then %s", want, got)
		}
	}
}

// BenchmarkIndex tells what noting an asset costs, and what the index holds.
func BenchmarkIndex(b *testing.B) {
	const n = 100_000
	var entries []*inventory.Entry
	for i := range n {
		entries = append(entries, thing(fmt.Sprintf("app%d-web-%d", i%500, i), in(fmt.Sprint("subnet-", i%200)),
			tagged("owner", fmt.Sprint("team-", i%40), "env", "prod", "project", fmt.Sprint("p", i%300))))
	}
	x := index(b, entries)
	b.ReportAllocs()
	for b.Loop() {
		y := &Index{links: x.links, groups: x.groups}
		for range y.Watch(all(entries)) { //nolint:revive // reading is all
		}
		b.ReportMetric(float64(16*y.votes.Len())/n, "index-bytes/asset")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/asset")
}

// TestNamesImplyNothing: a tag with a value for almost each asset is a name, which takes no memory and no neighbour implies.
func TestNamesImplyNothing(t *testing.T) {
	entries := append(twins(4, "q-", in("subnet-1"), tagged("owner", "payments", "env", "prod")), thing("q-z", in("subnet-1")))
	for i := range mostValues + 1 {
		entries = append(entries, thing(fmt.Sprint("other", i), tagged("owner", fmt.Sprint("name-", i))))
	}
	x := index(t, entries)
	fits := func(string) bool { return true }
	if s, ok := x.Likely(entries[4], "owner", fits); ok {
		t.Errorf("%+v is suggested for a tag with %d values", s, mostValues+2)
	}
	if s, ok := x.Likely(entries[4], "env", fits); !ok || s.Value != "prod" {
		t.Errorf("env: %+v, %t, want prod", s, ok)
	}
}
