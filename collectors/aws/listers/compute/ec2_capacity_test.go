package compute

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestHosts(t *testing.T) {
	o := run(t, "AWS::EC2::Host", listertest.Answers{"DescribeHosts": listertest.Bodies(
		`<DescribeHostsResponse><hostSet><item><hostId>h-1</hostId><autoPlacement>off</autoPlacement><availabilityZone>eu-west-1a</availabilityZone><state>available</state>
		<hostProperties><instanceType>m5.large</instanceType></hostProperties><hostRecovery>off</hostRecovery><ownerId>111122223333</ownerId>
		<allocationTime>2026-01-01T00:00:00.000Z</allocationTime><tagSet><item><key>Name</key><value>licences</value></item></tagSet></item></hostSet><nextToken>more</nextToken></DescribeHostsResponse>`,
		`<DescribeHostsResponse><hostSet><item><hostId>h-2</hostId><state>released</state></item><item><hostId>h-3</hostId><state>released-permanent-failure</state></item>
		<item><hostId>h-4</hostId><state>available</state><ownerId>444455556666</ownerId></item></hostSet></DescribeHostsResponse>`,
	)})
	want(t, o, 2, 0)
	a := o.Asset(t, "arn:aws:ec2:eu-west-1:111122223333:dedicated-host/h-1")
	attributes(t, a, map[string]string{"AutoPlacement": `"off"`, "InstanceType": `"m5.large"`, "InstanceFamily": "null", "HostRecovery": `"off"`, "State": `"available"`})
	if a.Name != "licences" || a.Zone != "eu-west-1a" {
		t.Errorf("name %s, zone %s", a.Name, a.Zone)
	}
	o.Asset(t, "arn:aws:ec2:eu-west-1:444455556666:dedicated-host/h-4") // shared: the collector leaves it out by its owner
}

func TestCapacityReservations(t *testing.T) {
	o := run(t, "AWS::EC2::CapacityReservation", listertest.Answers{"DescribeCapacityReservations": listertest.Bodies(
		`<DescribeCapacityReservationsResponse><capacityReservationSet><item><capacityReservationId>cr-1</capacityReservationId><ownerId>111122223333</ownerId>
		<capacityReservationArn>arn:aws:ec2:eu-west-1:111122223333:capacity-reservation/cr-1</capacityReservationArn><instanceType>m5.large</instanceType><instancePlatform>Linux/UNIX</instancePlatform>
		<availabilityZone>eu-west-1a</availabilityZone><tenancy>default</tenancy><totalInstanceCount>4</totalInstanceCount><availableInstanceCount>3</availableInstanceCount>
		<ebsOptimized>true</ebsOptimized><ephemeralStorage>false</ephemeralStorage><state>active</state><endDateType>limited</endDateType><endDate>2026-06-01T00:00:00.000Z</endDate>
		<instanceMatchCriteria>open</instanceMatchCriteria><tagSet><item><key>owner</key><value>payments</value></item></tagSet></item></capacityReservationSet><nextToken>more</nextToken></DescribeCapacityReservationsResponse>`,
		`<DescribeCapacityReservationsResponse><capacityReservationSet><item><capacityReservationId>cr-2</capacityReservationId><state>cancelled</state></item>
		<item><capacityReservationId>cr-3</capacityReservationId><state>scheduled</state></item></capacityReservationSet></DescribeCapacityReservationsResponse>`,
	)})
	want(t, o, 2, 0)
	a := o.Asset(t, "arn:aws:ec2:eu-west-1:111122223333:capacity-reservation/cr-1")
	attributes(t, a, map[string]string{
		"InstanceType": `"m5.large"`, "InstanceCount": "4", "AvailableInstanceCount": "3", "EndDate": `"2026-06-01T00:00:00Z"`, "EbsOptimized": "true", "State": `"active"`,
	})
	tagged(t, a, "owner", "payments")
	tags(t, o.Asset(t, "arn:aws:ec2:eu-west-1:111122223333:capacity-reservation/cr-3"), inventory.Known, 0)
}

