// Package management holds the listers of stacks, alarms, logs, parameters, trails and the organisation, one file a service.
package management

import (
	"slices"

	"github.com/muster-audit/muster/collectors/aws/lister"
)

// Listers returns all of the package.
func Listers() []lister.Lister {
	return slices.Concat(
		cloudformationListers(),
		cloudtrailListers(),
		cloudwatchListers(),
		logsListers(),
		organizationsListers(),
		resourceExplorerListers(),
		ssmListers(),
	)
}
