package cli

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func TestProblemLine(t *testing.T) {
	for want, p := range map[string]inventory.Problem{
		"a.csv:3:7: no key; fill one":  {File: "a.csv", Line: 3, Column: 7, Message: "no key", Remedy: "fill one"},
		"output:2:1: it is not JSON":   {Line: 2, Column: 1, Message: "it is not JSON"},
		"a.csv: no header":             {File: "a.csv", Message: "no header"},
		"it says nothing at all; wait": {Message: "it says nothing at all", Remedy: "wait"},
	} {
		if got := problemLine(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
