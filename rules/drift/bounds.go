package drift

import (
	"encoding/json"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// bounds reports whether an attribute is one that something else moves, as the size of a group that scales, and stands where it may:
// between the bounds that are declared, or, where they are not, that are there. Where nobody knows the bounds it may stand anywhere.
func bounds(a *catalog.Attribute, o *inventory.Entry, wish, state side) bool {
	const two = 2
	if len(a.Within) != two {
		return false
	}
	limit := func(name string) (float64, bool) {
		for _, s := range []side{wish, state, {o}} {
			if v, e := s.value(o.Type, name); e != nil {
				return number(v)
			}
		}
		return 0, false
	}
	have, _ := o.CurrentAttribute(a.Name)
	n, ok := number(have)
	least, hasLeast := limit(a.Within[0])
	most, hasMost := limit(a.Within[1])
	return !ok || !hasLeast || !hasMost || least <= n && n <= most
}

// number reads a number, or a text that is one.
func number(v inventory.Value) (float64, bool) {
	f, err := json.Number(v.String()).Float64()
	return f, err == nil
}
