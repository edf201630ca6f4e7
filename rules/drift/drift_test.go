package drift

import (
	"iter"
	"strings"
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
	volume  = inventory.Type("AWS::EC2::Volume")
	group   = inventory.Type("AWS::AutoScaling::AutoScalingGroup")
	account = "111122223333"
	region  = "eu-west-1"
	arnA    = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0aaaaaaaaaaaaaaaa"
	arnB    = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0bbbbbbbbbbbbbbbb"
	arnVol  = "arn:aws:ec2:eu-west-1:111122223333:volume/vol-0cccccccccccccccc"
	arnASG  = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:x:autoScalingGroupName/web"
)

var night = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)

// estate is a small world: assets of all books, and the scopes they were read from.
type estate struct {
	entries []*inventory.Entry
	scopes  []inventory.ScopeState
	climb   bool // index what belongs to what
	ignore  func(*rules.Entity, string) (Ignored, bool)

	suppress rules.SuppressLevel
	shift    func(*rules.Entity) int
}

type edit func(*inventory.Entry)

func entry(book inventory.Book, source, key string, t inventory.Type, edits ...edit) *inventory.Entry {
	e := &inventory.Entry{Source: source, Scope: "s", LastSeen: night}
	e.Book, e.Key, e.Type, e.Account, e.Region = book, key, t, account, region
	e.Tags, e.Attributes = inventory.KnownTags(), inventory.KnownAttributes()
	for _, f := range edits {
		f(e)
	}
	return e
}

func seen(key string, edits ...edit) *inventory.Entry {
	return entry(inventory.Observed, "aws", key, ec2, edits...)
}

func declared(key string, edits ...edit) *inventory.Entry {
	edits = append([]edit{func(e *inventory.Entry) {
		e.Origin = inventory.Origin{File: "prod.tfstate", Address: "aws_instance.web", Lineage: "L1"}
	}}, edits...)
	return entry(inventory.Declared, "infra", key, ec2, edits...)
}

func typed(t inventory.Type) edit { return func(e *inventory.Entry) { e.Type = t } }

func has(pairs ...string) edit {
	return func(e *inventory.Entry) {
		var list []inventory.Attribute
		for i := 0; i < len(pairs); i += 2 {
			v, err := inventory.ParseValue([]byte(pairs[i+1]))
			if err != nil {
				v = inventory.StringValue(pairs[i+1])
			}
			list = append(list, inventory.Attribute{Name: pairs[i], Value: v})
		}
		e.Attributes = inventory.KnownAttributes(list...)
	}
}

func tagged(pairs ...string) edit {
	return func(e *inventory.Entry) {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		e.Tags = inventory.TagsFromMap(m)
	}
}

func stage(l inventory.Lifecycle) edit { return func(e *inventory.Entry) { e.Lifecycle = l } }

func relates(kind inventory.RelationKind, key string) edit {
	return func(e *inventory.Entry) { e.Relations = append(e.Relations, inventory.Relation{Kind: kind, Key: key}) }
}

func origin(o inventory.Origin) edit { return func(e *inventory.Entry) { e.Origin = o } }

func source(name, scope string) edit {
	return func(e *inventory.Entry) { e.Source, e.Scope = name, scope }
}

func scope(book inventory.Book, collector, source, id string, state inventory.RunState, types ...string) inventory.ScopeState {
	s := inventory.ScopeState{
		Source: inventory.Source{Name: source, Collector: collector, Book: book},
		Scope:  inventory.Scope{ID: id, Covers: inventory.Coverage{Types: types, Accounts: []string{account}}},
		Run:    inventory.ScopeRun{Source: source, Scope: id, State: state, Started: night},
	}
	if state == inventory.RunOK {
		s.LastOK = night
	} else {
		s.Run.Reason = inventory.ReasonDenied
	}
	return s
}

// bothRead are an observed and a declared scope that were read whole.
func bothRead() []inventory.ScopeState {
	return []inventory.ScopeState{
		scope(inventory.Observed, "aws", "aws", "s", inventory.RunOK, "AWS::*"),
		scope(inventory.Declared, "terraform", "infra", "s", inventory.RunOK),
	}
}

