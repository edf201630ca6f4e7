// Package analytics holds the listers of data catalogs, jobs, query engines, clusters and models, one file a service.
package analytics

import (
	"slices"

	"github.com/muster-audit/muster/collectors/aws/lister"
)

// Listers returns all of the package.
func Listers() []lister.Lister {
	return slices.Concat(
		glueListers(), athenaListers(), emrListers(), sagemakerListers(), studioListers(), bedrockListers(),
	)
}
