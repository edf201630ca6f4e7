package session

import (
	"strings"

	"github.com/muster-audit/muster/collectors/pace"
)

// payer is whose quota a call is charged to: the quota of a project at a service, of which some kinds of call have their own.
type payer struct{ project, service, kind string }

// Kinds of call with a quota of their own.
const (
	searching = "search"
	listing   = "list"
)

// payerOf says whose quota a call uses up. Without a quota project, services that have things of their own charge the project that the
// things are in; the others charge the project of the credentials, whichever it is. Source: "About the quota project".
func payerOf(quotaProject, root, service, operation string) payer {
	p := payer{project: quotaProject, service: service}
	if p.project == "" && !ownless(service) {
		p.project = root
	}
	if service == assetInventory {
		switch {
		case strings.HasPrefix(operation, "search"):
			p.kind = searching
		case operation == "assets":
			p.kind = listing
		}
	}
	return p
}

const (
	assetInventory  = "cloudasset.googleapis.com"
	resourceManager = "cloudresourcemanager.googleapis.com"
)

// ownless are services that tell of other services' things.
func ownless(service string) bool {
	switch service {
	case assetInventory, resourceManager, "serviceusage.googleapis.com", "iam.googleapis.com", "cloudbilling.googleapis.com":
		return true
	}
	return false
}

// quotaOf returns what Google publishes for calls that read, less a fifth, since others use the project too; and an even smaller rate
// where the quota is not known. The inventory's quotas are 400 searches and 100 lists a minute: its burst is part of the minute's.
// Sources: "Cloud Asset Inventory quotas and limits"; "Compute Engine API rate limits" (1500 read requests a minute).
func quotaOf(p payer) pace.Quota {
	switch {
	case p.service == assetInventory && p.kind == searching:
		return pace.Quota{PerSecond: 5, Burst: 20}
	case p.service == assetInventory && p.kind == listing:
		return pace.Quota{PerSecond: 1.25, Burst: 5}
	case p.service == "compute.googleapis.com":
		return pace.Quota{PerSecond: 20, Burst: 20}
	}
	return pace.Quota{PerSecond: 10, Burst: 10}
}
