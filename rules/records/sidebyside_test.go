package records

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// lines renders facts, a line a fact, for the names that are asked for.
func lines(facts []Fact, names ...string) []string {
	var out []string
	for _, name := range names {
		for _, f := range facts {
			if f.Name != name {
				continue
			}
			cells := make([]string, len(f.Cells))
			for i, c := range f.Cells {
				cells[i] = string(c.State)
				if c.Value != "" {
					cells[i] = c.Value
				}
				if c.Unconfirmed {
					cells[i] += "?"
				}
			}
			out = append(out, fmt.Sprintf("%s %v %s", name, f.Differs, strings.Join(cells, " | ")))
		}
	}
	return out
}

func TestSideBySide(t *testing.T) {
	c, err := theCatalog()
	if err != nil {
		t.Fatal(err)
	}
	s := inventory.StringValue
	policy := &rules.Policy{Tags: []rules.TagRule{{ID: "owner", Keys: []string{"owner", "team"}}}}
	show := func(entries ...*inventory.Entry) []Fact { return SideBySide(c, policy, entries) }
	unread := attributes(inventory.Attribute{Name: "ImageId"}, inventory.Attribute{Name: "KeyName", Value: inventory.Null}, inventory.Attribute{Name: "InstanceType", Value: s("t3.large")})
	o := seen(arnA, unread, tagged("team", "search", "env", ""), named("web-1"))
	r := row("SRV-1", vm, has("instance_type", s("T3.Micro")), has("KeyName", s("prod")), has("type", s("VM")), tagged("owner", "payments"), stage(inventory.LifecycleRetired),
		in(account, "us-east-1"), named("web-2"), id(inventory.FQDN, "web.example.com"))
	d := entry(inventory.Declared, "infra", arnA, ec2, has("InstanceType", s("t3.large")), in(account, "eu-west-1"), func(e *inventory.Entry) {
		e.Tags, e.AttributesUnconfirmed = inventory.UnknownTags(), []string{"InstanceType"}
	})
	want := []string{
		"name true web-1 | web-2 | unsaid",
		"region true eu-west-1 | us-east-1 | eu-west-1",
		"life cycle true unsaid | retired | unsaid",
		"ImageId false unknown | unsaid | unsaid",
		"InstanceType true t3.large | T3.Micro | t3.large?",
		"KeyName true none | prod | unsaid",
		"attribute type false unsaid | VM | unsaid",
		"tag env false none | unsaid | unknown",
		"tag owner true search (as team) | payments | unknown",
		"fqdn false unsaid | web.example.com | unsaid",
	}
	got := lines(show(o, r, d), "name", "region", "life cycle", "ImageId", "InstanceType", "KeyName", "attribute type", "tag env", "tag owner", "fqdn")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSideBySideMarksNothingUnknown: what one side does not know is no difference.
func TestSideBySideMarksNothingUnknown(t *testing.T) {
	c, err := theCatalog()
	if err != nil {
		t.Fatal(err)
	}
	s := inventory.StringValue
	full := func(book inventory.Book) *inventory.Entry {
		return entry(book, "x", arnA, ec2, in(account, "eu-west-1"), named("web-1"), has("InstanceType", s("t3.micro")), has("os", s("Debian 12")), tagged("owner", "payments"),
			id(inventory.FQDN, "web-1.example.com"), id(inventory.PrivateIP, "10.0.0.4"))
	}
	bare := func(book inventory.Book) *inventory.Entry {
		e := entry(book, "y", arnA, ec2)
		e.Tags, e.Attributes = inventory.UnknownTags(), inventory.Attributes{}
		return e
	}
	stale := full(inventory.Observed)
	tagged("owner", "search")(stale)
	stale.Attributes = inventory.KnownAttributes(inventory.Attribute{Name: "InstanceType", Value: s("t3.large")})
	stale.TagsUnconfirmed, stale.AttributesUnconfirmed = true, []string{"*"}
	for _, book := range inventory.Books() {
		for _, pair := range [][]*inventory.Entry{{full(book), bare(inventory.Observed)}, {full(book), bare(inventory.Recorded)}, {full(book), bare(inventory.Declared)}, {full(book), full(inventory.Recorded)}, {full(book), stale}} {
			for _, f := range SideBySide(c, nil, pair) {
				if f.Differs {
					t.Errorf("%s beside %s: %s is marked: %+v", book, pair[1].Book, f.Name, f.Cells)
				}
			}
		}
	}
}
