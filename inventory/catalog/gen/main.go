// Command gen packs the published tables of resource types into the two files that package catalog embeds. It runs
// in the folder of package catalog: go generate ./inventory/catalog.
//
//   - cfn-types.tsv: every CloudFormation type, from the published resource schemas
//   - google-types.tsv: the types of Google Cloud, from its discovery documents; gen/google makes it
//   - aws-provider-types.tsv: every resource type of Terraform's AWS provider 5.100.0
//   - tf-mapping.csv: which cloud type a Terraform type is, and how it is identified
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run("gen", "generated"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run reads the tables in one folder and writes the packed ones to another.
func run(from, to string) error {
	types, err := typesTable(from)
	if err != nil {
		return err
	}
	terraform, err := terraformTable(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for name, lines := range map[string][]string{"types": types, "terraform": terraform} {
		packed, err := pack(lines)
		if err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(to, name+".tsv.gz"), packed, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func pack(lines []string) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write([]byte(strings.Join(lines, "\n") + "\n")); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// typesTable returns the lines type, taggable, tag property, primary identifier, read-only, write-only, properties.
func typesTable(dir string) ([]string, error) {
	rows, err := readTSV(filepath.Join(dir, "cfn-types.tsv"), 7)
	if err != nil {
		return nil, err
	}
	lines, err := googleTypes(filepath.Join(dir, "google-types.tsv"))
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if strings.HasPrefix(r[0], "AWS::") { // the table also has a module and a voice assistant's skill
			lines = append(lines, strings.Join(r, "\t"))
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// googleTypes returns the lines of Google's types, of which nobody publishes what identifies them and what is read-only.
func googleTypes(path string) ([]string, error) {
	rows, err := readTSV(path, 4)
	if err != nil {
		return nil, err
	}
	lines := make([]string, 0, len(rows))
	for _, r := range rows {
		lines = append(lines, strings.Join([]string{r[0], r[1], r[2], "", "", "", r[3]}, "\t"))
	}
	return lines, nil
}

// terraformType is a line of the other table. The columns are in the order of line.
type terraformType struct {
	name, provider, cloudType, taggable, id, arn, fullName, tags, facetOf, sensitive string
}

func (t terraformType) line() string {
	return strings.Join([]string{
		t.name, t.provider, t.cloudType, t.taggable, t.id, t.arn, t.fullName, t.tags, t.facetOf, t.sensitive,
	}, "\t")
}

func terraformTable(dir string) ([]string, error) {
	types, err := providerTypes(filepath.Join(dir, "aws-provider-types.tsv"))
	if err != nil {
		return nil, err
	}
	if err := addMappings(types, filepath.Join(dir, "tf-mapping.csv")); err != nil {
		return nil, err
	}
	lines := make([]string, 0, len(types))
	for _, t := range types {
		lines = append(lines, t.line())
	}
	slices.Sort(lines)
	return lines, nil
}

func providerTypes(path string) (map[string]terraformType, error) {
	rows, err := readTSV(path, 4)
	if err != nil {
		return nil, err
	}
	types := make(map[string]terraformType, len(rows))
	for _, r := range rows {
		t := terraformType{name: r[0], provider: "aws", taggable: r[1], id: "id", sensitive: r[3]}
		if r[1] == "1" {
			t.tags = "tags_all,tags"
		}
		if r[2] == "1" {
			t.arn = "arn"
		}
		types[t.name] = t
	}
	return types, nil
}

// addMappings adds what the mapping knows of each type and of its aliases.
func addMappings(types map[string]terraformType, path string) error {
	rows, err := readMapping(path)
	if err != nil {
		return err
	}
	for _, m := range rows {
		for _, name := range append(strings.Fields(m["tf_aliases"]), m["tf_type"]) {
			t, ok := types[name]
			if !ok {
				t = terraformType{name: name, provider: m["provider"]}
			}
			types[name] = t.mapped(m)
		}
	}
	return nil
}

// mapped adds a row of the mapping. A cloud type that is none ("-", "(IAM policy of project)") stays empty, and so does
// that of a facet which is mapped to the type of its host: it is a side of that asset and no second one.
func (t terraformType) mapped(m map[string]string) terraformType {
	t.cloudType, t.id = plain(m["cloud_type"]), plain(m["tf_id_attr"])
	name, _, _ := strings.Cut(m["arn_or_full_name"], ";")
	name = strings.ReplaceAll(strings.TrimSpace(name), "locations|zones", "locations")
	switch {
	case strings.HasPrefix(name, "facet of "):
		t.facetOf = strings.TrimPrefix(name, "facet of ")
		if t.cloudType == "AWS::S3::Bucket" {
			t.cloudType = ""
		}
	case strings.Contains(name, "{"):
		t.fullName = name
	default:
		t.arn = plain(name)
	}
	if t.provider == "gcp" {
		t.taggable, t.tags = "0", ""
		if tags := plain(m["tf_tags_attr"]); tags != "" {
			t.taggable, t.tags = "1", googleTags(tags)
		}
	}
	return t
}

// googleTags returns the attributes that hold a resource's labels: what configuration and provider set first, since
// effective_labels also holds what others wrote.
func googleTags(attr string) string {
	if strings.Contains(attr, ".") {
		return attr
	}
	if strings.Contains(attr, "resource_labels") {
		return "terraform_labels,resource_labels"
	}
	return "terraform_labels,labels"
}

func plain(s string) string {
	if s == "-" || strings.HasPrefix(s, "(") {
		return ""
	}
	return s
}

// readTSV returns the rows below the header, each with exactly n columns.
func readTSV(path string, n int) ([][]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		r := strings.Split(line, "\t")
		if len(r) != n {
			return nil, fmt.Errorf("%s:%d: %d columns, want %d", path, i+1, len(r), n)
		}
		if i > 0 {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// readMapping returns the rows of a CSV file by the names of its header.
func readMapping(path string) ([]map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var rows []map[string]string
	for _, r := range records[1:] {
		row := make(map[string]string, len(r))
		for i, name := range records[0] {
			row[name] = r[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}
