package gcp

import (
	"slices"
	"testing"
)

// TestOptions holds what is said about options that cannot be meant.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		want []string
	}{
		{"good", Options{Projects: []string{"acme-prod", "acme-*", "example.com:acme"}, Types: []string{"compute.googleapis.com/*"}, Exclude: []string{"*-sandbox"}, QuotaProject: "acme-prod"}, nil},
		{"both", Options{Folder: "1", Organization: "2"}, []string{"organization: give one of projects, folder and organization"}},
		{"and projects", Options{Projects: []string{"acme-prod"}, Folder: "folders/1"}, []string{"folder: give one of projects, folder and organization"}},
		{"number", Options{Projects: []string{"123456"}}, []string{`projects[0]: "123456" is the number of a project: write its id, as "gcloud projects list" shows it`}},
		{"no id", Options{Projects: []string{"Acme Prod", "acme"}}, []string{
			`projects[0]: "Acme Prod" is no id of a project: write it as acme-prod, or a glob as acme-*`,
			`projects[1]: "acme" is no id of a project: write it as acme-prod, or a glob as acme-*`,
		}},
		{"twice", Options{Projects: []string{"acme-prod", "acme-prod"}}, []string{"projects[1]: project acme-prod is there twice"}},
		{"folder", Options{Folder: "prod"}, []string{`folder: "prod" is no number of a folder: write it as "123456789012"`}},
		{"organization", Options{Organization: "example.com"}, []string{`organization: "example.com" is no number of an organization: write it as "123456789012"`}},
		{"exclude", Options{Exclude: []string{"projects/x"}}, []string{`exclude[0]: "projects/x" is no id of a project, nor a glob of ids: write it as acme-sandbox-*`}},
		{"type", Options{Types: []string{"compute.googleapis.com/Instnce"}}, []string{`types[0]: "compute.googleapis.com/Instnce" matches no type of Google: did you mean "compute.googleapis.com/Instance"?`}},
		{"glob", Options{Types: []string{"storge.googleapis.com/*"}}, []string{`types[0]: "storge.googleapis.com/*" matches no type of Google: did you mean "storage.googleapis.com/*"?`}},
		{"short", Options{Types: []string{"compute/*", "storage/Bucket"}}, []string{
			`types[0]: "compute/*" matches no type of Google: did you mean "compute.googleapis.com/*"?`,
			`types[1]: "storage/Bucket" matches no type of Google: did you mean "storage.googleapis.com/Bucket"?`,
		}},
		{"no type", Options{Types: []string{"machines"}}, []string{`types[0]: "machines" is no type of Google: write a type or a glob, as compute.googleapis.com/*`}},
		{"unknown type", Options{Types: []string{"apps.k8s.io/Deployment", "compute.googleapis.com/RegionBackendService", "identity.accesscontextmanager.googleapis.com/*"}}, nil},
		{"words", Options{Inventory: "export", Compute: "both"}, []string{`inventory: "export" is none of search, list, off`, `compute: "both" is none of api, inventory`}},
		{"neither", Options{Inventory: "off", Compute: "inventory"}, []string{"compute: the inventory is off: take api, or turn inventory on"}},
		{"quota", Options{QuotaProject: "12"}, []string{`quota_project: "12" is no id of a project: write it as acme-prod`}},
		{"time", Options{CallTimeout: -1}, []string{"call_timeout: -1ns: want more than 0, as 60s"}},
		{"endpoint", Options{Endpoint: "http://example.com"}, []string{`endpoint: endpoint "http://example.com": only a server on this machine can stand for Google: name one on 127.0.0.1, or leave it out`}},
	} {
		o := options(c.o)
		var got []string
		for _, p := range o.Validate() {
			got = append(got, p.Option+": "+p.Message)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
