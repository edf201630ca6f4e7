package listers

import (
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// TestEveryLister holds what the collector relies on, for all listers at once.
func TestEveryLister(t *testing.T) {
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	claimed := map[inventory.Type]bool{}
	for _, l := range All() {
		for _, typ := range l.Types() {
			if claimed[typ] {
				t.Errorf("%s is listed twice", typ)
			}
			claimed[typ] = true
			checkRow(t, known, &l, typ)
		}
		if l.List == nil || len(l.Operations) == 0 || len(l.ARNs) == 0 {
			t.Errorf("%s: List, Operations and ARNs are needed", l.Type)
		}
		if (l.BatchTags != nil) != (l.Batch > 0) {
			t.Errorf("%s: Batch and BatchTags go together", l.Type)
		}
		for _, op := range l.Operations {
			checkOperation(t, l.Type, op)
		}
	}
	if len(claimed) < 130 {
		t.Errorf("%d types have a native lister", len(claimed))
	}
}

func checkRow(t *testing.T, known *catalog.Catalog, l *lister.Lister, typ inventory.Type) {
	t.Helper()
	row, ok := known.Type(typ)
	if !ok {
		t.Errorf("the catalog does not know %s", typ)
		return
	}
	if row.Global && l.Place == lister.Regional {
		t.Errorf("%s is global by the catalog and listed in every region", typ)
	}
	for _, facet := range row.Facets {
		if !slices.ContainsFunc(l.Operations, func(o lister.Operation) bool { return o.Action == facet || strings.HasSuffix(facet, ":"+o.Name) }) {
			t.Errorf("%s: the facet %s is no operation of the lister", typ, facet)
		}
	}
}

func checkOperation(t *testing.T, typ inventory.Type, op lister.Operation) {
	t.Helper()
	if op.Service == "" || op.Name == "" {
		t.Errorf("%s: operation %+v", typ, op)
	}
	prefix, action, ok := strings.Cut(op.Action, ":")
	if !ok || prefix == "" || action == "" || strings.ToLower(prefix) != prefix {
		t.Errorf("%s: %q is no permission", typ, op.Action)
	}
}
