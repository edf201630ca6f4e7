package aws

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Lane names the service, region and account that a scope waits for.
func (c *collector) Lane(s inventory.Scope) string {
	p := paramsOf(s)
	service := strings.Split(string(p.typ), "::")
	if len(service) < 2 {
		return p.account + " " + p.region
	}
	return p.account + " " + p.region + " " + service[1]
}
