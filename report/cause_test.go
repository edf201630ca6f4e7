package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

type with func(*rules.Finding)

var made = time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)

// open is an open finding about the n-th made-up instance.
func open(n int, rule string, edits ...with) rules.Finding {
	f := rules.Finding{
		Fingerprint: fmt.Sprintf("f%d", n), Rule: rule, Severity: rules.Medium, State: inventory.FindingOpen,
		Asset: rules.AssetRef{
			Key: fmt.Sprintf("i-%d", n), Book: inventory.Observed, Type: "AWS::EC2::Instance", Account: "111122223333", Source: "aws",
		},
	}
	for _, e := range edits {
		e(&f)
	}
	return f
}

func differs(pairs ...string) with {
	return func(f *rules.Finding) {
		for i := 0; i < len(pairs); i += 3 {
			f.Diff = append(f.Diff, rules.Difference{
				Attribute: pairs[i], Declared: pairs[i+1], Actual: pairs[i+2], DeclaredAbsent: pairs[i+1] == "-", ActualAbsent: pairs[i+2] == "-",
			})
		}
	}
}

func typed(t inventory.Type) with { return func(f *rules.Finding) { f.Asset.Type = t } }
func called(name string) with     { return func(f *rules.Finding) { f.Asset.Name = name } }
func in(account string) with      { return func(f *rules.Finding) { f.Asset.Account = account } }
func file(name string) with       { return func(f *rules.Finding) { f.Origin.File = name } }
func born(t time.Time) with       { return func(f *rules.Finding) { f.Created = t } }
func by(actor string) with {
	return func(f *rules.Finding) { f.Who = &rules.Who{Actor: actor, At: made} }
}
func standing(s inventory.FindingState) with { return func(f *rules.Finding) { f.State = s } }
func severe(s rules.Severity) with           { return func(f *rules.Finding) { f.Severity = s } }

