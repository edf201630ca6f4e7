package ansible_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/ansible"
)

// TestDocumentationNamesEveryOption looks for every option in docs/ansible.md.
func TestDocumentationNamesEveryOption(t *testing.T) {
	page, err := os.ReadFile("../../docs/ansible.md")
	if err != nil {
		t.Fatal(err)
	}
	for f := range reflect.TypeFor[ansible.Options]().Fields() {
		if name := f.Tag.Get("yaml"); !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("the page does not name %q", name)
		}
	}
}
