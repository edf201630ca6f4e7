package resource

import (
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// kinds lists all types that need more than their row of the catalog.
func kinds() []Kind {
	return slices.Concat(computeKinds(), databaseKinds(), platformKinds(), serverlessKinds(), governanceKinds())
}

// stage is the stage of life that a state stands for, in the words of Google's APIs. What is not about to go is active.
func stage(state string) inventory.Lifecycle {
	switch state {
	case "DELETE_REQUESTED", "DELETING", "PENDING_DELETE", "DELETED", "DESTROY_SCHEDULED":
		return inventory.LifecycleRetiring
	}
	return inventory.LifecycleActive
}

// state is what a resource says of itself, in the words of its API.
func state(r Resource) string {
	for _, field := range []string{"lifecycleState", "state", "status"} {
		if s := r.Data.Text(field); s != "" {
			return s
		}
	}
	if r.Index != nil {
		return r.Index.State
	}
	return ""
}
