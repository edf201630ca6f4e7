package database

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

// xml wraps the members of an answer as the older services do.
func xml(operation, members string) string {
	return "<" + operation + "Response><" + operation + "Result>" + members + "</" + operation + "Result></" + operation + "Response>"
}

func run(t *testing.T, typ inventory.Type, answers listertest.Answers) *listertest.Outcome {
	t.Helper()
	return listertest.Run(t, listertest.Find(t, Listers(), typ), answers)
}

func TestRefusedListings(t *testing.T) { listertest.Refused(t, Listers()) }
