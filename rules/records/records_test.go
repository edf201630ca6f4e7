package records

import (
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
)

const (
	ec2     = inventory.Type("AWS::EC2::Instance")
	server  = inventory.Type("datacenter/server")
	vm      = inventory.Type("datacenter/vm")
	account = "111122223333"
	arnA    = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0aaaaaaaaaaaaaaaa"
	arnB    = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0bbbbbbbbbbbbbbbb"
)

var night = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)

type edit func(*inventory.Entry)

func entry(book inventory.Book, source, key string, t inventory.Type, edits ...edit) *inventory.Entry {
	e := &inventory.Entry{Source: source, Scope: "s", LastSeen: night}
	e.Book, e.Key, e.Type = book, key, t
	e.Tags, e.Attributes = inventory.KnownTags(), inventory.KnownAttributes()
	for _, f := range edits {
		f(e)
	}
	return e
}

func seen(key string, edits ...edit) *inventory.Entry {
	return entry(inventory.Observed, "aws", key, ec2, append([]edit{in(account, "eu-west-1")}, edits...)...)
}

func row(key string, t inventory.Type, edits ...edit) *inventory.Entry {
	return entry(inventory.Recorded, "dc", key, t, edits...)
}

func in(account, region string) edit {
	return func(e *inventory.Entry) { e.Account, e.Region = account, region }
}

func id(kind inventory.IdentifierKind, value string) edit {
	return func(e *inventory.Entry) {
		e.Identifiers = inventory.SortIdentifiers(append(e.Identifiers, inventory.Identifier{Kind: kind, Value: value}))
	}
}

func named(name string) edit { return func(e *inventory.Entry) { e.Name = name } }

func stage(l inventory.Lifecycle) edit { return func(e *inventory.Entry) { e.Lifecycle = l } }

func has(name string, v inventory.Value) edit {
	return func(e *inventory.Entry) {
		e.Attributes = inventory.KnownAttributes(append(collect(e.Attributes.All()), inventory.Attribute{Name: name, Value: v})...)
	}
}

func collect(seq iter.Seq[inventory.Attribute]) []inventory.Attribute {
	var out []inventory.Attribute
	for a := range seq {
		out = append(out, a)
	}
	return out
}

func scope(book inventory.Book, source string, state inventory.RunState, c inventory.Coverage) inventory.ScopeState {
	s := inventory.ScopeState{
		Source: inventory.Source{Name: source, Collector: "exec", Book: book}, Scope: inventory.Scope{ID: "s", Covers: c},
		Run: inventory.ScopeRun{Source: source, Scope: "s", State: state},
	}
	if state == inventory.RunOK {
		s.LastOK = night
	} else {
		s.Run.Reason = inventory.ReasonDenied
	}
	return s
}

var (
	cloud    = inventory.Coverage{Types: []string{"AWS::*"}, Accounts: []string{account}}
	anything = inventory.Coverage{Derived: true}
)

func scopes(observed, recorded inventory.RunState) []inventory.ScopeState {
	return []inventory.ScopeState{
		scope(inventory.Observed, "aws", observed, cloud), scope(inventory.Recorded, "dc", recorded, anything),
		scope(inventory.Declared, "infra", inventory.RunOK, inventory.Coverage{}),
	}
}

// theCatalog is read once for all tests.
var theCatalog = sync.OnceValues(catalog.Load)

