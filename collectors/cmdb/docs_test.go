package cmdb_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/cmdb"
)

// TestDocumentationNamesEveryOption looks for every option and column key in docs/cmdb.md.
func TestDocumentationNamesEveryOption(t *testing.T) {
	page, err := os.ReadFile("../../docs/cmdb.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, options := range []reflect.Type{reflect.TypeFor[cmdb.Options](), reflect.TypeFor[cmdb.Columns]()} {
		for f := range options.Fields() {
			if name := f.Tag.Get("yaml"); !strings.Contains(string(page), "`"+name+"`") {
				t.Errorf("the page does not name %q", name)
			}
		}
	}
}
