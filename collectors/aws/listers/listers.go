// Package listers names every lister of AWS types. It is the one list: nothing registers itself.
package listers

import (
	"slices"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listers/analytics"
	"github.com/muster-audit/muster/collectors/aws/listers/compute"
	"github.com/muster-audit/muster/collectors/aws/listers/database"
	"github.com/muster-audit/muster/collectors/aws/listers/developer"
	"github.com/muster-audit/muster/collectors/aws/listers/management"
	"github.com/muster-audit/muster/collectors/aws/listers/messaging"
	"github.com/muster-audit/muster/collectors/aws/listers/network"
	"github.com/muster-audit/muster/collectors/aws/listers/security"
	"github.com/muster-audit/muster/collectors/aws/listers/storage"
)

// All returns every lister.
func All() []lister.Lister {
	return slices.Concat(
		analytics.Listers(),
		compute.Listers(),
		database.Listers(),
		developer.Listers(),
		management.Listers(),
		messaging.Listers(),
		network.Listers(),
		security.Listers(),
		storage.Listers(),
	)
}