func TestGroups(t *testing.T) {
	const changed, stray, missing = "drift/changed", "drift/unmanaged", "drift/missing"
	grown := differs("InstanceType", "t3.micro", "t3.large")
	hash := inventory.NewSecretHash([]byte("0123456789abcdef"))
	for _, tt := range []struct {
		name     string
		findings []rules.Finding
		want     []string // "count title", as the groups are sorted
	}{
		{"none", nil, nil},
		{"one alone is no group", []rules.Finding{open(1, changed, grown)}, nil},
		{"the same change", []rules.Finding{open(1, changed, grown), open(2, changed, grown), open(3, changed, grown)}, []string{"3 InstanceType is t3.large, declared t3.micro"}},
		{"another rule", []rules.Finding{open(1, changed, grown), open(2, "drift/unapplied", grown)}, nil},
		{"another type", []rules.Finding{open(1, changed, grown), open(2, changed, grown, typed("AWS::RDS::DBInstance"))}, nil},
		{
			"a tag means the same on every type",
			[]rules.Finding{open(1, changed, differs("tags.env", "prod", "-")), open(2, changed, differs("tags.env", "prod", "-"), typed("AWS::S3::Bucket"))},
			[]string{"2 tags.env is gone, declared prod"},
		},
		{
			"other values, one direction",
			[]rules.Finding{
				open(1, changed, differs("tags.owner", "a", "-")), open(2, changed, differs("tags.owner", "b", "-")), open(3, changed, differs("tags.owner", "c", "d")),
			},
			[]string{"2 tags.owner is gone"},
		},
		{"one direction in two accounts", []rules.Finding{open(1, changed, differs("X", "a", "b")), open(2, changed, differs("X", "c", "d"), in("444455556666"))}, nil},
		{
			"same values in two accounts",
			[]rules.Finding{open(1, changed, differs("X", "a", "b")), open(2, changed, differs("X", "a", "b"), in("444455556666"))},
			[]string{"2 X is b, declared a"},
		},
		{"absent is not empty", []rules.Finding{open(1, changed, differs("X", "", "b")), open(2, changed, differs("X", "-", "b"))}, nil},
		{
			"many attributes",
			[]rules.Finding{open(1, changed, differs("A", "1", "2", "B", "1", "2", "C", "1", "2", "D", "1", "2")), open(2, changed, differs("A", "1", "2", "B", "1", "2", "C", "1", "2", "D", "1", "2"))},
			[]string{"2 A, B, C, and 1 more differ in the same way"},
		},
		{
			"secrets are not told",
			[]rules.Finding{open(1, changed, differs("P", hash.Hash("a"), hash.Hash("b"))), open(2, changed, differs("P", hash.Hash("a"), hash.Hash("b")))},
			[]string{"2 P changed (secret)"},
		},
		{
			"made by one person",
			[]rules.Finding{open(1, stray, by("jane"), called("pay-a")), open(2, stray, by("jane"), called("web-a")), open(3, stray, by("joe"), called("pay-b"))},
			[]string{"2 AWS::EC2::Instance made by jane on 2026-03-04, not declared"},
		},
		{
			"who is not known of all",
			[]rules.Finding{open(1, stray, by("jane"), called("pay-a")), open(2, stray, called("pay-b"))},
			[]string{"2 AWS::EC2::Instance with names like pay-*, not declared"},
		},
		{
			"names",
			[]rules.Finding{open(1, stray, called("pay-a")), open(2, stray, called("pay-b")), open(3, stray, called("web-b")), open(4, stray, called("pay-b"), typed("AWS::EC2::Volume"))},
			[]string{"2 AWS::EC2::Instance with names like pay-*, not declared"},
		},
		{
			"one day",
			[]rules.Finding{open(1, stray, born(made)), open(2, stray, born(made.Add(time.Hour))), open(3, stray, born(made.AddDate(0, 0, 1)))},
			[]string{"2 AWS::EC2::Instance made on 2026-03-04, not declared"},
		},
		{"nothing in common", []rules.Finding{open(1, stray), open(2, stray)}, nil},
		{
			"one state",
			[]rules.Finding{open(1, missing, file("a.tfstate")), open(2, missing, file("a.tfstate"), typed("AWS::S3::Bucket")), open(3, missing, file("b.tfstate"))},
			[]string{"2 declared in a.tfstate, and not there"},
		},
		{"resolved ones have no cause left", []rules.Finding{open(1, changed, grown, standing(inventory.FindingResolved)), open(2, changed, grown)}, nil},
		{"tag rules", []rules.Finding{open(1, "tags/owner"), open(2, "tags/owner")}, nil},
		{
			"the worst first, then the largest",
			[]rules.Finding{
				open(1, changed, differs("A", "1", "2")), open(2, changed, differs("A", "1", "2")), open(3, changed, differs("B", "1", "2")), open(4, changed, differs("B", "1", "2")), open(5, changed, differs("B", "1", "2")),
				open(6, changed, differs("C", "1", "2")), open(7, changed, differs("C", "1", "2"), severe(rules.Critical)),
			},
			[]string{"2 C is 2, declared 1", "3 B is 2, declared 1", "2 A is 2, declared 1"},
		},
	} {
		r := &Report{Findings: tt.findings}
		r.Group()
		var got []string
		for _, g := range r.Groups {
			got = append(got, fmt.Sprintf("%d %s", g.Count, g.Title))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		checkGroups(t, r)
	}
}

// checkGroups holds the list of groups and what the findings say of theirs against each other.
func checkGroups(t *testing.T, r *Report) {
	t.Helper()
	members := map[string][]string{}
	for _, f := range r.Findings {
		if f.Group != "" {
			members[f.Group] = append(members[f.Group], f.Fingerprint)
		}
	}
	for _, g := range r.Groups {
		if !slices.Equal(members[g.ID], g.Fingerprints) || g.Count != len(g.Fingerprints) || g.Count < 2 || !strings.HasPrefix(g.ID, "g-") {
			t.Errorf("group %+v, findings say %v", g, members[g.ID])
		}
		delete(members, g.ID)
	}
	if len(members) > 0 {
		t.Errorf("findings name groups that are not there: %v", members)
	}
}

// A part of a report has groups of its own, and grouping twice is grouping once.
func TestGroupsAreMadeAnew(t *testing.T) {
	r := &Report{Findings: []rules.Finding{open(1, "drift/changed", differs("A", "1", "2")), open(2, "drift/changed", differs("A", "1", "2"))}}
	r.Group()
	first := r.Groups
	r.Group()
	if diff := cmp.Diff(first, r.Groups); diff != "" {
		t.Errorf("grouped twice:\n%s", diff)
	}
	r.Findings = r.Findings[:1]
	r.Group()
	if len(r.Groups) != 0 || r.Findings[0].Group != "" {
		t.Errorf("groups of one: %+v, %q", r.Groups, r.Findings[0].Group)
	}
}

// The ids and members of groups do not depend on the order of the findings.
func TestGroupsDoNotDependOnOrder(t *testing.T) {
	var list []rules.Finding
	for i := range 300 {
		list = append(list, open(i, "drift/changed", differs("A", fmt.Sprint(i%3), "x")), open(1000+i, "drift/unmanaged", called(fmt.Sprintf("app%d-x", i%40))))
	}
	gather := func() map[string]int {
		r := &Report{Findings: slices.Clone(list)}
		r.Group()
		checkGroups(t, r)
		out := map[string]int{}
		for _, g := range r.Groups {
			out[g.ID] = g.Count
		}
		return out
	}
	want := gather()
	if len(want) != 43 {
		t.Errorf("%d groups", len(want))
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 3 {
		random.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
		if diff := cmp.Diff(want, gather()); diff != "" {
			t.Fatalf("another order, other groups:\n%s", diff)
		}
	}
}

func BenchmarkGroup(b *testing.B) {
	const n = 100_000
	list := make([]rules.Finding, n)
	for i := range list {
		list[i] = open(i, "drift/changed", differs("A", fmt.Sprint(i%1000), "x", "B", "1", "2"))
	}
	r := &Report{Findings: list}
	b.ReportAllocs()
	for b.Loop() {
		r.Group()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/finding")
}

func TestPlace(t *testing.T) {
	for _, tt := range []struct {
		o    inventory.Origin
		want string
	}{
		{inventory.Origin{}, ""},
		{inventory.Origin{Call: "ec2:DescribeInstances"}, ""},
		{inventory.Origin{File: "a.tfstate", Address: "aws_x.y"}, "a.tfstate, aws_x.y"},
		{inventory.Origin{File: "main.tf", Line: 3, Address: "module.m.aws_x.y", Module: "module.m"}, "main.tf:3, module.m.aws_x.y"},
		{inventory.Origin{File: "t.yaml", Address: "Bucket", Module: "stack/web"}, "t.yaml, stack/web Bucket"},
		{inventory.Origin{File: "t.yaml", Module: "stack/web"}, "t.yaml, stack/web"},
		{inventory.Origin{Address: "aws_x.y"}, "aws_x.y"},
	} {
		if got := Place(tt.o); got != tt.want {
			t.Errorf("Place(%+v) = %q, want %q", tt.o, got, tt.want)
		}
	}
}
