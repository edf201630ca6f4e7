package resource

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// governanceKinds are projects, identities, keys, secrets, names, logs and alerts.
func governanceKinds() []Kind {
	destroyed := func(d Doc) bool { return d.Text("state") == "DESTROYED" }
	return []Kind{
		{Type: "cloudresourcemanager.googleapis.com/Project", Describe: describeProject},
		{Type: "iam.googleapis.com/ServiceAccount", Describe: describeServiceAccount},
		{Type: "iam.googleapis.com/ServiceAccountKey", Created: "validAfterTime", Describe: partOfHolder},
		{Type: "iam.googleapis.com/Role", Gone: func(d Doc) bool { return d.True("deleted") }},
		{Type: "cloudkms.googleapis.com/KeyRing"},
		{Type: "cloudkms.googleapis.com/CryptoKey", Describe: partOfHolder},
		{Type: "cloudkms.googleapis.com/CryptoKeyVersion", Gone: destroyed, Describe: partOfHolder},
		{Type: "secretmanager.googleapis.com/SecretVersion", Gone: destroyed, Describe: partOfHolder},
		{Type: "dns.googleapis.com/ManagedZone", Describe: describeZone},
		{Type: "dns.googleapis.com/Policy", Describe: describePolicy},
		{Type: "monitoring.googleapis.com/AlertPolicy", Created: "creationRecord.mutateTime"},
		{Type: "monitoring.googleapis.com/NotificationChannel", Created: "creationRecord.mutateTime"},
	}
}

// describeProject adds the project's number, which its representation has for a name.
func describeProject(s *Subject) {
	if number := lastSegment(s.Data.Text("name")); strings.Trim(number, "0123456789") == "" {
		s.Identify(inventory.ResourceID, number)
	}
	s.Identify(inventory.ResourceID, s.Data.Text("projectNumber"))
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
