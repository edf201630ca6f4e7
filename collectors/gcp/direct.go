package gcp

import (
	"slices"

	"github.com/muster-audit/muster/collectors/gcp/direct"
	"github.com/muster-audit/muster/inventory"
)

// directAPIs are the other services.
func directAPIs() []api {
	var list []api
	for _, d := range direct.APIs() {
		list = append(list, api{
			name: d.Name, service: d.Service, types: d.Types(), permissions: d.Permissions(), list: d.List, probe: d.Probe,
			unproven: slices.DeleteFunc(d.Types(), func(t inventory.Type) bool { return !listedInPart(t) }),
		})
	}
	return list
}

// listedInPart reports whether the API lists not all resources of a type.
func listedInPart(t inventory.Type) bool {
	return t == "dataflow.googleapis.com/Job" // those that run alone
}
