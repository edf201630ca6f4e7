// Package compute holds the listers of instances, functions, containers and batch jobs, and of what they are made from and run on,
// one file a service; EC2, the widest of them, has one for each group of its types.
package compute

import (
	"slices"

	"github.com/muster-audit/muster/collectors/aws/lister"
)

// Listers returns all of the package.
func Listers() []lister.Lister {
	return slices.Concat(
		instanceListers(),
		storageListers(),
		templateListers(),
		capacityListers(),
		autoscalingListers(),
		lambdaListers(),
		ecsListers(),
		eksListers(),
		batchListers(),
		apprunnerListers(),
		beanstalkListers(),
	)
}
