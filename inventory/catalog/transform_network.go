package catalog

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// groupRules makes one object of each protocol, range of ports and peer of the blocks of a security group.
func groupRules(m Mapping, get Lookup) (inventory.Value, bool) {
	x, ok := At(get, m.From[0])
	blocks, isList := x.([]any)
	if !ok || !isList {
		return valueOrUnread(x, ok)
	}
	own, _ := At(get, m.From[1])
	out := []any{}
	for _, b := range blocks {
		block, isBlock := b.(map[string]any)
		if !isBlock {
			return inventory.Unread, false
		}
		out = append(out, peerRules(sideOf(m), "protocol", memberOf(block), own)...)
	}
	return valueOf(out)
}

// sideOf begins the names of the properties that tell the peer of a rule.
func sideOf(m Mapping) string {
	if strings.HasSuffix(m.Name, "Egress") {
		return "Destination"
	}
	return "Source"
}

// valueOrUnread is what an attribute says that is no list of blocks: nothing if it is not there.
func valueOrUnread(x any, ok bool) (inventory.Value, bool) {
	if !ok {
		return inventory.Unread, false
	}
	return valueOf(x)
}

func memberOf(object map[string]any) func(string) any {
	return func(name string) any { return object[name] }
}

func attributeOf(get Lookup) func(string) any {
	return func(name string) any { x, _ := get(name); return x }
}

// groupRule is aws_security_group_rule. One of the other direction says nothing of the attribute, which is null.
func groupRule(m Mapping, get Lookup) (inventory.Value, bool) {
	at := attributeOf(get)
	direction, ok := at("type").(string)
	if !ok {
		return inventory.Unread, false
	}
	if strings.HasSuffix(m.Name, "Egress") != (direction == "egress") {
		return inventory.Null, true
	}
	rename := func(name string) any {
		if name == "security_groups" {
			return wrapped(at("source_security_group_id"), at("self"))
		}
		return at(name)
	}
	return valueOf(peerRules(sideOf(m), "protocol", rename, at("security_group_id")))
}

// wrapped makes a list of one group. A rule for the group itself names it too.
func wrapped(id, self any) any {
	if empty(id) || self == true {
		return nil
	}
	return []any{id}
}

// groupPeerRule is aws_vpc_security_group_ingress_rule and its like.
func groupPeerRule(m Mapping, get Lookup) (inventory.Value, bool) {
	at := attributeOf(get)
	lists := map[string]string{
		"cidr_blocks": "cidr_ipv4", "ipv6_cidr_blocks": "cidr_ipv6", "prefix_list_ids": "prefix_list_id",
		"security_groups": "referenced_security_group_id",
	}
	rename := func(name string) any {
		if from, ok := lists[name]; ok {
			return wrapped(at(from), nil)
		}
		return at(name)
	}
	return valueOf(peerRules(sideOf(m), "ip_protocol", rename, nil))
}

// peerRules makes a rule of each peer. side begins the names of the properties of peers; own is the id of the group.
func peerRules(side, protocol string, at func(string) any, own any) []any {
	var out []any
	add := func(property string, peer any) {
		rule := map[string]any{property: peer}
		for to, from := range map[string]string{"IpProtocol": protocol, "FromPort": "from_port", "ToPort": "to_port", "Description": "description"} {
			if v := at(from); !empty(v) {
				rule[to] = v
			}
		}
		out = append(out, rule)
	}
	for _, list := range [][2]string{
		{"cidr_blocks", "CidrIp"},
		{"ipv6_cidr_blocks", "CidrIpv6"},
		{"prefix_list_ids", side + "PrefixListId"},
		{"security_groups", side + "SecurityGroupId"},
	} {
		for _, peer := range members(at(list[0])) {
			add(list[1], peer)
		}
	}
	switch self := at("self"); self.(type) {
	case bool:
		if self == true {
			add(side+"SecurityGroupId", own)
		}
	case Unknown:
		add(side+"SecurityGroupId", self)
	}
	return out
}

// members are those of a list; what nobody knows is one.
func members(x any) []any {
	switch x := x.(type) {
	case []any:
		return x
	case Unknown:
		return []any{x}
	}
	return nil
}

// routeTargets are where a route may lead to: Terraform's name and the property.
func routeTargets() [][2]string {
	return [][2]string{
		{"gateway_id", "GatewayId"},
		{"nat_gateway_id", "NatGatewayId"},
		{"transit_gateway_id", "TransitGatewayId"},
		{"vpc_peering_connection_id", "VpcPeeringConnectionId"},
		{"network_interface_id", "NetworkInterfaceId"},
		{"egress_only_gateway_id", "EgressOnlyInternetGatewayId"},
		{"carrier_gateway_id", "CarrierGatewayId"},
		{"local_gateway_id", "LocalGatewayId"},
		{"core_network_arn", "CoreNetworkArn"},
		{"vpc_endpoint_id", "VpcEndpointId"},
	}
}

func routeBlocks(x any) (inventory.Value, bool) {
	blocks, isList := x.([]any)
	if !isList {
		return valueOf(x)
	}
	out := make([]any, len(blocks))
	for i, b := range blocks {
		block, isBlock := b.(map[string]any)
		if !isBlock {
			return inventory.Unread, false
		}
		out[i] = route(memberOf(block), "cidr_block", "ipv6_cidr_block")
	}
	return valueOf(out)
}

func routeResource(_ Mapping, get Lookup) (inventory.Value, bool) {
	return valueOf([]any{route(attributeOf(get), "destination_cidr_block", "destination_ipv6_cidr_block")})
}

func route(at func(string) any, v4, v6 string) map[string]any {
	out := map[string]any{}
	for _, f := range append(routeTargets(), [][2]string{
		{v4, "DestinationCidrBlock"},
		{v6, "DestinationIpv6CidrBlock"},
		{"destination_prefix_list_id", "DestinationPrefixListId"},
	}...) {
		if v := at(f[0]); !empty(v) {
			out[f[1]] = v
		}
	}
	return out
}

func aclBlocks(m Mapping, get Lookup) (inventory.Value, bool) {
	out := []any{}
	for i, path := range m.From {
		x, ok := At(get, path)
		blocks, isList := x.([]any)
		if !ok || !isList {
			return inventory.Unread, false
		}
		for _, b := range blocks {
			block, isBlock := b.(map[string]any)
			if !isBlock {
				return inventory.Unread, false
			}
			out = append(out, aclEntry(memberOf(block), i == 1, "rule_no", "action"))
		}
	}
	return valueOf(out)
}

func aclResource(_ Mapping, get Lookup) (inventory.Value, bool) {
	at := attributeOf(get)
	return valueOf([]any{aclEntry(at, at("egress"), "rule_number", "rule_action")})
}

// aclEntry makes a rule of a network ACL as CloudFormation has it.
func aclEntry(at func(string) any, egress any, number, action string) map[string]any {
	if egress == nil {
		egress = false
	}
	out := map[string]any{"Egress": egress}
	for to, from := range map[string]string{
		"RuleNumber": number, "RuleAction": action, "Protocol": "protocol", "CidrBlock": "cidr_block", "Ipv6CidrBlock": "ipv6_cidr_block",
		"PortRange.From": "from_port", "PortRange.To": "to_port", "Icmp.Type": "icmp_type", "Icmp.Code": "icmp_code",
	} {
		if v := at(from); !empty(v) {
			put(out, to, v)
		}
	}
	return out
}
