package files

import (
	"fmt"
	"math"
	"slices"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// Covers is the option "covers": of which assets a source would know. Each list holds patterns in which "*" stands for any
// characters.
type Covers struct {
	Types    []string `yaml:"types" jsonschema_description:"Patterns of asset types, in which * stands for any characters; empty covers all."`
	Accounts []string `yaml:"accounts" jsonschema_description:"Patterns of accounts."`
	Regions  []string `yaml:"regions" jsonschema_description:"Patterns of regions."`
}

// Coverage is the coverage of each of the source's scopes: derived if nothing is configured.
func (c Covers) Coverage() inventory.Coverage {
	if len(c.Types)+len(c.Accounts)+len(c.Regions) == 0 {
		return inventory.Coverage{Derived: true}
	}
	return inventory.Coverage{Types: sorted(c.Types), Accounts: sorted(c.Accounts), Regions: sorted(c.Regions)}
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// CheckLimits returns the problems of the options max_skipped and max_drop.
func CheckLimits(maxSkipped int, maxDrop float64) []collectors.OptionError {
	var list []collectors.OptionError
	if maxSkipped < 0 {
		list = append(list, collectors.OptionError{
			Option: "max_skipped", Message: fmt.Sprintf("%d: want the number of records that may be skipped, 0 or more", maxSkipped),
		})
	}
	if math.IsNaN(maxDrop) || maxDrop < 0 || maxDrop > 1 {
		list = append(list, collectors.OptionError{
			Option: "max_drop", Message: fmt.Sprintf("%v: want a part from 0 to 1, as 0.2 for a fifth; 0 turns the check off", maxDrop),
		})
	}
	return list
}

// DefaultMaxDrop is the part of an export that may be gone at once and be believed.
const DefaultMaxDrop = 0.2
