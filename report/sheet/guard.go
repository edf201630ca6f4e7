package sheet

import "strings"

// Unguarded takes off the apostrophe that Harmless put before what would start a formula.
func Unguarded(s string) string {
	if bare, guarded := strings.CutPrefix(s, "'"); guarded && startsFormula(bare) {
		return bare
	}
	return s
}
