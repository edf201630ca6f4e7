package rules

import (
	"reflect"

	"github.com/muster-audit/muster/rules/strictyaml"
)

// policyKeys lists every key that a policy file may hold.
func policyKeys() []string {
	var keys []string
	for _, t := range []reflect.Type{
		reflect.TypeFor[policySpec](), reflect.TypeFor[tagSpec](), reflect.TypeFor[driftSpec](), reflect.TypeFor[ignoreSpec](),
		reflect.TypeFor[exemptSpec](), reflect.TypeFor[recordsSpec](), reflect.TypeFor[authoritySpec](),
		reflect.TypeFor[valuesFromSpec](), reflect.TypeFor[LengthRange](), reflect.TypeFor[builtinOptions](), reflect.TypeFor[nearMissSpec](), reflect.TypeFor[floorSpec](),
	} {
		keys = append(keys, strictyaml.Keys(t)...)
	}
	return keys
}
