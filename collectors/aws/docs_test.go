package aws

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listers"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

const (
	guide   = "../../docs/aws.md"
	heading = "\n## Types\n"
)

// TestDocumentedTypes holds the table of types in the guide against the listers and the catalog.
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
	rows := map[inventory.Type]string{}
	for _, l := range listers.All() {
		main, _ := known.Type(l.Type)
		for _, typ := range l.Types() {
			row, _ := known.Type(typ)
			if len(row.Facets) == 0 {
				row.Facets = main.Facets
			}
			rows[typ] = fmt.Sprintf("| `%s` | %s | %s |\n", typ, tagsText(&l, main, row), callsText(row.Facets))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `
%d types have a native lister. Tags come *with the asset*, by the *tagging API*, *together*, so many assets a call, or by an *own call* for
each asset. With `+"`iam_details`"+`, those of IAM users and roles come with the asset too. The further calls are made for each asset, for a few
at a time, or for each thing that has such assets in it, since no list call tells what they do.

| type | tags | further calls |
|---|---|---|
`, len(rows))
	for _, typ := range slices.Sorted(maps.Keys(rows)) {
		b.WriteString(rows[typ])
	}
	return b.String()
}

func tagsText(l *lister.Lister, main, row catalog.Row) string {
	switch {
	case row.Taggable == inventory.NotApplicable:
		return "cannot be tagged"
	case l.BatchTags != nil:
		return fmt.Sprintf("together, %d a call", l.Batch)
	case l.ReadTags == nil:
		return "with the asset"
	}
	switch main.TaggingAPI {
	case catalog.TaggingNone:
		return "own call"
	case catalog.TaggingComplete:
		return "tagging API"
	}
	return "tagging API, then own call"
}

func callsText(facets []string) string {
	if len(facets) == 0 {
		return ""
	}
	return "`" + strings.Join(facets, "`, `") + "`"
}
