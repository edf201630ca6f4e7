package sweep

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// natives knows what the native listers read.
type natives struct {
	types     map[inventory.Type]bool
	byService map[string][]*lister.Lister // by the service of an ARN, since a region has many names and there are many patterns
}

func nativesOf(list []lister.Lister) natives {
	n := natives{types: map[inventory.Type]bool{}, byService: map[string][]*lister.Lister{}}
	for i := range list {
		for _, t := range list[i].Types() {
			n.types[t] = true
		}
		for _, p := range list[i].ARNs {
			service, _, _ := strings.Cut(strings.TrimPrefix(p, "!"), ":")
			n.byService[service] = append(n.byService[service], &list[i])
		}
	}
	return n
}

// bear reports whether a native lister's assets bear names like this one.
func (n *natives) bear(a arn) bool {
	return slices.ContainsFunc(n.byService[a.Service], func(l *lister.Lister) bool { return l.Claims(a.Service, a.Resource) })
}