func inputs(t testing.TB, entries []*inventory.Entry, scopes []inventory.ScopeState) Inputs {
	t.Helper()
	links, err := link.Build(t.Context(), func(yield func(inventory.Identity, error) bool) {
		for i, e := range entries {
			e.ID = int64(i + 1)
			if !yield(inventory.Identity{
				ID: e.ID, Book: e.Book, Type: e.Type, Key: e.Key, Name: e.Name, Account: e.Account, Region: e.Region,
				Source: e.Source, Lifecycle: e.Lifecycle, Identifiers: e.Identifiers,
			}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := theCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return Inputs{Catalog: c, Scopes: scopes, Links: links, Started: night}
}

// audit returns the verdicts of one rule that are not silent, as "outcome key: text".
func audit(t testing.TB, rule string, entries []*inventory.Entry, scopes []inventory.ScopeState) []string {
	t.Helper()
	input := inputs(t, entries, scopes)
	var out []string
	for members := range input.Links.Entities() {
		e := &rules.Entity{}
		for _, id := range members {
			a := entries[id-1]
			switch a.Book {
			case inventory.Observed:
				e.Observed = append(e.Observed, a)
			case inventory.Declared:
				e.Declared = append(e.Declared, a)
			case inventory.Recorded:
				e.Recorded = append(e.Recorded, a)
			}
		}
		for _, r := range Rules(input) {
			v, err := r.Check(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			if r.Meta().ID == rule && v.Outcome != rules.NotApplicable {
				out = append(out, line(v))
			}
		}
	}
	return out
}

func line(v rules.Verdict) string {
	s := v.Outcome.String() + " " + v.Asset.Key
	if text := v.Reason + v.Message; text != "" {
		s += ": " + text
	}
	return s
}

type test struct {
	name    string
	entries []*inventory.Entry
	scopes  []inventory.ScopeState
	want    []string
}

func run(t *testing.T, rule string, tests []test) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, audit(t, rule, tt.entries, tt.scopes)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", rule, diff)
			}
		})
	}
}

var allRead = scopes(inventory.RunOK, inventory.RunOK)

// someRegions are the scopes of a source that is limited to a region.
var someRegions = append([]inventory.ScopeState{scope(inventory.Observed, "aws", inventory.RunOK, inventory.Coverage{
	Types: []string{"AWS::*"}, Accounts: []string{account}, Regions: []string{"eu-west-1"}, OtherRegions: true,
})}, allRead[1:]...)

