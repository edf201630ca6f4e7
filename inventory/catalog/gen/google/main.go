// Command google makes gen/google-types.tsv, the table of Google's asset types, of the discovery documents that the module
// google.golang.org/api holds. It needs no network once the module is in the module cache. It runs in the folder of package
// catalog: go run ./gen/google.
//
// A type is what a method "get" of a cloud service returns, named as the asset inventory names it: the service's host and
// the schema. It can carry labels if the schema has a map of labels that its owner may set. The schema of a resource is
// whole, so that one without any such map cannot carry labels; where there is one that only Google writes, or one of
// another shape, nobody knows.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(filepath.Join("gen", "google-types.tsv")); err != nil {
		fmt.Fprintln(os.Stderr, "google:", err)
		os.Exit(1)
	}
}

// run writes the table to a file.
func run(to string) error {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		return fmt.Errorf("find the module google.golang.org/api: %w", err)
	}
	lines, err := table(strings.TrimSpace(string(dir)))
	if err != nil {
		return err
	}
	return os.WriteFile(to, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// table returns the lines of the table: type, whether it can carry labels, where they are, names of its fields.
func table(dir string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*", "*-api.json"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("%s: no discovery documents, %v", dir, err)
	}
	var documents []document
	for _, p := range paths {
		d, err := readDocument(p)
		if err != nil {
			return nil, err
		}
		if d.cloud() {
			documents = append(documents, d)
		}
	}
	slices.SortStableFunc(documents, newestFirst)
	types := map[string]assetType{}
	for _, d := range documents {
		d.addTypes(types)
	}
	addAliases(types)
	lines := make([]string, 0, len(types)+1)
	for name, t := range types {
		lines = append(lines, strings.Join([]string{name, t.taggable, t.labels, strings.Join(t.fields, ",")}, "\t"))
	}
	slices.Sort(lines)
	return slices.Insert(lines, 0, "type\ttaggable\ttag_property\tproperties"), nil
}

// assetType is a line of the table. taggable is "1", "0" or empty where nobody knows.
type assetType struct {
	taggable, labels string
	fields           []string
}

// addAliases adds the types that the asset inventory tells apart where the API has one schema, or calls by another name.
func addAliases(types map[string]assetType) {
	for name, of := range map[string]string{
		"anthos.googleapis.com/ConnectedCluster":      "gkehub.googleapis.com/Membership",
		"apigateway.googleapis.com/Api":               "apigateway.googleapis.com/ApigatewayApi",
		"apigateway.googleapis.com/ApiConfig":         "apigateway.googleapis.com/ApigatewayApiConfig",
		"apigateway.googleapis.com/Gateway":           "apigateway.googleapis.com/ApigatewayGateway",
		"apikeys.googleapis.com/Key":                  "apikeys.googleapis.com/V2Key",
		"looker.googleapis.com/Backup":                "looker.googleapis.com/InstanceBackup",
		"compute.googleapis.com/GlobalAddress":        "compute.googleapis.com/Address",
		"compute.googleapis.com/GlobalForwardingRule": "compute.googleapis.com/ForwardingRule",
		"compute.googleapis.com/RegionBackendService": "compute.googleapis.com/BackendService",
		"compute.googleapis.com/RegionDisk":           "compute.googleapis.com/Disk",
		"sqladmin.googleapis.com/Instance":            "sqladmin.googleapis.com/DatabaseInstance",
	} {
		if t, ok := types[of]; ok {
			types[name] = t
		}
	}
	groups := types["cloudidentity.googleapis.com/Group"] // its labels say what kind of group it is
	types["cloudidentity.googleapis.com/Group"] = assetType{taggable: "0", fields: groups.fields}
}