func TestSpotFleets(t *testing.T) {
	o := run(t, "AWS::EC2::SpotFleet", listertest.Answers{"DescribeSpotFleetRequests": listertest.Bodies(
		`<DescribeSpotFleetRequestsResponse><spotFleetRequestConfigSet><item><spotFleetRequestId>sfr-1</spotFleetRequestId><spotFleetRequestState>active</spotFleetRequestState>
		<createTime>2026-01-01T00:00:00.000Z</createTime><spotFleetRequestConfig><iamFleetRole>arn:aws:iam::111122223333:role/fleet</iamFleetRole><targetCapacity>5</targetCapacity>
		<type>maintain</type><allocationStrategy>priceCapacityOptimized</allocationStrategy><replaceUnhealthyInstances>true</replaceUnhealthyInstances>
		<launchSpecifications><item><userData>c2VjcmV0</userData></item></launchSpecifications></spotFleetRequestConfig>
		<tagSet><item><key>owner</key><value>research</value></item></tagSet></item></spotFleetRequestConfigSet><nextToken>more</nextToken></DescribeSpotFleetRequestsResponse>`,
		`<DescribeSpotFleetRequestsResponse><spotFleetRequestConfigSet><item><spotFleetRequestId>sfr-2</spotFleetRequestId><spotFleetRequestState>cancelled</spotFleetRequestState></item>
		<item><spotFleetRequestId>sfr-3</spotFleetRequestId><spotFleetRequestState>cancelled_running</spotFleetRequestState></item></spotFleetRequestConfigSet></DescribeSpotFleetRequestsResponse>`,
	)})
	want(t, o, 2, 0)
	a := o.Asset(t, "arn:aws:ec2:eu-west-1:111122223333:spot-fleet-request/sfr-1")
	attributes(t, a, map[string]string{
		"SpotFleetRequestConfigData.TargetCapacity": "5", "SpotFleetRequestConfigData.Type": `"maintain"`,
		"SpotFleetRequestConfigData.ReplaceUnhealthyInstances": "true", "SpotFleetRequestConfigData.ValidUntil": "null",
	})
	tagged(t, a, "owner", "research")
	if going := o.Asset(t, "sfr-3"); going.Lifecycle != inventory.LifecycleRetiring || going.Tags.State() != inventory.Known {
		t.Errorf("lifecycle %s, tags %s", going.Lifecycle, going.Tags.State())
	}
}

func TestFleets(t *testing.T) {
	o := run(t, "AWS::EC2::EC2Fleet", listertest.Answers{"DescribeFleets": listertest.Bodies(
		`<DescribeFleetsResponse><fleetSet><item><fleetId>fleet-1</fleetId><fleetState>active</fleetState><type>maintain</type><createTime>2026-01-01T00:00:00.000Z</createTime>
		<excessCapacityTerminationPolicy>termination</excessCapacityTerminationPolicy><targetCapacitySpecification><totalTargetCapacity>6</totalTargetCapacity>
		<onDemandTargetCapacity>1</onDemandTargetCapacity><spotTargetCapacity>5</spotTargetCapacity><defaultTargetCapacityType>spot</defaultTargetCapacityType></targetCapacitySpecification>
		<spotOptions><allocationStrategy>lowest-price</allocationStrategy></spotOptions><tagSet><item><key>owner</key><value>research</value></item></tagSet></item></fleetSet><nextToken>more</nextToken></DescribeFleetsResponse>`,
		`<DescribeFleetsResponse><fleetSet><item><fleetId>fleet-2</fleetId><fleetState>deleted</fleetState></item><item><fleetId>fleet-3</fleetId><fleetState>active</fleetState><type>instant</type></item>
		<item><fleetId>fleet-4</fleetId><fleetState>deleted_terminating</fleetState></item></fleetSet></DescribeFleetsResponse>`,
	)})
	want(t, o, 2, 0)
	a := o.Asset(t, "arn:aws:ec2:eu-west-1:111122223333:fleet/fleet-1")
	attributes(t, a, map[string]string{
		"Type": `"maintain"`, "TargetCapacitySpecification.TotalTargetCapacity": "6", "TargetCapacitySpecification.DefaultTargetCapacityType": `"spot"`,
		"SpotOptions.AllocationStrategy": `"lowest-price"`,
	})
	tagged(t, a, "owner", "research")
	if going := o.Asset(t, "fleet-4"); going.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("lifecycle %s", going.Lifecycle)
	}
}
