package gcp

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

const (
	guide   = "../../docs/gcp.md"
	heading = "\n## Types\n"
)

// TestDocumentedTypes holds the table of types in the guide against the APIs and the catalog.
func TestDocumentedTypes(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	before, found, ok := strings.Cut(string(text), heading)
	if !ok {
		t.Fatalf("%s has no heading %q", guide, heading)
	}
	if want := typesTable(t); found != want { // -update writes it
		collectortest.Golden(t, guide, []byte(before+heading+want))
	}
}

func typesTable(t *testing.T) string {
	t.Helper()
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	apis := map[string]string{}
	var names []string
	for _, a := range allAPIs() {
		for _, typ := range a.types {
			apis[string(typ)] = a.name
			names = append(names, string(typ))
		}
	}
	for _, n := range googleTypes(known) {
		if row, _ := known.Type(inventory.Type(n)); len(row.Attributes) > 0 {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var b strings.Builder
	fmt.Fprintf(&b, `
%d types are known in detail, or have an API of their own here, by whose name a scope ends. The asset inventory knows hundreds more, which are
read by name, place and labels.

| type | own API | labels | attributes |
|---|---|---|---|
`, len(names))
	for _, n := range names {
		row, _ := known.Type(inventory.Type(n))
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", n, apis[n], labelsText(row), attributesText(row))
	}
	return b.String()
}

func labelsText(row catalog.Row) string {
	switch {
	case row.Taggable == inventory.NotApplicable:
		return "cannot be labelled"
	case row.Taggable == inventory.Unknown:
		return "as the inventory tells"
	case row.TagProperty == "":
		return "`labels`"
	}
	return "`" + row.TagProperty + "`"
}

func attributesText(row catalog.Row) string {
	if len(row.Attributes) == 0 {
		return ""
	}
	return fmt.Sprint(len(row.Attributes))
}

// TestDocumentedAPIs looks for every API in the guide.
func TestDocumentedAPIs(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range allAPIs() {
		if !strings.Contains(string(text), "`"+a.service+"`") {
			t.Errorf("%s does not name %s", guide, a.service)
		}
	}
}
