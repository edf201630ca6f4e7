package compute

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func capacityListers() []lister.Lister {
	api := lister.API(ec2.ServiceID, "ec2")
	return []lister.Lister{
		{Type: "AWS::EC2::Host", ARNs: []string{"ec2:dedicated-host/*"}, Operations: api.Ops("DescribeHosts"), List: listHosts},
		{Type: "AWS::EC2::CapacityReservation", ARNs: []string{"ec2:capacity-reservation/*"}, Operations: api.Ops("DescribeCapacityReservations"), List: listReservations},
		{Type: "AWS::EC2::SpotFleet", ARNs: []string{"ec2:spot-fleet-request/*"}, Operations: api.Ops("DescribeSpotFleetRequests"), List: listSpotFleets},
		{Type: "AWS::EC2::EC2Fleet", ARNs: []string{"ec2:fleet/*"}, Operations: api.Ops("DescribeFleets"), List: listFleets, Newest: true},
	}
}

func listHosts(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeHosts(ctx, &ec2.DescribeHostsInput{NextToken: token, MaxResults: aws.Int32(500)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Hosts, func(h *types.Host) inventory.Asset { return host(t, h) })
	})
}

func host(t *lister.Target, h *types.Host) inventory.Asset {
	if strings.HasPrefix(string(h.State), string(types.AllocationStateReleased)) {
		return inventory.Asset{}
	}
	var p lister.Attributes
	p.String("AvailabilityZone", h.AvailabilityZone)
	p.Text("AutoPlacement", string(h.AutoPlacement))
	p.Text("HostRecovery", string(h.HostRecovery))
	p.Text("HostMaintenance", string(h.HostMaintenance))
	p.String("OutpostArn", h.OutpostArn)
	p.String("AssetId", h.AssetId)
	p.Text("State", string(h.State))
	if h.HostProperties != nil {
		p.Text("InstanceFamily", lister.Str(h.HostProperties.InstanceFamily))
		p.Text("InstanceType", lister.Str(h.HostProperties.InstanceType))
	}
	tags := ec2Tags(h.Tags)
	return inventory.Asset{
		Key:  t.ARNOf("ec2", t.Region, ownerOr(t, h.OwnerId), "dedicated-host/"+lister.Str(h.HostId)),
		Name: nameIn(tags, h.HostId), Tags: tags, Zone: lister.Str(h.AvailabilityZone), Created: lister.Time(h.AllocationTime),
		Attributes: p.Known(), Identifiers: lister.ResourceID(h.HostId),
	}
}

// ownerOr returns the account that the API names, of those things that may be shared, or else the one that is read.
func ownerOr(t *lister.Target, owner *string) string {
	if owner == nil || *owner == "" {
		return t.Account
	}
	return *owner
}

func listReservations(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeCapacityReservations(ctx, &ec2.DescribeCapacityReservationsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.CapacityReservations, func(r *types.CapacityReservation) inventory.Asset { return reservation(t, r) })
	})
}

func reservation(t *lister.Target, r *types.CapacityReservation) inventory.Asset {
	switch r.State {
	case types.CapacityReservationStateExpired, types.CapacityReservationStateCancelled, types.CapacityReservationStateFailed,
		types.CapacityReservationStatePaymentFailed, types.CapacityReservationStateUnsupported:
		return inventory.Asset{}
	}
	tags := ec2Tags(r.Tags)
	a := inventory.Asset{
		Key:  lister.Str(r.CapacityReservationArn),
		Name: nameIn(tags, r.CapacityReservationId), Tags: tags, Zone: lister.Str(r.AvailabilityZone), Created: lister.Time(r.CreateDate),
		Lifecycle: lister.Retiring(r.State == types.CapacityReservationStateCancelling), Attributes: reservationAttributes(r),
		Identifiers: lister.ResourceID(r.CapacityReservationId),
	}
	if a.Key == "" {
		a.Key = t.ARNOf("ec2", t.Region, ownerOr(t, r.OwnerId), "capacity-reservation/"+lister.Str(r.CapacityReservationId))
	}
	return a
}

func reservationAttributes(r *types.CapacityReservation) inventory.Attributes {
	var p lister.Attributes
	p.String("InstanceType", r.InstanceType)
	p.Text("InstancePlatform", string(r.InstancePlatform))
	p.String("AvailabilityZone", r.AvailabilityZone)
	p.Int("InstanceCount", r.TotalInstanceCount)
	p.Int("AvailableInstanceCount", r.AvailableInstanceCount)
	p.Text("InstanceMatchCriteria", string(r.InstanceMatchCriteria))
	p.Text("Tenancy", string(r.Tenancy))
	p.Bool("EbsOptimized", r.EbsOptimized)
	p.Bool("EphemeralStorage", r.EphemeralStorage)
	p.Text("EndDateType", string(r.EndDateType))
	p.Text("EndDate", instant(r.EndDate))
	p.Text("State", string(r.State))
	p.Text("ReservationType", string(r.ReservationType))
	p.String("PlacementGroupArn", r.PlacementGroupArn)
	return p.Known()
}

