package catalog

import (
	"cmp"
	"encoding/csv"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/inventory"
)

var updateDocs = flag.Bool("update", false, "write docs/drift-attributes.md anew")

const attributesPage = "../../docs/drift-attributes.md"

// comparison says what is compared of a Terraform type, and why the rest of what is worth comparing is not.
type comparison struct {
	resource string
	cloud    inventory.Type
	facetOf  string
	compared []string          // Terraform's attributes
	ignored  map[string]string // with the reason; a policy may ask for them all the same
	leftOut  map[string]string // with the reason
}

// TestDocumentedAttributes holds the page about what is compared against the catalog. Every attribute that the mapping table names is
// compared on both sides, or left out for a reason that testdata/left-out.yaml gives; what stands there is left out indeed.
func TestDocumentedAttributes(t *testing.T) {
	reasons := leftOutReasons(t)
	c := mustLoad(t)
	var b strings.Builder
	b.WriteString(attributesIntroduction)
	for _, row := range mappingRows(t) {
		x := compareRow(t, c, row, reasons[row["tf_type"]])
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", x.resource, x.typeText(), x.comparedText(), x.leftOutText())
		delete(reasons, row["tf_type"])
	}
	for _, unused := range slices.Sorted(maps.Keys(reasons)) {
		t.Errorf("testdata/left-out.yaml: %s is no type of the mapping table", unused)
	}
	checkPage(t, b.String())
}

func checkPage(t *testing.T, want string) {
	t.Helper()
	if *updateDocs {
		if err := os.WriteFile(attributesPage, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(attributesPage)
	if err != nil || string(have) != want {
		t.Errorf("%s is not what the catalog says (%v): run go test ./inventory/catalog -run TestDocumentedAttributes -update", attributesPage, err)
	}
}

const attributesIntroduction = `# What is compared for each type

What drift compares is an allow-list. This page lists it for the types of Terraform's providers for AWS and Google that are mapped by hand; of
every other type its existence and its tags are compared. Where a resource sets one side of another, as the versioning of a bucket, that is
told of the other. *Ignored* is what is read on both sides and compared only if nothing else owns it, for the reason given. *Left out* is what
is not compared at all, and why. A test makes this page from the [catalog](catalog.md).

| Terraform type | provider's type | compared | ignored and left out |
|---|---|---|---|
`

func compareRow(t *testing.T, c *Catalog, row map[string]string, reasons map[string]string) comparison {
	t.Helper()
	tf, ok := c.Terraform(row["tf_type"])
	if !ok {
		t.Errorf("%s is not in the catalog", row["tf_type"])
	}
	x := comparison{resource: tf.Type, cloud: tf.CloudType, facetOf: tf.FacetOf, ignored: map[string]string{}, leftOut: map[string]string{}}
	if tf.Folds() {
		x.cloud = tf.Host.Type
	}
	cloud, _ := c.Type(x.cloud)
	for pair := range strings.SplitSeq(row["compare(tf=api|norm;...)"], ";") {
		name, api, _ := strings.Cut(pair, "=")
		a, mapped := mappedTo(tf, cloud, name)
		reason := reasons[name]
		delete(reasons, name)
		switch {
		case mapped && reason != "":
			t.Errorf("testdata/left-out.yaml: %s %s is not left out", tf.Type, name)
		case mapped && a.Ignore != "":
			x.ignored[name] = a.Ignore
		case mapped:
			x.compared = append(x.compared, name)
		case strings.HasPrefix(api, "-"):
			x.leftOut[name] = "nothing but Terraform knows it"
		case reason == "":
			t.Errorf("%s: %s is not compared, and testdata/left-out.yaml does not say why", tf.Type, name)
		default:
			x.leftOut[name] = reason
		}
	}
	for _, unused := range slices.Sorted(maps.Keys(reasons)) {
		t.Errorf("testdata/left-out.yaml: the mapping table of %s has no %s", tf.Type, unused)
	}
	return x
}

// mappedTo returns the attribute of the provider's type that is made of a Terraform attribute, also of a part of it.
func mappedTo(tf TerraformRow, cloud Row, path string) (Attribute, bool) {
	plain := func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, ".0.", "."), ".*.", ".") }
	want := plain(path)
	var found Attribute
	for _, m := range tf.Attributes {
		for _, from := range m.From {
			have := plain(from)
			if have == want || strings.HasPrefix(want, have+".") || strings.HasPrefix(have, want+".") {
				if a, ok := cloud.Attribute(m.Name); ok && (found.Name == "" || a.Ignore == "") {
					found = a
				}
			}
		}
	}
	return found, found.Name != ""
}

func (x comparison) typeText() string {
	s := string(x.cloud)
	if strings.HasPrefix(s, terraformPrefix) {
		s = ""
	}
	if x.facetOf != "" {
		s = strings.TrimSpace(s + " (a side of " + x.facetOf + ")")
	}
	return cmp.Or(s, "not mapped")
}

func (x comparison) comparedText() string {
	if len(x.compared) == 0 {
		return "existence and tags"
	}
	return strings.Join(x.compared, ", ")
}

// leftOutText groups attributes by the reason.
func (x comparison) leftOutText() string {
	by := map[string][]string{}
	for name, reason := range x.ignored {
		by["ignored, since "+strings.TrimPrefix(reason, "since ")] = append(by["ignored, since "+strings.TrimPrefix(reason, "since ")], name)
	}
	for name, reason := range x.leftOut {
		by[reason] = append(by[reason], name)
	}
	var list []string
	for _, reason := range slices.Sorted(maps.Keys(by)) {
		slices.Sort(by[reason])
		list = append(list, strings.Join(by[reason], ", ")+": "+strings.Replace(reason, "ignored, since ", "ignored: ", 1))
	}
	return strings.Join(list, "; ")
}

func leftOutReasons(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/left-out.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var reasons map[string]map[string]string
	if err := yaml.Unmarshal(text, &reasons); err != nil {
		t.Fatal(err)
	}
	return reasons
}

func mappingRows(t *testing.T) []map[string]string {
	t.Helper()
	f, err := os.Open("gen/tf-mapping.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(records))
	for _, r := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = r[i]
		}
		rows = append(rows, row)
	}
	return rows
}
