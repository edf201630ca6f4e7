// Package network holds the listers of AWS services of this kind, one file a service; those of EC2 are cut by subject.
package network

import (
	"slices"

	"github.com/muster-audit/muster/collectors/aws/lister"
)

// Listers returns all of the package.
func Listers() []lister.Lister {
	return slices.Concat(
		vpcListers(),
		securityGroupListers(),
		gatewayListers(),
		routingListers(),
		addressListers(),
		interfaceListers(),
		connectionListers(),
		flowLogListers(),
		transitListers(),
		vpnListers(),
		clientVPNListers(),
		elbListers(),
		elbv2Listers(),
		cloudfrontListers(),
		route53Listers(),
		acceleratorListers(),
		restAPIListers(),
		restAPIPlanListers(),
		httpAPIListers(),
	)
}