func TestGhost(t *testing.T) {
	run(t, "records/ghost", []test{
		{
			"unknown: observed scope failed",
			[]*inventory.Entry{row(arnA, ec2, in(account, "eu-west-1"))},
			scopes(inventory.RunFailed, inventory.RunOK),
			[]string{"unknown " + arnA + ": aws s was not read whole: failed (denied)"},
		},
		{
			"unknown: seen earlier only",
			[]*inventory.Entry{row(arnA, ec2), seen(arnA)},
			scopes(inventory.RunFailed, inventory.RunOK),
			[]string{"unknown " + arnA + ": aws s was not read whole: failed (denied)"},
		},
		{
			"unknown: the export was not read",
			[]*inventory.Entry{row(arnA, ec2)},
			scopes(inventory.RunOK, inventory.RunFailed),
			[]string{"unknown " + arnA + ": dc s was not read whole: failed (denied)"},
		},
		{
			"unknown: nothing to recognise it by",
			[]*inventory.Entry{row("SRV-1", ec2, named("web"), id(inventory.Hostname, "web"))},
			allRead,
			[]string{"unknown SRV-1: the row holds no identifier by which the thing could be recognised"},
		},
		{
			"unknown: a serial number that nobody set",
			[]*inventory.Entry{row("SRV-1", ec2, id(inventory.Serial, "To be filled by O.E.M."))},
			allRead,
			[]string{"unknown SRV-1: the row holds no identifier by which the thing could be recognised"},
		},
		{"one machine as the guest's server and the host's instance", []*inventory.Entry{
			row("SRV-1", server, id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")), row("SRV-2", vm, id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")), seen(arnA),
		}, allRead, []string{"pass SRV-1"}},
		{"unknown: two rows with one instance id", []*inventory.Entry{
			row("SRV-1", vm, id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")), row("SRV-2", vm, id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")), seen(arnA),
		}, allRead, []string{
			"unknown SRV-1: it shares an identifier with something observed, and that identifier is not unique: muster why tells which",
			"unknown SRV-2: it shares an identifier with something observed, and that identifier is not unique: muster why tells which",
		}},
		{"a kind that nobody observes", []*inventory.Entry{row("SRV-1", server, id(inventory.Serial, "FZ22YQ1"))}, allRead, nil},
		{"an account that nobody reads", []*inventory.Entry{row(arnA, ec2, in("444455556666", "eu-west-1"))}, allRead, nil},
		{"there", []*inventory.Entry{row(arnA, ec2), seen(arnA)}, allRead, []string{"pass " + arnA}},
		{
			"ghost",
			[]*inventory.Entry{row(arnA, ec2, in(account, "eu-west-1"), named("web"))},
			allRead,
			[]string{"fail " + arnA + ": dc lists web, and it is not there"},
		},
		{
			"ghost by instance id of a row of its own type",
			[]*inventory.Entry{row("SRV-1", vm, id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa"), in("production", "Ireland"))},
			allRead,
			[]string{"fail SRV-1: dc lists SRV-1, and it is not there"},
		},
		{
			"unknown: it may be in a region that is not read",
			[]*inventory.Entry{row("SRV-1", vm, id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa"), in("production", "Ireland"))},
			someRegions,
			[]string{"unknown SRV-1: its region is not known, and aws reads some regions only"},
		},
		{
			"ghost in a region that is read",
			[]*inventory.Entry{row("SRV-1", vm, id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa"), in(account, "eu-west-1"))},
			someRegions,
			[]string{"fail SRV-1: dc lists SRV-1, and it is not there"},
		},
		{
			"declared all the same",
			[]*inventory.Entry{row(arnA, ec2), entry(inventory.Declared, "infra", arnA, ec2)},
			allRead,
			[]string{"fail " + arnA + ": dc lists " + arnA + ", and it is not there"},
		},
		{"retired", []*inventory.Entry{row(arnA, ec2, stage(inventory.LifecycleRetired))}, allRead, nil},
		{"planned", []*inventory.Entry{row(arnA, ec2, stage(inventory.LifecyclePlanned))}, allRead, nil},
	})
}

func TestLifecycle(t *testing.T) {
	retired := stage(inventory.LifecycleRetired)
	run(t, "records/lifecycle", []test{
		{
			"unknown: observed scope failed",
			[]*inventory.Entry{row(arnA, ec2, retired), seen(arnA)},
			scopes(inventory.RunFailed, inventory.RunOK),
			[]string{"unknown " + arnA + ": aws s was not read whole: failed (denied)"},
		},
		{
			"retired and there",
			[]*inventory.Entry{row(arnA, ec2, retired), seen(arnA)},
			allRead,
			[]string{"fail " + arnA + ": dc calls " + arnA + " retired, and it is there"},
		},
		{"retired and gone", []*inventory.Entry{row(arnA, ec2, retired)}, allRead, []string{"pass " + arnA}},
		{"in use", []*inventory.Entry{row(arnA, ec2, stage(inventory.LifecycleActive)), seen(arnA)}, allRead, nil},
	})
}

func TestUnrecorded(t *testing.T) {
	linked := []*inventory.Entry{row("SRV-1", vm, id(inventory.ARN, arnA)), seen(arnA)}
	held := scopes(inventory.RunOK, inventory.RunOK)
	held[1].Held = []inventory.TypeAccount{{Type: ec2, Account: account}}
	explicit := append(scopes(inventory.RunOK, inventory.RunOK)[:1], scope(inventory.Recorded, "dc", inventory.RunOK, inventory.Coverage{Types: []string{"AWS::EC2::*"}}))
	everything := append(scopes(inventory.RunOK, inventory.RunOK)[:1], scope(inventory.Recorded, "dc", inventory.RunOK, inventory.Coverage{}))
	hardwareOnly := append(scopes(inventory.RunOK, inventory.RunOK)[:1], scope(inventory.Recorded, "dc", inventory.RunOK, inventory.Coverage{Types: []string{"datacenter/*"}}))
	message := ": no register has a row of it, and dc keeps such things"
	run(t, "records/unrecorded", []test{
		{
			"unknown: the export was not read", append(linked[:2:2], seen(arnB)), scopes(inventory.RunOK, inventory.RunFailed),
			[]string{"pass " + arnA, "unknown " + arnB + ": dc s was not read whole: failed (denied)"},
		},
		{
			"unknown: its own scope failed", append(linked[:2:2], seen(arnB)), scopes(inventory.RunFailed, inventory.RunOK),
			[]string{"pass " + arnA, "unknown " + arnB + ": aws s was not read whole: failed (denied)"},
		},
		{
			"unknown: two rows could be it", append(linked[:2:2], seen(arnB, id(inventory.FQDN, "b.example.com")),
				row("SRV-2", vm, id(inventory.FQDN, "b.example.com")), row("SRV-3", vm, id(inventory.FQDN, "b.example.com"))), allRead,
			[]string{"pass " + arnA, "unknown " + arnB + ": it shares an identifier with a row, and that identifier is not unique: muster why tells which"},
		},
		{
			"unknown: its tags could not be read",
			[]*inventory.Entry{seen(arnB, func(e *inventory.Entry) { e.Tags = inventory.UnknownTags() })},
			explicit,
			[]string{"unknown " + arnB + ": its tags could not be read: a tool may have marked it as its own"},
		},
		{
			"unknown: no row could be recognised as its own",
			[]*inventory.Entry{entry(inventory.Observed, "aws", "host-1", ec2, in(account, "eu-west-1"),
				id(inventory.Serial, "Default string"))},
			explicit,
			[]string{"unknown host-1: it holds no identifier by which a row could be recognised"},
		},
		{"the register keeps none of these", []*inventory.Entry{row("SRV-1", vm), seen(arnB)}, allRead, nil},
		{"it keeps them, by what is linked", append(linked[:2:2], seen(arnB)), allRead, []string{"pass " + arnA, "fail " + arnB + message}},
		{"it keeps them, in another account only", append(linked[:2:2], seen(arnB, in("444455556666", "eu-west-1"))), allRead, []string{"pass " + arnA}},
		{"its config leaves them out, whatever is linked", append(linked[:2:2], seen(arnB)), hardwareOnly, []string{"pass " + arnA}},
		{"it held them", []*inventory.Entry{seen(arnB)}, held, []string{"fail " + arnB + message}},
		{"its config says so", []*inventory.Entry{seen(arnB)}, explicit, []string{"fail " + arnB + message}},
		{"a coverage that says nothing", []*inventory.Entry{seen(arnB)}, everything, nil},
		{"a member of a group", []*inventory.Entry{seen(arnB, func(e *inventory.Entry) {
			e.Relations = []inventory.Relation{{Kind: inventory.MemberOf, Key: "arn:group"}}
		})}, explicit, nil},
		{"a controller's", []*inventory.Entry{seen(arnB, func(e *inventory.Entry) { e.Tags = inventory.TagsFromMap(map[string]string{"eks:cluster-name": "c"}) })}, explicit, nil},
	})
}

func TestMismatch(t *testing.T) {
	text := inventory.StringValue
	run(t, "records/mismatch", []test{
		{
			"unknown: reality was not read",
			[]*inventory.Entry{row(arnA, ec2, has("InstanceType", text("a"))), seen(arnA, has("InstanceType", text("b")))},
			scopes(inventory.RunFailed, inventory.RunOK),
			[]string{"unknown " + arnA + ": aws s was not read whole: failed (denied)"},
		},
		{
			"unknown: the register was not read",
			[]*inventory.Entry{row(arnA, ec2, has("InstanceType", text("a"))), seen(arnA, has("InstanceType", text("b")))},
			scopes(inventory.RunOK, inventory.RunFailed),
			[]string{"unknown " + arnA + ": dc s was not read whole: failed (denied)"},
		},
		{"unknown: not confirmed", []*inventory.Entry{
			row(arnA, ec2, has("InstanceType", text("a"))),
			seen(arnA, has("InstanceType", text("b")), func(e *inventory.Entry) { e.AttributesUnconfirmed = []string{"*"} }),
		}, allRead, []string{"unknown " + arnA + ": InstanceType could not be read"}},
		{
			"differs",
			[]*inventory.Entry{row(arnA, ec2, has("InstanceType", text("t3.micro"))), seen(arnA, has("InstanceType", text("t3.large")))},
			allRead,
			[]string{"fail " + arnA + ": InstanceType is t3.large, recorded as t3.micro: the register is to be corrected"},
		},
		{"the same in a spreadsheet's spelling", []*inventory.Entry{
			row(arnA, ec2, has("InstanceType", text("T3.Micro")), has("EbsOptimized", text("TRUE")), has("cores", text("8"))),
			seen(arnA, has("InstanceType", text("t3.micro")), has("EbsOptimized", inventory.True), has("cores", inventory.IntValue(8))),
		}, allRead, []string{"pass " + arnA}},
		{
			"an empty cell",
			[]*inventory.Entry{row(arnA, ec2, has("InstanceType", text("")), has("cores", text("8"))), seen(arnA, has("InstanceType", text("t3.micro")), has("cores", inventory.IntValue(8)))},
			allRead,
			[]string{"pass " + arnA},
		},
		{"nothing in common", []*inventory.Entry{row(arnA, ec2), seen(arnA)}, allRead, nil},
		{
			"region and account",
			[]*inventory.Entry{row(arnA, ec2, in("444455556666", "us-east-1")), seen(arnA)},
			allRead,
			[]string{"fail " + arnA + ": account is 111122223333, recorded as 444455556666; region is eu-west-1, recorded as us-east-1: the register is to be corrected"},
		},
		{
			"a zone is in its region, and a realm's name is no account",
			[]*inventory.Entry{row(arnA, ec2, in("production", "eu-west-1a")), seen(arnA)},
			allRead,
			[]string{"pass " + arnA},
		},
		{"a place that no provider names", []*inventory.Entry{row(arnA, ec2, in("", "Frankfurt 2")), seen(arnA)}, allRead, nil},
		{"against the declaration alone", []*inventory.Entry{
			row("SRV-1", server, id(inventory.FQDN, "web.example.com"), has("os", text("12"))),
			entry(inventory.Declared, "infra", "web.example.com", server, id(inventory.FQDN, "web.example.com"), has("os", text("13"))),
		}, allRead, []string{"fail SRV-1: os is declared as 13, recorded as 12: nothing tells which of the two is right"}},
		{"retired", []*inventory.Entry{row(arnA, ec2, has("InstanceType", text("a")), stage(inventory.LifecycleRetired)), seen(arnA, has("InstanceType", text("b")))}, allRead, nil},
	})
}

func TestDuplicate(t *testing.T) {
	uuid := id(inventory.UUID, "421f245c-7fa8-60fa-6af6-a46351ced0eb")
	run(t, "records/duplicate", []test{
		{"one row", []*inventory.Entry{row("SRV-1", server)}, allRead, []string{"pass SRV-1"}},
		{
			"one UUID",
			[]*inventory.Entry{row("SRV-1", server, uuid), row("SRV-2", server, uuid)},
			allRead,
			[]string{"pass SRV-1", "fail SRV-2: dc has another row of SRV-2: both have one uuid, 421f245c-7fa8-60fa-6af6-a46351ced0eb"},
		},
		{"clones of a virtual machine", []*inventory.Entry{
			row("SRV-1", vm, uuid, named("web-1")), row("SRV-2", vm, uuid, named("web-2")), row("SRV-3", vm, uuid, named("web-1")),
		}, allRead, []string{"pass SRV-1", "pass SRV-2", "fail SRV-3: dc has another row of web-1: both have one uuid, 421f245c-7fa8-60fa-6af6-a46351ced0eb"}},
		{
			"one ARN",
			[]*inventory.Entry{row("SRV-1", vm, id(inventory.ARN, arnA)), row("SRV-2", vm, id(inventory.ARN, arnA))},
			allRead,
			[]string{"fail SRV-2: dc has another row of SRV-2: SRV-1 is linked with the same thing"},
		},
		{
			"a machine and the object of its hypervisor",
			[]*inventory.Entry{row("SRV-1", vm, id(inventory.ARN, arnA)), row("SRV-2", server, id(inventory.ARN, arnA))},
			allRead,
			[]string{"pass SRV-1"},
		},
		{"one ARN in two registers", []*inventory.Entry{
			row("SRV-1", vm, id(inventory.ARN, arnA)), row("SRV-2", vm, id(inventory.ARN, arnA), func(e *inventory.Entry) { e.Source = "other" }),
		}, allRead, []string{"pass SRV-1"}},
		{
			"one of two is retired",
			[]*inventory.Entry{row("SRV-1", vm, id(inventory.ARN, arnA), stage(inventory.LifecycleRetired)), row("SRV-2", vm, id(inventory.ARN, arnA))},
			allRead,
			[]string{"pass SRV-1"},
		},
		{"one key", []*inventory.Entry{row("SRV-1#row-0011aabb", server), row("SRV-1#row-ccdd2233", server)}, allRead, []string{
			"fail SRV-1#row-0011aabb: dc has another row of SRV-1#row-0011aabb: the key SRV-1 comes more than once",
			"fail SRV-1#row-ccdd2233: dc has another row of SRV-1#row-ccdd2233: the key SRV-1 comes more than once",
		}},
		{"a key that a person gave", []*inventory.Entry{row("PO#20261234", server)}, allRead, []string{"pass PO#20261234"}},
		{"the nodes of a chassis", []*inventory.Entry{
			row("957XY4J#row-0011aabb", server, id(inventory.Serial, "957XY4J"), named("node-1")),
			row("957XY4J#row-ccdd2233", server, id(inventory.Serial, "957XY4J"), named("node-2")),
		}, allRead, []string{"pass 957XY4J#row-0011aabb", "pass 957XY4J#row-ccdd2233"}},
		{"one serial number and one name", []*inventory.Entry{
			row("SRV-1", server, id(inventory.Serial, "957XY4J"), named("node-1")), row("SRV-2", server, id(inventory.Serial, "957XY4J"), named("node-1")),
		}, allRead, []string{"pass SRV-1", "fail SRV-2: dc has another row of node-1: both have one serial, 957XY4J"}},
		{"a virtual machine as its host's instance and the guest's server, with one serial number and name", []*inventory.Entry{
			row("SRV-1", vm, named("node-1"), id(inventory.Serial, "957XY4J")), row("SRV-2", server, named("node-1"), id(inventory.Serial, "957XY4J")),
		}, allRead, []string{"pass SRV-1", "pass SRV-2"}},
		{
			"one instance, as the guest's server and as the host's machine",
			[]*inventory.Entry{row("SRV-1", vm, id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")), row("SRV-2", server, id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa"))},
			allRead,
			[]string{"pass SRV-1"},
		},
		{
			"unknown: the export was not read",
			[]*inventory.Entry{row("SRV-1", server, uuid), row("SRV-2", server, uuid)},
			scopes(inventory.RunOK, inventory.RunFailed),
			[]string{"pass SRV-1", "unknown SRV-2: dc s was not read whole: failed (denied)"},
		},
	})
}

func TestWhichRulesApply(t *testing.T) {
	ids := func(scopes []inventory.ScopeState) (list []string) {
		for _, r := range Rules(inputs(t, nil, scopes)) {
			if m := r.Meta(); m.Title == "" || m.Help == "" || m.Severity == 0 {
				t.Errorf("%s is not described", m.ID)
			}
			list = append(list, r.Meta().ID)
		}
		return list
	}
	all := scopes(inventory.RunOK, inventory.RunOK)
	want := []string{"records/silent", "records/duplicate", "records/mismatch", "records/stale", "records/ghost", "records/lifecycle", "records/unrecorded"}
	if diff := cmp.Diff(want, ids(all)); diff != "" {
		t.Errorf("with all books (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"records/duplicate", "records/mismatch", "records/stale"}, ids(all[1:])); diff != "" {
		t.Errorf("without reality (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"records/silent"}, ids(all[:1])); diff != "" || EstateRules(inputs(t, nil, all[:1])) != nil {
		t.Errorf("without a register: %s", diff)
	}
}

func TestExports(t *testing.T) {
	state := func(s inventory.RunState, r inventory.RunReason) inventory.ScopeState {
		out := scope(inventory.Recorded, "dc", s, anything)
		out.Run.Reason, out.Run.DataTime, out.Scope.ID = r, night.Add(-48*time.Hour), "cmdb/"+string(r)+".csv"
		return out
	}
	live := scope(inventory.Observed, "aws", inventory.RunFailed, cloud)
	input := inputs(t, nil, []inventory.ScopeState{
		state(inventory.RunOK, inventory.ReasonNone), state(inventory.RunFailed, inventory.ReasonStale), state(inventory.RunPartial, inventory.ReasonDrop),
		state(inventory.RunPartial, inventory.ReasonUntrusted), state(inventory.RunFailed, inventory.ReasonError), live,
	})
	got := map[string][]string{}
	for _, r := range EstateRules(input) {
		list, err := r.CheckEstate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range list {
			got[r.Meta().ID] = append(got[r.Meta().ID], line(v))
		}
	}
	want := map[string][]string{
		"records/stale": {"fail dc/*: 1 of the 5 exports of dc are older than its max_age allows, the oldest is of 2026-02-27T02:00:00Z"},
		"records/untrusted": {
			"pass dc/cmdb/.csv", "fail dc/cmdb/drop.csv: cmdb/drop.csv of dc shrank too much to be believed at once",
			"unknown dc/cmdb/error.csv: dc cmdb/error.csv was not read whole: failed (error)",
			"unknown dc/cmdb/stale.csv: dc cmdb/stale.csv was not read whole: failed (stale)",
			"fail dc/cmdb/untrusted.csv: cmdb/untrusted.csv of dc shows signs of damage",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("estate rules (-want +got):\n%s", diff)
	}
}
