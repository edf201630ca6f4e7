package resource

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// governanceKinds are projects, identities, keys, secrets, names, logs and alerts.
func governanceKinds() []Kind {
	destroyed := func(d Doc) bool { return d.Text("state") == "DESTROYED" }
	return []Kind{
		{Type: "cloudresourcemanager.googleapis.com/Project", Form: formProject, Describe: describeProject},
		{Type: "iam.googleapis.com/ServiceAccount", Named: byField("serviceAccounts", "email"), Describe: describeServiceAccount},
		{Type: "iam.googleapis.com/ServiceAccountKey", Named: keyName, Created: "validAfterTime", Describe: partOfHolder},
		{Type: "iam.googleapis.com/Role", Gone: func(d Doc) bool { return d.True("deleted") }},
		{Type: "cloudkms.googleapis.com/KeyRing"},
		{Type: "cloudkms.googleapis.com/CryptoKey", Describe: partOfHolder},
		{Type: "cloudkms.googleapis.com/CryptoKeyVersion", Gone: destroyed, Describe: madeByHolder},
		{Type: "secretmanager.googleapis.com/SecretVersion", Gone: destroyed, Describe: madeByHolder},
		{Type: "dns.googleapis.com/ManagedZone", Named: byField("managedZones", "name"), Describe: describeZone},
		{Type: "dns.googleapis.com/Policy", Named: byField("policies", "name"), Describe: describePolicy},
		{Type: "monitoring.googleapis.com/AlertPolicy", Created: "creationRecord.mutateTime"},
		{Type: "monitoring.googleapis.com/NotificationChannel", Created: "creationRecord.mutateTime"},
	}
}

// byField names a thing by one of its fields, as people do.
func byField(collection, field string) func(string, Doc) string {
	return func(project string, d Doc) string {
		if name := d.Text(field); project != "" && name != "" {
			return "projects/" + project + "/" + collection + "/" + name
		}
		return ""
	}
}

// keyName is the name of a service account's key, by the account's address.
func keyName(_ string, d Doc) string {
	if name := d.Text("name"); strings.Contains(name, "@") {
		return name
	}
	return ""
}

// formProject brings a project into the form of version 3 of the resource manager. That of version 1 has the name for people in the field
// that now holds the number.
func formProject(d Doc) Doc {
	if d.Text("lifecycleState") == "" {
		return d
	}
	out := moved(d, []move{
		{to: "projectId", from: "projectId"},
		{to: "displayName", from: "name"},
		{to: "state", from: "lifecycleState"},
		{to: "labels", from: "labels"},
		{to: "createTime", from: "createTime"},
	})
	if number := d.Text("projectNumber"); number != "" {
		out["name"] = "projects/" + number
	}
	if id := d.Text("parent.id"); id != "" {
		out["parent"] = d.Text("parent.type") + "s/" + id
	}
	return out
}

// describeProject adds the project's number, which its representation has for a name.
func describeProject(s *Subject) {
	if number := lastSegment(s.Data.Text("name")); strings.Trim(number, "0123456789") == "" {
		s.Identify(inventory.ResourceID, number)
	}
}

// describeServiceAccount adds both names of a service account: the asset inventory's is by its unique id, and people's by its address.
func describeServiceAccount(s *Subject) {
	s.Identify(inventory.ResourceID, s.Data.Text("uniqueId"))
	s.called("displayName", "email")
	s.alsoNamed(s.projectPath("serviceAccounts", s.Data.Text("uniqueId")))
	s.alsoNamed(s.projectPath("serviceAccounts", s.Data.Text("email")))
}

// describeZone adds both names of a zone: the asset inventory's is by its number.
func describeZone(s *Subject) {
	s.called("name")
	s.Identify(inventory.ResourceID, s.Data.Text("id"))
	s.alsoNamed(s.projectPath("managedZones", s.Data.Text("id")))
	s.alsoNamed(s.projectPath("managedZones", s.Data.Text("name")))
}

func describePolicy(s *Subject) {
	s.called("name")
	s.alsoNamed(s.projectPath("policies", s.Data.Text("id")))
	s.alsoNamed(s.projectPath("policies", s.Data.Text("name")))
}
