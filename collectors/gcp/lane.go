package gcp

import "github.com/muster-audit/muster/inventory"

// Lane names the service that a scope waits for, and the project if it is one of its own; the inventory has one quota for all.
func (c *collector) Lane(s inventory.Scope) string {
	p := paramsOf(s)
	if p.api == "" {
		return inventoryService
	}
	return p.root + " " + p.api
}