// instant writes a time as CloudFormation does.
func instant(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func listSpotFleets(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeSpotFleetRequests(ctx, &ec2.DescribeSpotFleetRequestsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.SpotFleetRequestConfigs, func(f *types.SpotFleetRequestConfig) inventory.Asset { return spotFleet(t, f) })
	})
}

func spotFleet(t *lister.Target, f *types.SpotFleetRequestConfig) inventory.Asset {
	if f.SpotFleetRequestState == types.BatchStateCancelled || f.SpotFleetRequestState == types.BatchStateFailed {
		return inventory.Asset{}
	}
	var p lister.Attributes
	if d := f.SpotFleetRequestConfig; d != nil {
		const in = "SpotFleetRequestConfigData."
		p.String(in+"IamFleetRole", d.IamFleetRole)
		p.Text(in+"Type", string(d.Type))
		p.Int(in+"TargetCapacity", d.TargetCapacity)
		p.Int(in+"OnDemandTargetCapacity", d.OnDemandTargetCapacity)
		p.Text(in+"AllocationStrategy", string(d.AllocationStrategy))
		p.Text(in+"ExcessCapacityTerminationPolicy", string(d.ExcessCapacityTerminationPolicy))
		p.Text(in+"InstanceInterruptionBehavior", string(d.InstanceInterruptionBehavior))
		p.Bool(in+"ReplaceUnhealthyInstances", d.ReplaceUnhealthyInstances)
		p.Bool(in+"TerminateInstancesWithExpiration", d.TerminateInstancesWithExpiration)
		p.Text(in+"ValidUntil", instant(d.ValidUntil))
	}
	tags := ec2Tags(f.Tags)
	return inventory.Asset{
		Key: t.ARN("ec2", "spot-fleet-request/"+lister.Str(f.SpotFleetRequestId)), Name: nameIn(tags, f.SpotFleetRequestId), Tags: tags,
		Created: lister.Time(f.CreateTime), Lifecycle: lister.Retiring(strings.HasPrefix(string(f.SpotFleetRequestState), "cancelled_")),
		Attributes: p.Known(), Identifiers: lister.ResourceID(f.SpotFleetRequestId),
	}
}

// listFleets lists the fleets that last. One of type instant is known only to who asks for its id, and manages nothing.
func listFleets(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeFleets(ctx, &ec2.DescribeFleetsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Fleets, func(f *types.FleetData) inventory.Asset { return fleet(t, f) })
	})
}

func fleet(t *lister.Target, f *types.FleetData) inventory.Asset {
	if f.FleetState == types.FleetStateCodeDeleted || f.FleetState == types.FleetStateCodeFailed || f.Type == types.FleetTypeInstant {
		return inventory.Asset{}
	}
	tags := ec2Tags(f.Tags)
	return inventory.Asset{
		Key: t.ARN("ec2", "fleet/"+lister.Str(f.FleetId)), Name: nameIn(tags, f.FleetId), Tags: tags, Created: lister.Time(f.CreateTime),
		Lifecycle: lister.Retiring(strings.HasPrefix(string(f.FleetState), "deleted_")), Attributes: fleetAttributes(f),
		Identifiers: lister.ResourceID(f.FleetId),
	}
}

func fleetAttributes(f *types.FleetData) inventory.Attributes {
	var p lister.Attributes
	p.Text("Type", string(f.Type))
	p.Text("ExcessCapacityTerminationPolicy", string(f.ExcessCapacityTerminationPolicy))
	p.Bool("ReplaceUnhealthyInstances", f.ReplaceUnhealthyInstances)
	p.Bool("TerminateInstancesWithExpiration", f.TerminateInstancesWithExpiration)
	p.Text("ValidUntil", instant(f.ValidUntil))
	if c := f.TargetCapacitySpecification; c != nil {
		p.Int("TargetCapacitySpecification.TotalTargetCapacity", c.TotalTargetCapacity)
		p.Int("TargetCapacitySpecification.OnDemandTargetCapacity", c.OnDemandTargetCapacity)
		p.Int("TargetCapacitySpecification.SpotTargetCapacity", c.SpotTargetCapacity)
		p.Text("TargetCapacitySpecification.DefaultTargetCapacityType", string(c.DefaultTargetCapacityType))
	}
	if s := f.SpotOptions; s != nil {
		p.Text("SpotOptions.AllocationStrategy", string(s.AllocationStrategy))
	}
	return p.Known()
}
