package sheet

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/rules"
)

func TestWho(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 3, 4, 0, time.UTC)
	none, some := appendWho(nil, nil), appendWho(nil, &rules.Who{Actor: "jane", At: at, Action: "ec2:RunInstances", Via: "CLI"})
	if len(none) != len(whoColumns()) || len(some) != len(whoColumns()) {
		t.Fatalf("%d and %d cells for %d columns", len(none), len(some), len(whoColumns()))
	}
	for i, want := range []Cell{TextCell("jane"), MomentCell(at), TextCell("ec2:RunInstances"), TextCell("CLI")} {
		if some[i] != want {
			t.Errorf("%s: %+v, want %+v", whoColumns()[i].Name, some[i], want)
		}
	}
	if none[1] != (Cell{}) {
		t.Errorf("a time without an event: %+v", none[1])
	}
}
