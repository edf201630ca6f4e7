package storage

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func run(t *testing.T, typ inventory.Type, answers listertest.Answers) *listertest.Outcome {
	t.Helper()
	return listertest.Run(t, listertest.Find(t, Listers(), typ), answers)
}

func TestRefusedListings(t *testing.T) { listertest.Refused(t, Listers()) }
