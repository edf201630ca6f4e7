// Package messaging holds the listers of queues, topics, streams, brokers and event buses, one file a service.
package messaging

import (
	"slices"

	"github.com/muster-audit/muster/collectors/aws/lister"
)

// Listers returns all of the package.
func Listers() []lister.Lister {
	return slices.Concat(
		sqsListers(), snsListers(), kinesisListers(), firehoseListers(), mskListers(), mqListers(), eventsListers(),
		stepFunctionsListers(),
	)
}
