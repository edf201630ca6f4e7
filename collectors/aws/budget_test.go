package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/awstest"
	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/sweep"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// dearWhenEmpty are the scopes that take more than one call to tell that they hold nothing, how many, and why.
func dearWhenEmpty(region string) map[inventory.Type]int {
	dear := map[inventory.Type]int{
		sweep.Type:                   2, // the tagging API, and whether Resource Explorer has an index
		"AWS::AppSync::GraphQLApi":   3, // standard, merged and event APIs are listed apart
		"AWS::ECS::CapacityProvider": 2, // those of the account, and those of each cluster
		"AWS::Events::Rule":          2, // the buses, and the rules of the default one, which every account has
		"AWS::RDS::DBSnapshot":       2, // what AWS Backup made is in a list of its own
	}
	if region == "us-east-1" { // has those of CloudFront too
		for _, t := range []inventory.Type{"AWS::WAFv2::WebACL", "AWS::WAFv2::RuleGroup", "AWS::WAFv2::IPSet", "AWS::WAFv2::RegexPatternSet"} {
			dear[t] = 2
		}
	}
	return dear
}

// TestNothingCostsOneCall reads an account that holds nothing. Most scopes of every account hold nothing.
func TestNothingCostsOneCall(t *testing.T) {
	s := awstest.New(t)
	s.Otherwise = awstest.Nothing
	c := newTest(t, s, Options{Sweep: true, IAMDetails: true})
	scopes := scopesOf(t, c)
	all := 0
	for _, id := range slices.Sorted(maps.Keys(scopes)) {
		s.Calls()
		p := paramsOf(scopes[id])
		if r := read(t.Context(), c, scopes[id]); r.err != nil || len(r.assets) > 0 {
			t.Errorf("%s: %v, %d assets", id, r.err, len(r.assets))
		}
		want := max(1, dearWhenEmpty(p.region)[p.typ])
		calls := s.Calls()
		if all += len(calls); len(calls) != want {
			t.Errorf("%s: %d calls, want %d: %v", id, len(calls), want, awstest.Operations(calls))
		}
	}
	if float64(all) > 1.05*float64(len(scopes)) {
		t.Errorf("%d calls for %d scopes that hold nothing", all, len(scopes))
	}
}

// held is what a scope of the estate holds.
type held struct {
	assets, untagged int
	page             int  // most that a list call returns
	inline           bool // the list call has the tags
	lists            int  // pages of what the assets belong to, where a scope lists that first
	regions          int  // in how many regions the assets of a global scope are
}

// floor is the fewest calls that reading a scope takes: max(1, ⌈assets / page size⌉), one call per asset and facet of the catalog, and
// for the tags one call per batch. A batch is the service's own, or 100 names of one region at the tagging API; where that API is not
// known to have all of the type, what it does not return takes a call of its own; where it has none of it, every asset does. Page sizes
// are those that the API references give as the most.
func floor(l *lister.Lister, row catalog.Row, h held) int {
	calls := max(h.lists, max(1, pieces(h.assets, h.page))) + h.assets*len(row.Facets)
	joins := max(1, h.regions) * pieces(h.assets/max(1, h.regions), joinBatch)
	switch {
	case h.inline || l.ReadTags == nil && l.BatchTags == nil:
		return calls
	case l.BatchTags != nil:
		return calls + pieces(h.assets, l.Batch)
	case row.TaggingAPI == catalog.TaggingNone:
		return calls + h.assets
	case row.TaggingAPI == catalog.TaggingPartial:
		return calls + joins + h.untagged
	}
	return calls + joins
}

func pieces(n, size int) int {
	if n == 0 {
		return 0
	}
	return (n + size - 1) / size
}

// TestBudget reads an account whose tags come in every way that there is, and whose other types hold nothing, in two regions. All
// calls together are at most 1.05 times the fewest.
func TestBudget(t *testing.T) {
	s := awstest.New(t)
	e := newEstate(s)
	c := newTest(t, s, Options{Sweep: true, IAMDetails: true})
	scopes := scopesOf(t, c)
	var all, fewest int
	var spent []string
	for _, id := range slices.Sorted(maps.Keys(scopes)) {
		s.Calls()
		p := paramsOf(scopes[id])
		h := e.holds(p.region, p.typ)
		r := read(t.Context(), c, scopes[id])
		if r.err != nil || len(r.assets) != h.assets && p.typ != sweep.Type {
			t.Fatalf("%s: %v, %d assets, want %d", id, r.err, len(r.assets), h.assets)
		}
		if n := untagged(r); n != h.untagged {
			t.Errorf("%s: %d are untagged, in truth %d", id, n, h.untagged)
		}
		row, _ := c.catalog.Type(p.typ)
		low, calls := floor(c.listers[p.typ], row, h), len(s.Calls())
		all, fewest = all+calls, fewest+low
		if calls > low {
			spent = append(spent, fmt.Sprintf("%s: %d assets, %d calls, at least %d", id, h.assets, calls, low))
		}
		if h.assets > 0 && float64(calls) > 1.05*float64(low)+2 {
			t.Errorf("%s: %d calls, at least %d", id, calls, low)
		}
	}
	t.Logf("%d scopes, %d calls, at least %d: %.3f", len(scopes), all, fewest, float64(all)/float64(fewest))
	if float64(all) > 1.05*float64(fewest) {
		t.Errorf("the calls are too many:\n%s", strings.Join(spent, "\n"))
	}
}

// untagged counts the assets that are known to bear no tag. One whose tags are not known counts as many.
func untagged(r *reading) int {
	n := 0
	for _, a := range r.assets {
		switch {
		case a.Tags.State() != inventory.Known:
			n += 1_000_000
		case a.Tags.Len() == 0:
			n++
		}
	}
	return n
}
