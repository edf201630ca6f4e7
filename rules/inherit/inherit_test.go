package inherit

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift/reach"
	"github.com/muster-audit/muster/rules/expr"
)

const (
	account = "111122223333"
	region  = "eu-west-1"
	ec2     = "arn:aws:ec2:" + region + ":" + account + ":"
	group   = "arn:aws:autoscaling:" + region + ":" + account + ":autoScalingGroup:x:autoScalingGroupName/web"
	stack   = "arn:aws:cloudformation:" + region + ":" + account + ":stack/shop/1"
	member  = "arn:aws:organizations::999900001111:account/o-1/" + account
	unitKey = "arn:aws:organizations::999900001111:ou/o-1/ou-1"
)

var night = time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)

type edit func(*inventory.Entry)

func seen(t inventory.Type, key string, edits ...edit) *inventory.Entry {
	e := &inventory.Entry{Source: "aws", Scope: "s", LastSeen: night}
	e.Book, e.Key, e.Type, e.Account, e.Region = inventory.Observed, key, t, account, region
	e.Tags, e.Attributes = inventory.KnownTags(), inventory.KnownAttributes()
	for _, f := range edits {
		f(e)
	}
	return e
}

func tagged(pairs ...string) edit {
	return func(e *inventory.Entry) {
		list := slices.Collect(e.Tags.All())
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, inventory.Tag{Key: pairs[i], Value: pairs[i+1], ValueUnknown: pairs[i+1] == "?"})
		}
		e.Tags = inventory.KnownTags(list...)
	}
}

func unread(e *inventory.Entry) { e.Tags = inventory.UnknownTags() }

func untaggableType(e *inventory.Entry) { e.Tags = inventory.NotTaggable() }

func named(name string) edit { return func(e *inventory.Entry) { e.Name = name } }

func id(value string) edit {
	return func(e *inventory.Entry) {
		e.Identifiers = append(e.Identifiers, inventory.Identifier{Kind: inventory.ResourceID, Value: value})
	}
}

func has(name string, v inventory.Value) edit {
	return func(e *inventory.Entry) {
		e.Attributes = inventory.KnownAttributes(append(slices.Collect(e.Attributes.All()), inventory.Attribute{Name: name, Value: v})...)
	}
}

func is(kind inventory.RelationKind, keys ...string) edit {
	return func(e *inventory.Entry) {
		for _, k := range keys {
			e.Relations = append(e.Relations, inventory.Relation{Kind: kind, Key: k})
		}
		e.Relations = inventory.SortRelations(e.Relations)
	}
}

func declared(e *inventory.Entry) { e.Book, e.Source = inventory.Declared, "code" }

// world is an estate of entries.
type world struct {
	entries []*inventory.Entry
	runs    []inventory.ScopeState
}

func readWhole(types ...string) inventory.ScopeState {
	return inventory.ScopeState{
		Source: inventory.Source{Name: "aws", Book: inventory.Observed}, Scope: inventory.Scope{ID: "s", Covers: inventory.Coverage{Types: types}},
		Run: inventory.ScopeRun{State: inventory.RunOK},
	}
}

func (w world) all(yield func(*inventory.Entry, error) bool) {
	for _, e := range w.entries {
		if !yield(e, nil) {
			return
		}
	}
}

