package cloudformation

import (
	"slices"

	"github.com/muster-audit/muster/collectors/aws/stacks"
	"github.com/muster-audit/muster/inventory"
)

// Reference: "Stack status codes" and "Resource status codes" of the CloudFormation user guide.

// settled are the states of a stack in which its template and parameters are those of its resources. In all others some resources may be of
// the template before.
func settled(status string) bool {
	return slices.Contains([]string{
		"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE",
		"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE",
	}, status)
}

// stackLifecycle tells stacks that hold nothing yet or are on their way out. One that could not be deleted stays active.
func stackLifecycle(status string) inventory.Lifecycle {
	switch status {
	case "REVIEW_IN_PROGRESS":
		return inventory.LifecyclePlanned
	case "DELETE_IN_PROGRESS":
		return inventory.LifecycleRetiring
	}
	return inventory.LifecycleActive
}

// resourceLifecycle says what the state of a resource proves, and whether the stack holds it at all: what it deleted or let go is not there.
func resourceLifecycle(r stacks.Resource) (l inventory.Lifecycle, there bool) {
	switch r.Status {
	case "DELETE_COMPLETE", "DELETE_SKIPPED", "IMPORT_ROLLBACK_COMPLETE", "EXPORT_COMPLETE":
		return "", false
	case "DELETE_IN_PROGRESS", "DELETE_FAILED":
		return inventory.LifecycleRetiring, true
	case "CREATE_FAILED", "CREATE_IN_PROGRESS":
		if r.PhysicalID == "" {
			return inventory.LifecyclePlanned, true
		}
		return inventory.LifecycleUnknown, true
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED", "IMPORT_COMPLETE",
		"UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED":
		return inventory.LifecycleActive, true
	}
	return inventory.LifecycleUnknown, true
}

// resourceSettled reports whether the state of a resource says that it is as its template has it.
func resourceSettled(status string) bool {
	return slices.Contains([]string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}, status)
}
