package neighbours

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/inventory"
)

// groupTags are the tags that say what an asset is a part of, in lower case and without separators.
var groupTags = []string{"project", "stack", "application", "app", "appname", "service", "system", "product", "component", "workload"} //nolint:gochecknoglobals // a constant list

// PlainKey is a tag's key as it is compared with such a list: in lower case, without separators.
func PlainKey(key string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_.: /", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, key)
}

// GroupTags yields the tags that say what an asset is a part of.
func GroupTags(tags inventory.Tags) iter.Seq[inventory.Tag] {
	return func(yield func(inventory.Tag) bool) {
		for t := range tags.All() {
			if Tells(t) && slices.Contains(groupTags, PlainKey(t.Key)) && !yield(t) {
				return
			}
		}
	}
}

// networks are the attributes that say where in a network an asset is, the most exact first.
var networks = []string{"SubnetId", "VpcId", "subnetwork", "network"} //nolint:gochecknoglobals // a constant list

// Networks yields the attributes that say where in a network an asset is, with their values, the most exact first.
func Networks(e *inventory.Entry) iter.Seq2[string, string] {
	return func(yield func(attribute, value string) bool) {
		for _, attribute := range networks {
			v, ok := e.CurrentAttribute(attribute)
			if ok && v != inventory.Null && v.String() != "" && !yield(attribute, v.String()) {
				return
			}
		}
	}
}

// Tells reports whether a tag has a value, and one that somebody knows.
func Tells(t inventory.Tag) bool {
	return strings.TrimSpace(t.Value) != "" && !t.ValueUnknown && !inventory.IsSecretHash(t.Value)
}

// Share says how many agree. Numbers are told roughly, so that a finding stays the same while the estate grows by an asset.
func Share(n, all int) string {
	if n == all {
		return "all " + Roughly(all)
	}
	return fmt.Sprintf("at least %d %% of the", n*100/all/10*10)
}

// Roughly is a number as far as it matters.
func Roughly(n int) string {
	if n < 10 {
		return strconv.Itoa(n)
	}
	floor := 10
	for n >= floor*10 {
		floor *= 10
	}
	return fmt.Sprintf("of at least %d", floor)
}