// index makes the index as a check does.
func (w world) index(t testing.TB, keys []string, vias ...rules.Via) *Index {
	t.Helper()
	links, err := link.Build(t.Context(), func(yield func(inventory.Identity, error) bool) {
		for i, e := range w.entries {
			e.ID = int64(i + 1)
			if !yield(inventory.Identity{
				ID: e.ID, Book: e.Book, Type: e.Type, Key: e.Key, Name: e.Name, Account: e.Account, Region: e.Region, Source: e.Source, Scope: e.Scope,
				Identifiers: e.Identifiers,
			}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	in := Inputs{Catalog: mustCatalog(t), Links: links, Keys: keys, Vias: vias}
	if w.runs != nil {
		in.Reach = reach.New(w.runs, night)
	}
	x := New(in)
	for _, err := range x.Watch(w.all) {
		if err != nil {
			t.Fatal(err)
		}
	}
	entities := map[int64]*rules.Entity{}
	for _, e := range w.entries {
		root, _ := links.EntityOf(e.ID)
		if entities[root] == nil {
			entities[root] = &rules.Entity{}
		}
		entities[root].Add(e)
	}
	for _, e := range entities { // in any order, and also what nothing belongs to
		x.Add(e)
	}
	return x
}

var loadCatalog = sync.OnceValues(catalog.Load)

func mustCatalog(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := loadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// text is what was found, in a line.
func text(f Found) string {
	switch {
	case f.State == expr.No:
		return "no"
	case f.State == expr.Unknown:
		return "unknown: " + f.Why
	case f.Tag.ValueUnknown:
		return fmt.Sprintf("%s=? (%s) %s", f.Tag.Key, f.Why, f.Path())
	}
	return fmt.Sprintf("%s=%s %s", f.Tag.Key, f.Tag.Value, f.Path())
}

func instance(edits ...edit) *inventory.Entry {
	return seen("AWS::EC2::Instance", ec2+"instance/i-1", edits...)
}

func volume(edits ...edit) *inventory.Entry {
	return seen("AWS::EC2::Volume", ec2+"volume/vol-1", append([]edit{is(inventory.AttachedTo, ec2+"instance/i-1")}, edits...)...)
}

func all() []rules.Via { return rules.Vias() }

func TestFind(t *testing.T) {
	const onInstance = "attached-to " + ec2 + "instance/i-1"
	accountOf := func(edits ...edit) *inventory.Entry {
		return seen(accountType, member, append([]edit{id(account), func(e *inventory.Entry) { e.Account, e.Region = "999900001111", "global" }}, edits...)...)
	}
	vpc := seen(vpcType, "arn:aws:ec2:"+region+":222233334444:vpc/vpc-1", id("vpc-1"), tagged("owner", "network"))
	subnet := seen(subnetType, ec2+"subnet/subnet-1", id("subnet-1"), has("VpcId", `"vpc-1"`))
	tests := []struct {
		name  string
		via   []rules.Via
		asset *inventory.Entry
		world []*inventory.Entry
		want  string
	}{
		// What is not known first.
		{"tags of the parent were not read", all(), volume(), []*inventory.Entry{instance(unread)}, "unknown: " + onInstance + ": its tags could not be read"},
		{"the parent is in no source", all(), volume(), nil, "unknown: " + onInstance + ": no source holds it"},
		{
			"a later one has it, but the first was not read",
			[]rules.Via{rules.ViaAttachedTo, rules.ViaAccount},
			volume(),
			[]*inventory.Entry{instance(unread), accountOf(tagged("owner", "payments"))},
			"unknown: " + onInstance + ": its tags could not be read",
		},
		{
			"the first has it, and a later was not read",
			[]rules.Via{rules.ViaAccount, rules.ViaAttachedTo},
			volume(),
			[]*inventory.Entry{instance(unread), accountOf(tagged("owner", "payments"))},
			"owner=payments account " + member,
		},
		{"the value of the parent is not known", all(), volume(), []*inventory.Entry{instance(tagged("owner", "?"))}, "owner=? () " + onInstance},
		{
			"two parents differ", all(), volume(is(inventory.AttachedTo, ec2+"instance/i-2")),
			[]*inventory.Entry{instance(tagged("owner", "a")), seen("AWS::EC2::Instance", ec2+"instance/i-2", tagged("owner", "b"))},
			`owner=? (` + ec2 + `instance/i-1 and ` + ec2 + `instance/i-2 have different values) ` + onInstance,
		},
		{
			"one of two was not read", all(), volume(is(inventory.AttachedTo, ec2+"instance/i-2")),
			[]*inventory.Entry{instance(tagged("owner", "a")), seen("AWS::EC2::Instance", ec2+"instance/i-2", unread)},
			"unknown: attached-to " + ec2 + "instance/i-2: its tags could not be read",
		},
		{"no account in the estate", []rules.Via{rules.ViaAccount}, instance(), nil, "unknown: account " + account + ": no source holds it"},
		{"no VPC in the estate", []rules.Via{rules.ViaVPC}, instance(has("SubnetId", `"subnet-1"`)), []*inventory.Entry{subnet}, "unknown: vpc vpc-1: no source holds it"},
		{"no subnet in the estate", []rules.Via{rules.ViaVPC}, instance(has("SubnetId", `"subnet-1"`)), []*inventory.Entry{vpc}, "unknown: vpc ?: no source holds its subnet-1"},
		{"the subnet was not read", []rules.Via{rules.ViaVPC}, instance(), []*inventory.Entry{vpc}, "unknown: vpc ?: its SubnetId could not be read"},
		{
			"known by name and tags only",
			[]rules.Via{rules.ViaMemberOf, rules.ViaAccount},
			instance(func(e *inventory.Entry) { e.Shallow = true }),
			[]*inventory.Entry{accountOf()},
			"unknown: it is known by name and tags only: what it belongs to was not read",
		},
		{
			"known by name and tags only, and something later has it",
			[]rules.Via{rules.ViaMemberOf, rules.ViaAccount},
			instance(func(e *inventory.Entry) { e.Shallow = true }),
			[]*inventory.Entry{accountOf(tagged("owner", "a"))},
			"owner=? (it is known by name and tags only: what it belongs to was not read) account " + member,
		},
		// What is known.
		{"the parent has it", all(), volume(), []*inventory.Entry{instance(tagged("owner", "a"), named("web-1"))}, "owner=a " + onInstance + " (web-1)"},
		{"in another spelling", all(), volume(), []*inventory.Entry{instance(tagged("Owner", "a"))}, "Owner=a " + onInstance},
		{"blank in one spelling", all(), volume(), []*inventory.Entry{instance(tagged("owner", " ", "Owner", "a"))}, "Owner=a " + onInstance},
		{"a value before one that is not known", all(), volume(), []*inventory.Entry{instance(tagged("owner", "?", "Owner", "a"))}, "Owner=a " + onInstance},
		{"the parent lacks it", all()[:5], volume(), []*inventory.Entry{instance(tagged("env", "prod"))}, "no"},
		{"the parent has it blank", all()[:5], volume(), []*inventory.Entry{instance(tagged("owner", " "))}, "no"},
		{"the parent bears no tags", all()[:5], volume(), []*inventory.Entry{instance(untaggableType)}, "no"},
		{"not by that way", []rules.Via{rules.ViaMemberOf}, volume(), []*inventory.Entry{instance(tagged("owner", "a"))}, "no"},
		{"it belongs to nothing", all()[:6], instance(), nil, "no"},
		{
			"over two steps", all(), volume(),
			[]*inventory.Entry{instance(is(inventory.MemberOf, group)), seen("AWS::AutoScaling::AutoScalingGroup", group, tagged("owner", "a"))},
			"owner=a " + onInstance + ", member-of " + group,
		},
		{
			"an earlier way over two steps goes before a later over one",
			[]rules.Via{rules.ViaAttachedTo, rules.ViaMemberOf, rules.ViaAccount},
			volume(),
			[]*inventory.Entry{instance(is(inventory.MemberOf, group)), seen("AWS::AutoScaling::AutoScalingGroup", group, tagged("owner", "a")), accountOf(tagged("owner", "b"))},
			"owner=a " + onInstance + ", member-of " + group,
		},
		{
			"its own stack goes before the account of its parent",
			[]rules.Via{rules.ViaAttachedTo, rules.ViaStack, rules.ViaAccount},
			volume(tagged(stackIDTag, stack)),
			[]*inventory.Entry{instance(), accountOf(tagged("owner", "b")), seen(stackType, stack, tagged("owner", "s"))},
			"owner=s stack " + stack,
		},
		{
			"the stack of a declaration", all(), seen("AWS::SQS::Queue", "t.yaml#Queue", declared, func(e *inventory.Entry) { e.Origin.Lineage = stack }),
			[]*inventory.Entry{seen(stackType, stack, tagged("owner", "s"))},
			"owner=s stack " + stack,
		},
		{
			"what is declared belongs to what is declared", all()[:5], seen("AWS::EC2::Volume", "a.tf#v", declared, is(inventory.AttachedTo, "a.tf#i")),
			[]*inventory.Entry{seen("AWS::EC2::Instance", "a.tf#i", declared, tagged("owner", "d"))},
			"owner=d attached-to a.tf#i",
		},
		{"the VPC of its subnet, shared from another account", all(), instance(has("SubnetId", `"subnet-1"`)), []*inventory.Entry{vpc, subnet}, "owner=network vpc " + vpc.Key},
		{"the VPC of the first of its subnets", []rules.Via{rules.ViaVPC}, seen("AWS::Lambda::Function", "arn:f", has("VpcConfig.SubnetIds", `["subnet-1","subnet-2"]`)), []*inventory.Entry{vpc, subnet}, "owner=network vpc " + vpc.Key},
		{"in no VPC", []rules.Via{rules.ViaVPC}, seen("AWS::S3::Bucket", "arn:aws:s3:::b"), []*inventory.Entry{vpc, subnet}, "no"},
		{
			"the unit of its account",
			[]rules.Via{rules.ViaAccount, rules.ViaMemberOf},
			instance(),
			[]*inventory.Entry{accountOf(is(inventory.MemberOf, unitKey)), seen("AWS::Organizations::OrganizationalUnit", unitKey, tagged("owner", "o"))},
			"owner=o account " + member + ", member-of " + unitKey,
		},
		{
			"the project",
			[]rules.Via{rules.ViaAccount},
			seen("compute.googleapis.com/Disk", "//compute.googleapis.com/projects/acme/zones/z/disks/d", func(e *inventory.Entry) { e.Account = "acme" }),
			[]*inventory.Entry{seen(projectType, "//cloudresourcemanager.googleapis.com/projects/42", has("projectId", `"acme"`), tagged("owner", "p"), func(e *inventory.Entry) { e.Account = "42" })},
			"owner=p account //cloudresourcemanager.googleapis.com/projects/42",
		},
		{"a machine has no account of its own", []rules.Via{rules.ViaAccount}, seen("datacenter/server", "agent/x"), nil, "no"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := world{entries: append([]*inventory.Entry{tt.asset}, tt.world...)}.index(t, []string{"owner", "Owner"}, tt.via...)
			if got := strings.TrimSpace(text(x.Find(tt.asset, tt.via, []string{"owner", "Owner"}))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestGone tells a parent that is not there any more from one that was not read.
func TestGone(t *testing.T) {
	snapshot := seen("AWS::EC2::Snapshot", ec2+"snapshot/snap-1", is(inventory.SnapshotOf, ec2+"volume/vol-9"))
	disk := seen("compute.googleapis.com/Snapshot", "//compute.googleapis.com/projects/acme/global/snapshots/s",
		is(inventory.SnapshotOf, "//compute.googleapis.com/projects/acme/zones/z/disks/d"))
	failed := readWhole("AWS::EC2::Volume", "compute.googleapis.com/Disk")
	failed.Run.State = inventory.RunFailed
	for _, tt := range []struct {
		name string
		runs []inventory.ScopeState
		want expr.Truth
	}{
		{"all volumes were read", []inventory.ScopeState{readWhole("AWS::EC2::Volume", "compute.googleapis.com/Disk")}, expr.No},
		{"reading volumes failed", []inventory.ScopeState{failed}, expr.Unknown},
		{"nobody reads volumes", []inventory.ScopeState{readWhole("AWS::EC2::Snapshot", "compute.googleapis.com/Snapshot")}, expr.Unknown},
	} {
		for _, asset := range []*inventory.Entry{snapshot, disk} {
			x := world{entries: []*inventory.Entry{asset}, runs: tt.runs}.index(t, []string{"owner"}, rules.ViaSnapshotOf)
			if f := x.Find(asset, all(), []string{"owner"}); f.State != tt.want {
				t.Errorf("%s, %s: %s, want %s", tt.name, asset.Type, text(f), tt.want)
			}
			above := x.Above(asset, all(), []string{"owner"})
			if gone := tt.want == expr.No; gone != (len(above) == 0) {
				t.Errorf("%s, %s: above are %v", tt.name, asset.Type, above)
			}
		}
	}
}

// TestUnconfirmed holds that tags of a parent that the last scan did not see prove nothing.
func TestUnconfirmed(t *testing.T) {
	failed := readWhole("*")
	failed.Run.State, failed.Run.Reason = inventory.RunFailed, inventory.ReasonDenied
	asset := volume()
	for _, tags := range []edit{tagged("owner", "a"), tagged()} {
		x := world{entries: []*inventory.Entry{asset, instance(tags)}, runs: []inventory.ScopeState{failed}}.index(t, []string{"owner"}, all()...)
		want := "unknown: attached-to " + ec2 + "instance/i-1: aws s was not read whole: failed (denied)"
		if got := text(x.Find(asset, all(), []string{"owner"})); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAbove(t *testing.T) {
	asset := volume(is(inventory.AttachedTo, ec2+"instance/i-2", ec2+"volume/vol-1"), is(inventory.MemberOf, group))
	x := world{entries: []*inventory.Entry{
		asset, instance(tagged("env", "prod")), seen("AWS::AutoScaling::AutoScalingGroup", group, tagged("env", "dev")),
	}}.index(t, []string{"env"}, all()...)
	got := x.Above(asset, []rules.Via{rules.ViaAttachedTo}, []string{"env"})
	if len(got) != 2 || got[0].State != expr.Yes || got[0].Tag.Value != "prod" || got[1].State != expr.Unknown || got[1].Why != "no source holds it" {
		t.Errorf("got %+v", got)
	}
}

// TestBounds holds that no shape of an estate takes long, and that what nobody looked at is unknown.
func TestBounds(t *testing.T) {
	var entries []*inventory.Entry
	node := func(i int) string { return fmt.Sprintf("%sinstance/i-%d", ec2, i) }
	for i := range 12 { // a chain, and its end has the tag
		e := seen("AWS::EC2::Instance", node(i), is(inventory.PartOf, node(i+1)))
		if i == 11 {
			e = seen("AWS::EC2::Instance", node(i), tagged("owner", "far"))
		}
		entries = append(entries, e)
	}
	x := world{entries: entries}.index(t, []string{"owner"}, all()...)
	if f := x.Find(entries[3], all()[:5], []string{"owner"}); f.Tag.Value != "far" || len(f.Chain) != maxDepth {
		t.Errorf("8 steps: %s", text(f))
	}
	if f := x.Find(entries[2], all()[:5], []string{"owner"}); f.State != expr.Unknown {
		t.Errorf("9 steps: %s, want unknown", text(f))
	}
	many := seen("AWS::EC2::Instance", ec2+"instance/i-many")
	entries = []*inventory.Entry{many}
	for i := range maxVisits + 2 {
		is(inventory.PartOf, node(i))(many)
		entries = append(entries, seen("AWS::EC2::Instance", node(i)))
	}
	low := seen("AWS::EC2::Instance", ec2+"instance/i-low", is(inventory.PartOf, many.Key))
	x = world{entries: append(entries, low)}.index(t, []string{"owner"}, all()...)
	for _, e := range []*inventory.Entry{many, low} {
		if f := x.Find(e, all()[:5], []string{"owner"}); f.State != expr.Unknown {
			t.Errorf("%s: %s, want unknown", e.Key, text(f))
		}
	}
}

// TestRings holds on estates of any shape: the search ends, a chain begins at the asset, follows relations, visits nothing twice and ends
// at a thing with the tag; no order of the estate changes the answer; and where nothing has the tag it is never found.
func TestRings(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(rt, "things")
		key := func(i int) string { return fmt.Sprintf("%sinstance/i-%d", ec2, i) }
		kinds := []inventory.RelationKind{inventory.PartOf, inventory.MemberOf, inventory.AttachedTo}
		var entries []*inventory.Entry
		any := false
		for i := range n {
			e := seen("AWS::EC2::Instance", key(i))
			for range rapid.IntRange(0, 3).Draw(rt, "relations") {
				is(rapid.SampledFrom(kinds).Draw(rt, "kind"), key(rapid.IntRange(0, n-1).Draw(rt, "to")))(e)
			}
			if i > 0 && rapid.Bool().Draw(rt, "tagged") {
				any = true
				tagged("owner", rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "value"))(e)
			}
			entries = append(entries, e)
		}
		via := rapid.Permutation([]rules.Via{rules.ViaPartOf, rules.ViaMemberOf, rules.ViaAttachedTo}).Draw(rt, "via")
		f := world{entries: entries}.index(t, []string{"owner"}, via...).Find(entries[0], via, []string{"owner"})
		shuffled := rapid.Permutation(entries).Draw(rt, "order")
		if other := (world{entries: shuffled}).index(t, []string{"owner"}, via...).Find(entries[0], via, []string{"owner"}); text(other) != text(f) {
			rt.Fatalf("in another order: %s, before %s", text(other), text(f))
		}
		if f.State == expr.Unknown || f.State == expr.Yes && !any {
			rt.Fatalf("found %s", text(f))
		}
		checkChain(rt, entries, f)
	})
}

func checkChain(t *rapid.T, entries []*inventory.Entry, f Found) {
	at, visited := entries[0], map[string]bool{entries[0].Key: true}
	for _, s := range f.Chain {
		if visited[s.Key] || !slices.Contains(at.Relations, inventory.Relation{Kind: inventory.RelationKind(s.Via), Key: s.Key}) {
			t.Fatalf("no way from %s to %s", at.Key, s)
		}
		visited[s.Key] = true
		at = entries[slices.IndexFunc(entries, func(e *inventory.Entry) bool { return e.Key == s.Key })]
	}
	if tag, ok := at.Tags.Get("owner"); f.State == expr.Yes && (!ok || !f.Tag.ValueUnknown && tag.Value != f.Tag.Value) {
		t.Fatalf("%s does not have %+v", at.Key, f.Tag)
	}
}