func observedIs(state inventory.RunState, types ...string) []inventory.ScopeState {
	scopes := bothRead()
	scopes[0] = scope(inventory.Observed, "aws", "aws", "s", state, types...)
	return scopes
}

func declaredIs(state inventory.RunState) []inventory.ScopeState {
	scopes := bothRead()
	scopes[1] = scope(inventory.Declared, "terraform", "infra", "s", state)
	return scopes
}

// theCatalog is read once for all tests.
var theCatalog = sync.OnceValues(catalog.Load)

func loadCatalog(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := theCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w estate) identities() iter.Seq2[inventory.Identity, error] {
	return func(yield func(inventory.Identity, error) bool) {
		for i, e := range w.entries {
			e.ID = int64(i + 1)
			id := inventory.Identity{
				ID: e.ID, Book: e.Book, Type: e.Type, Key: e.Key, Name: e.Name, Account: e.Account, Region: e.Region, Source: e.Source, Scope: e.Scope,
				Lifecycle: e.Lifecycle, Lineage: e.Origin.Lineage, Address: e.Origin.Address, Layer: e.Origin.Layer, FacetOf: e.FacetOf(), Identifiers: e.Identifiers,
			}
			if !yield(id, nil) {
				return
			}
		}
	}
}

func (w estate) assets() iter.Seq2[*inventory.Entry, error] {
	return func(yield func(*inventory.Entry, error) bool) {
		for _, e := range w.entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// audit returns the verdicts of all rules on all entities but those that say nothing, as "rule outcome key: text".
func audit(t testing.TB, w estate) []string {
	t.Helper()
	var out []string
	for _, v := range verdicts(t, w) {
		if v.Outcome == rules.NotApplicable && v.Reason == "" {
			continue
		}
		key := ""
		if v.Asset != nil {
			key = " " + v.Asset.Key
		}
		text := v.Reason
		if v.Outcome == rules.Fail {
			text = v.Message
		}
		out = append(out, strings.TrimSuffix(v.rule+" "+v.Outcome.String()+key+": "+text, ": "))
	}
	return out
}

type ruled struct {
	rule string
	rules.Verdict
	meta rules.Meta
}

func verdicts(t testing.TB, w estate) []ruled {
	t.Helper()
	lineages := &LineageIndex{}
	links, err := link.Build(t.Context(), lineages.Watch(w.identities()))
	if err != nil {
		t.Fatal(err)
	}
	in := Inputs{Lineages: lineages, Catalog: loadCatalog(t), Scopes: w.scopes, Links: links, Ignore: w.ignore, Suppress: w.suppress, Shift: w.shift, Started: night}
	if w.climb {
		if in.Managers, err = IndexManagers(t.Context(), links, w.assets()); err != nil {
			t.Fatal(err)
		}
	}
	list := Rules(in)
	var out []ruled
	for members := range links.Entities() {
		e := &rules.Entity{}
		for _, id := range members {
			e.Add(w.entries[id-1])
		}
		if e.Subject() == nil {
			continue
		}
		for _, r := range list {
			v, err := r.Check(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, ruled{r.Meta().ID, v, r.Meta()})
		}
	}
	return out
}

// judged keeps the lines that say pass, fail or unknown.
func judged(lines []string) []string {
	var out []string
	for _, l := range lines {
		if !strings.Contains(l, " not applicable") {
			out = append(out, l)
		}
	}
	return out
}

func TestNoDeclaredSourceNoRules(t *testing.T) {
	scopes := bothRead()[:1]
	if list := Rules(Inputs{Catalog: loadCatalog(t), Scopes: scopes, Started: night}); list != nil {
		t.Errorf("%d drift rules without a declared source", len(list))
	}
	for _, r := range Rules(Inputs{Catalog: loadCatalog(t), Scopes: bothRead(), Started: night}) {
		if m := r.Meta(); m.ID == "" || m.Title == "" || m.Help == "" || m.Severity == 0 {
			t.Errorf("rule %q is not described", m.ID)
		}
	}
}

// TestUnknown holds the promise: what could not be read is never missing, changed or unmanaged.
func TestUnknown(t *testing.T) {
	passes := "drift/declared-twice pass " + arnA
	tests := []struct {
		name string
		in   estate
		want []string
	}{
		{
			"observed scope denied: not missing",
			estate{entries: []*inventory.Entry{declared(arnA)}, scopes: observedIs(inventory.RunFailed, "AWS::*")},
			[]string{passes, "drift/missing unknown " + arnA + ": aws s was not read whole: failed (denied)"},
		},
		{
			"observed scope partial: not missing",
			estate{entries: []*inventory.Entry{declared(arnA)}, scopes: observedIs(inventory.RunPartial, "AWS::*")},
			[]string{passes, "drift/missing unknown " + arnA + ": aws s was not read whole: partial (denied)"},
		},
		{
			"observed scope skipped: not missing",
			estate{entries: []*inventory.Entry{declared(arnA)}, scopes: observedIs(inventory.RunSkipped, "AWS::*")},
			[]string{passes, "drift/missing unknown " + arnA + ": aws s was not read whole: skipped (denied)"},
		},
		{
			"type not collected",
			estate{entries: []*inventory.Entry{declared(arnA)}, scopes: observedIs(inventory.RunOK, "AWS::S3::Bucket")},
			[]string{passes, "drift/missing unknown " + arnA + ": no observed source covers AWS::EC2::Instance in 111122223333/eu-west-1"},
		},
		{
			"account not collected",
			estate{entries: []*inventory.Entry{declared(arnA, func(e *inventory.Entry) { e.Account = "444455556666" })}, scopes: bothRead()},
			[]string{passes, "drift/missing unknown " + arnA + ": no observed source covers AWS::EC2::Instance in 444455556666/eu-west-1"},
		},
		{"account unknown: every scope of the type must be ok", estate{
			entries: []*inventory.Entry{declared(arnA, func(e *inventory.Entry) { e.Account = "" })},
			scopes:  append(bothRead(), scope(inventory.Observed, "aws", "aws", "t", inventory.RunFailed, "AWS::EC2::*")),
		}, []string{passes, "drift/missing unknown " + arnA + ": aws t was not read whole: failed (denied)"}},
		{
			"the state itself was not read",
			estate{entries: []*inventory.Entry{declared(arnA)}, scopes: declaredIs(inventory.RunFailed)},
			[]string{passes, "drift/missing unknown " + arnA + ": infra s was not read whole: failed (denied)"},
		},
		{
			"nothing to recognise it by",
			estate{entries: []*inventory.Entry{declared("prod.tfstate#aws_instance.web")}, scopes: bothRead()},
			[]string{"drift/declared-twice pass prod.tfstate#aws_instance.web", "drift/missing unknown prod.tfstate#aws_instance.web: its declaration holds no identifier by which it could be recognised"},
		},
		{"seen earlier, scope failed now: neither there nor changed", estate{
			entries: []*inventory.Entry{declared(arnA, has("InstanceType", "t3.micro")), seen(arnA, has("InstanceType", "t3.large"))},
			scopes:  observedIs(inventory.RunFailed, "AWS::*"),
		}, []string{
			"drift/changed unknown " + arnA + ": aws s was not read whole: failed (denied)", passes,
			"drift/missing unknown " + arnA + ": aws s was not read whole: failed (denied)", "drift/unmanaged pass " + arnA,
		}},
		{"attribute not confirmed", estate{
			entries: []*inventory.Entry{declared(arnA, has("InstanceType", "t3.micro")), seen(arnA, has("InstanceType", "t3.large"), func(e *inventory.Entry) { e.AttributesUnconfirmed = []string{"InstanceType"} })},
			scopes:  bothRead(),
		}, []string{"drift/changed unknown " + arnA + ": InstanceType could not be read", passes, "drift/missing pass " + arnA, "drift/unmanaged pass " + arnA}},
		{"attributes never read", estate{
			entries: []*inventory.Entry{declared(arnA, has("InstanceType", "t3.micro")), seen(arnA, func(e *inventory.Entry) { e.Attributes = inventory.Attributes{} })},
			scopes:  bothRead(),
		}, []string{"drift/changed unknown " + arnA + ": attributes could not be read", passes, "drift/missing pass " + arnA, "drift/unmanaged pass " + arnA}},
		{"an attribute that its collector reads, and could not", estate{
			entries: []*inventory.Entry{declared(arnA, has("InstanceType", "t3.micro")), seen(arnA, func(e *inventory.Entry) {
				e.Attributes = inventory.KnownAttributes(inventory.Attribute{Name: "InstanceType"})
			})},
			scopes: bothRead(),
		}, []string{"drift/changed unknown " + arnA + ": InstanceType could not be read", passes, "drift/missing pass " + arnA, "drift/unmanaged pass " + arnA}},
		{"tags not confirmed", estate{
			entries: []*inventory.Entry{declared(arnA, tagged("owner", "payments")), seen(arnA, func(e *inventory.Entry) { e.TagsUnconfirmed = true })},
			scopes:  bothRead(),
		}, []string{"drift/changed unknown " + arnA + ": tags could not be read", passes, "drift/missing pass " + arnA, "drift/unmanaged pass " + arnA}},
		{
			"unmanaged, while a state was never read",
			estate{entries: []*inventory.Entry{seen(arnA)}, scopes: declaredIs(inventory.RunFailed)},
			[]string{"drift/unmanaged unknown " + arnA + ": not every declaration was ever read: infra s was not read whole: failed (denied)"},
		},
		{
			"unmanaged, and its own scope failed",
			estate{entries: []*inventory.Entry{seen(arnA)}, scopes: observedIs(inventory.RunFailed, "AWS::*")},
			[]string{"drift/unmanaged unknown " + arnA + ": aws s was not read whole: failed (denied)"},
		},
		{
			"unmanaged, and its tags were never read: a controller may have marked it",
			estate{entries: []*inventory.Entry{seen(arnA, func(e *inventory.Entry) { e.Tags = inventory.UnknownTags() })}, scopes: bothRead()},
			[]string{"drift/unmanaged unknown " + arnA + ": its tags could not be read: a tool may have marked it as its own"},
		},
		{
			"unmanaged, and its tags could not be read again",
			estate{entries: []*inventory.Entry{seen(arnA, func(e *inventory.Entry) { e.TagsUnconfirmed = true })}, scopes: bothRead()},
			[]string{"drift/unmanaged unknown " + arnA + ": its tags could not be read: a tool may have marked it as its own"},
		},
		{
			"a network known by name and tags only, which may be the default one",
			estate{entries: []*inventory.Entry{seen("arn:vpc", typed("AWS::EC2::VPC"), func(e *inventory.Entry) {
				e.Shallow, e.Attributes = true, inventory.Attributes{}
			})}, scopes: bothRead()},
			[]string{"drift/unmanaged unknown arn:vpc: what was read of it does not tell whether it is made by AWS in every region of a new account (aws/default-vpc)"},
		},
		{"a secret against a clear text", estate{
			entries: pair(has("KeyName", secret, "InstanceType", "t3.micro"), has("KeyName", "hunter2", "InstanceType", "t3.micro")), scopes: bothRead(),
		}, []string{"drift/changed unknown " + arnA + ": KeyName could not be read", passes, "drift/missing pass " + arnA, "drift/unmanaged pass " + arnA}},
		{"the hash of a tag against a clear text", estate{
			entries: pair(tagged("owner", secret), tagged("owner", "payments")), scopes: bothRead(),
		}, []string{"drift/changed unknown " + arnA + ": tags.owner could not be read", passes, "drift/missing pass " + arnA, "drift/unmanaged pass " + arnA}},
		{"an old copy of a state, from before the machine was replaced", estate{
			entries: []*inventory.Entry{
				declared(arnA), declared(arnB, source("infra", "old"), origin(inventory.Origin{File: "old.tfstate", Address: "aws_instance.web", Lineage: "L1"})), seen(arnA),
			},
			scopes: append(bothRead(), scope(inventory.Declared, "terraform", "infra", "old", inventory.RunOK)),
		}, []string{
			"drift/changed pass " + arnA, passes, "drift/missing pass " + arnA, "drift/unmanaged pass " + arnA,
			"drift/declared-twice pass " + arnB,
			"drift/missing unknown " + arnB + ": another copy of its state has something else at its address: take the older copy out of the paths",
		}},
		{"unmanaged, or that of a declaration that tells nothing", estate{
			entries: []*inventory.Entry{
				seen("arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-1", typed("AWS::EC2::EIP")),
				declared("prod.tfstate#aws_eip.e", typed("AWS::EC2::EIP"), func(e *inventory.Entry) { e.Account, e.Region = "", "" }),
			},
			scopes: bothRead(),
		}, []string{
			"drift/unmanaged unknown arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-1: a declared AWS::EC2::EIP holds no identifier by which it could be recognised, and may be this one",
			"drift/declared-twice pass prod.tfstate#aws_eip.e",
			"drift/missing unknown prod.tfstate#aws_eip.e: its declaration holds no identifier by which it could be recognised",
		}},
		{"a tag whose key is a secret may be any that is there", estate{
			entries: pair(tagged(secret, "x", "env", "prod"), tagged("hunter2", "x", "env", "prod")), scopes: bothRead(),
		}, []string{"drift/changed unknown " + arnA + ": tags could not be read", passes, "drift/missing pass " + arnA, "drift/unmanaged pass " + arnA}},
		{
			"a resource id without its region recognises nothing",
			estate{entries: []*inventory.Entry{declared("prod.tfstate#aws_nat_gateway.n", typed("AWS::EC2::NatGateway"), func(e *inventory.Entry) {
				e.Region, e.Identifiers = "", []inventory.Identifier{{Kind: inventory.ResourceID, Value: "nat-1"}}
			})}, scopes: bothRead()},
			[]string{
				"drift/declared-twice pass prod.tfstate#aws_nat_gateway.n",
				"drift/missing unknown prod.tfstate#aws_nat_gateway.n: its declaration holds no identifier by which it could be recognised",
			},
		},
		{
			"unmanaged member of a group that no source holds",
			estate{entries: []*inventory.Entry{seen(arnA, relates(inventory.MemberOf, arnASG))}, scopes: bothRead()},
			[]string{"drift/unmanaged unknown " + arnA + ": it belongs to " + arnASG + ", which no source holds"},
		},
		{"the stack of an orphan was not read", estate{
			entries: []*inventory.Entry{seen(arnA, tagged("aws:cloudformation:stack-name", "web"))},
			scopes:  append(bothRead(), stackScope(inventory.RunFailed, night.Add(-24*time.Hour))),
		}, []string{"drift/orphan unknown " + arnA + ": made by cloudformation web (tag aws:cloudformation:stack-name), and stacks s was not read whole: failed (denied)"}},
		{"declared twice, one state not read", estate{
			entries: []*inventory.Entry{declared(arnA), declared(arnA, source("infra", "old"), origin(inventory.Origin{File: "old.tfstate", Lineage: "L2"})), seen(arnA)},
			scopes:  append(bothRead(), scope(inventory.Declared, "terraform", "infra", "old", inventory.RunFailed)),
		}, []string{
			"drift/changed pass " + arnA,
			"drift/declared-twice unknown " + arnA + ": infra old was not read whole: failed (denied)",
			"drift/missing pass " + arnA, "drift/unmanaged pass " + arnA,
		}},
		{
			"never applied, type not collected",
			estate{entries: []*inventory.Entry{declared("p#x", stage(inventory.LifecyclePlanned))}, scopes: observedIs(inventory.RunOK, "AWS::S3::Bucket")},
			[]string{"drift/declared-twice pass p#x", "drift/unapplied unknown p#x: no observed source covers AWS::EC2::Instance in 111122223333/eu-west-1"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, judged(audit(t, tt.in))); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
		})
	}
}

// secret is what stands for a secret in a store.
const secret = "hmac:00112233445566778899aabbccddeeff"

func stackScope(state inventory.RunState, lastOK time.Time) inventory.ScopeState {
	s := scope(inventory.Declared, "cloudformation", "stacks", "s", state)
	s.LastOK = lastOK
	return s
}
