package resource

import (
	"net/netip"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// computeKinds lists the types of Compute Engine that need more than the catalog. Relations say what goes with what, and not all that
// refers to another: a forwarding rule that nobody declared is no part of the declared proxy it points at, nor a group of its template.
func computeKinds() []Kind {
	const compute = "compute.googleapis.com/"
	place := []string{"zone", "region"}
	disk := []string{"type", "replicaZones", "zone", "region"}
	return []Kind{
		{Type: compute + "Instance", Last: append([]string{"machineType"}, place...), Describe: describeInstance},
		{Type: compute + "Disk", Last: disk, Describe: describeDisk},
		{Type: compute + "RegionDisk", Last: disk, Describe: describeDisk},
		{Type: compute + "Snapshot", Last: place, Describe: describeSnapshot},
		{Type: compute + "InstantSnapshot", Last: place, Describe: describeSnapshot},
		{Type: compute + "MachineImage", Describe: describeMachineImage},
		{Type: compute + "Image", Describe: describeImage},
		{Type: compute + "InstanceGroup", Last: place, Describe: describeGroup},
		{Type: compute + "InstanceGroupManager", Last: append([]string{"distributionPolicy.zones.zone"}, place...)},
		{Type: compute + "Autoscaler", Last: place, Describe: describeAutoscaler},
		{Type: compute + "Reservation", Last: place},
		{Type: compute + "Commitment", Last: place, Describe: describeCommitment},
		{Type: compute + "Subnetwork", Last: place, Describe: describeSubnetwork},
		{Type: compute + "Address", Last: place, Describe: describeAddress},
		{Type: compute + "GlobalAddress", Describe: describeAddress},
		{Type: compute + "ForwardingRule", Last: place, Describe: describeForwardingRule},
		{Type: compute + "GlobalForwardingRule", Describe: describeForwardingRule},
	}
}

// describeInstance reads the names and addresses of a machine, and the group that made it.
func describeInstance(s *Subject) {
	s.Identify(inventory.InstanceID, s.Data.Text("id"))
	s.Identify(inventory.FQDN, s.Data.Text("hostname"))
	for _, path := range []string{"networkIP", "ipv6Address"} {
		for _, ip := range s.Data.Texts("networkInterfaces." + path) {
			s.identifyAddress(ip)
		}
	}
	for _, path := range []string{"accessConfigs.natIP", "ipv6AccessConfigs.externalIpv6"} {
		for _, ip := range s.Data.Texts("networkInterfaces." + path) {
			s.Identify(inventory.PublicIP, ip)
		}
	}
	for _, item := range s.Data.Objects("metadata.items") {
		if item.Text("key") == "created-by" && strings.Contains(item.Text("value"), "/instanceGroupManagers/") {
			s.Relate(inventory.MemberOf, item.Text("value"))
		}
	}
}

// identifyAddress adds an address, as what it is: an interface's own one is private, but for IPv6 from outside.
func (s *Subject) identifyAddress(text string) {
	ip, err := netip.ParseAddr(text)
	switch {
	case err != nil:
	case ip.Is6() && !ip.IsPrivate():
		s.Identify(inventory.PublicIP, text)
	default:
		s.Identify(inventory.PrivateIP, text)
	}
}

func describeDisk(s *Subject) {
	s.Identify(inventory.InstanceID, s.Data.Text("id"))
	for _, user := range s.Data.Texts("users") {
		if strings.Contains(user, "/instances/") {
			s.Relate(s.attachment(), user)
		}
	}
}

// attachment is how a resource stands to what it is attached to.
func (s *Subject) attachment() inventory.RelationKind {
	if s.stays {
		return inventory.UsedBy
	}
	return inventory.AttachedTo
}

// describeSnapshot reads of which disk a snapshot is, and the schedule that made it and will delete it.
func describeSnapshot(s *Subject) {
	s.Identify(inventory.InstanceID, s.Data.Text("id"))
	s.Relate(inventory.SnapshotOf, s.Data.Text("sourceDisk"))
	s.Relate(inventory.ManagedBy, s.Data.Text("sourceSnapshotSchedulePolicy"))
}

func describeMachineImage(s *Subject) {
	s.Relate(inventory.SnapshotOf, s.Data.Text("sourceInstance"))
}

// describeImage reads whether an image may still be used: one that is merely deprecated may.
func describeImage(s *Subject) {
	switch s.Data.Text("deprecated.state") {
	case "OBSOLETE", "DELETED":
		s.Stage(inventory.LifecycleRetiring)
	}
}

// describeGroup finds the manager that keeps a group of instances. Only the description tells it, which Google writes and nobody can
// change: "This instance group is controlled by Instance Group Manager 'web'. …".
func describeGroup(s *Subject) {
	rest, ok := strings.CutPrefix(s.Data.Text("description"), "This instance group is controlled by ")
	if !ok {
		return
	}
	_, rest, _ = strings.Cut(rest, "Instance Group Manager '")
	manager, _, ok := strings.Cut(rest, "'")
	folder, _, of := strings.Cut(s.Asset.Key, "/instanceGroups/")
	if ok && of && manager != "" {
		s.Relate(inventory.ManagedBy, folder+"/instanceGroupManagers/"+manager)
	}
}

// describeAutoscaler says that it goes with the group that it scales.
func describeAutoscaler(s *Subject) {
	s.Relate(inventory.PartOf, s.Data.Text("target"))
}

// describeCommitment reads whether a commitment is over. It cannot be deleted and stays listed.
func describeCommitment(s *Subject) {
	switch s.Data.Text("status") {
	case "EXPIRED", "CANCELLED":
		s.Stage(inventory.LifecycleRetired)
	case "NOT_YET_ACTIVE":
		s.Stage(inventory.LifecyclePlanned)
	}
}

// describeSubnetwork recognises the subnets that Google makes, one a region, in a network of auto mode: they have its name, and ranges
// out of 10.128.0.0/9. Source: "Auto mode VPC networks IP ranges" of the VPC documentation.
func describeSubnetwork(s *Subject) {
	network := s.Data.Text("network")
	ip, err := netip.ParsePrefix(s.Data.Text("ipCidrRange"))
	if err == nil && lastSegment(network) == s.Data.Text("name") && netip.MustParsePrefix("10.128.0.0/9").Contains(ip.Addr()) {
		s.Relate(inventory.ManagedBy, network)
	}
}

// describeAddress reads an address that was reserved, unless it is a range, and what uses it. It stays reserved when that goes.
func describeAddress(s *Subject) {
	if s.Data.Text("prefixLength") == "" {
		kind := inventory.PublicIP
		if s.Data.Text("addressType") == "INTERNAL" {
			kind = inventory.PrivateIP
		}
		s.Identify(kind, s.Data.Text("address"))
	}
	for _, user := range s.Data.Texts("users") {
		s.Relate(inventory.UsedBy, user)
	}
}

// describeForwardingRule reads the address at which a load balancer or a service answers; in some rules it is a reference to one, or a
// range.
func describeForwardingRule(s *Subject) {
	ip, err := netip.ParseAddr(s.Data.Text("IPAddress"))
	if err != nil {
		return
	}
	kind := inventory.PrivateIP
	if strings.HasPrefix(s.Data.Text("loadBalancingScheme"), "EXTERNAL") {
		kind = inventory.PublicIP
	}
	s.Identify(kind, ip.String())
}
