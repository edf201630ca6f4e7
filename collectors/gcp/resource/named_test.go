package resource

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// The asset inventory names some things by a number, and people and their code by a name: both are one asset.
func TestNamedByPeople(t *testing.T) {
	tests := []struct {
		typ                   inventory.Type
		name, text, key, also string
	}{
		{
			"iam.googleapis.com/ServiceAccount", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/103",
			`{"name":"projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com","uniqueId":"103","email":"web@acme-prod.iam.gserviceaccount.com"}`,
			"//iam.googleapis.com/projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/103",
		},
		{
			"iam.googleapis.com/ServiceAccountKey", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/103/keys/ab",
			`{"name":"projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com/keys/ab"}`,
			"//iam.googleapis.com/projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com/keys/ab", "",
		},
		{
			"dns.googleapis.com/ManagedZone", "//dns.googleapis.com/projects/123456789012/managedZones/44", `{"id":"44","name":"acme"}`,
			"//dns.googleapis.com/projects/acme-prod/managedZones/acme", "//dns.googleapis.com/projects/acme-prod/managedZones/44",
		},
		{
			"dns.googleapis.com/Policy", "projects/acme-prod/policies/5", `{"id":"5","name":"log"}`,
			"//dns.googleapis.com/projects/acme-prod/policies/log", "//dns.googleapis.com/projects/acme-prod/policies/5",
		},
		{"dns.googleapis.com/ManagedZone", "projects/acme-prod/managedZones/44", `{"id":"44"}`, "//dns.googleapis.com/projects/acme-prod/managedZones/44", ""},
	}
	for _, tt := range tests {
		a, ok, err := table(t).Asset(Resource{Type: tt.typ, Name: tt.name, Project: "projects/123456789012", Data: doc(t, tt.text)})
		if err != nil || !ok || a.Key != tt.key || a.Account != "acme-prod" {
			t.Errorf("%s: key %q of %q, error %v", tt.name, a.Key, a.Account, err)
		}
		found := tt.also == ""
		for _, i := range a.Identifiers {
			found = found || i == inventory.Identifier{Kind: inventory.SelfLink, Value: tt.also}
		}
		if !found {
			t.Errorf("%s: identifiers %v lack %s", tt.name, a.Identifiers, tt.also)
		}
	}
}

// A project is told in the form of version 1 of its API or in that of version 3.
func TestProjectForms(t *testing.T) {
	for version, text := range map[string]string{
		"v1": `{"projectId":"acme-prod","projectNumber":"123456789012","name":"Acme production","lifecycleState":"ACTIVE","labels":{"a":"b"},"parent":{"type":"folder","id":"7"}}`,
		"v3": `{"projectId":"acme-prod","name":"projects/123456789012","displayName":"Acme production","state":"ACTIVE","labels":{"a":"b"},"parent":"folders/7"}`,
	} {
		a := assetOf(t, table(t), "cloudresourcemanager.googleapis.com/Project", "projects/123456789012", text)
		v := values(a)
		if a.Name != "Acme production" || v["displayName"] != `"Acme production"` || v["parent"] != `"folders/7"` || a.Tags.Len() != 1 ||
			a.Key != "//cloudresourcemanager.googleapis.com/projects/acme-prod" || len(a.Identifiers) != 2 {
			t.Errorf("%s: %+v, %v", version, a, v)
		}
	}
}

// Relative names hold the project's id, like full ones; a number of a project that nobody knows stays, and so does any other text.
func TestRelativeNamesHoldIDs(t *testing.T) {
	for text, want := range map[string]string{
		"projects/123456789012/topics/dead": "projects/acme-prod/topics/dead", "projects/9/topics/dead": "projects/9/topics/dead",
		"projects/123456789012": "projects/123456789012", "projects/acme/topics/t": "projects/acme/topics/t", "_deleted-topic_": "_deleted-topic_",
	} {
		if got := table(t).plain(text, false); got != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

// What only the index knows goes with what it is in, unless that is the project.
func TestShallowGoesWithItsParent(t *testing.T) {
	const service = "//run.googleapis.com/projects/acme-prod/locations/l/services/shop"
	for parent, want := range map[string]string{service: service, "//cloudresourcemanager.googleapis.com/projects/123456789012": "", "": ""} {
		a, ok, err := table(t).Asset(Resource{Type: "run.googleapis.com/Revision", Name: "projects/acme-prod/locations/l/revisions/r", Index: &Index{Parent: parent}})
		if err != nil || !ok || !a.Shallow {
			t.Fatalf("%v %t %+v", err, ok, a)
		}
		got := ""
		for _, r := range a.Relations {
			if r.Kind == inventory.AttachedTo {
				got = r.Key
			}
		}
		if got != want {
			t.Errorf("in %q: attached to %q, want %q", parent, got, want)
		}
	}
}
