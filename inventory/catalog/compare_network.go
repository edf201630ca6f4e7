package catalog

import (
	"encoding/json"
	"net/netip"
	"strings"
)

// objects applies f to every object of a list and makes a set of them. What f returns nil for is left out; members that are no
// objects stay.
func objects(f func(map[string]any) map[string]any) func(any) any {
	return func(x any) any {
		items, ok := x.([]any)
		if !ok {
			return x
		}
		out := make([]any, 0, len(items))
		for _, item := range items {
			object, isObject := item.(map[string]any)
			if !isObject {
				out = append(out, item)
				continue
			}
			if object = f(cloneSet(object)); object != nil {
				out = append(out, object)
			}
		}
		return set(out)
	}
}

// cloneSet returns a copy of an object without what is not set.
func cloneSet(object map[string]any) map[string]any {
	out := make(map[string]any, len(object))
	for k, v := range object {
		if !empty(v) {
			out[k] = v
		}
	}
	return out
}

// groupRuleSet brings rules of a security group into one form. Reference: "IpPermission" of the EC2 API reference: only TCP, UDP and
// ICMP have ports, and -1 is all.
func groupRuleSet(x any) any { return objects(groupRuleForm)(x) }

func groupRuleForm(r map[string]any) map[string]any {
	for _, name := range []string{"FromPort", "ToPort"} {
		if v, ok := r[name]; ok {
			r[name] = number(v)
		}
	}
	if protocol := text(r["IpProtocol"]); protocol != "" {
		protocol = protocolName(protocol)
		r["IpProtocol"] = protocol
		if !hasPorts(protocol) || strings.HasPrefix(protocol, "icmp") && isNumberText(r["FromPort"], "-1") && isNumberText(r["ToPort"], "-1") {
			delete(r, "FromPort")
			delete(r, "ToPort")
		}
	}
	masked(r, "CidrIp", "CidrIpv6")
	for _, side := range []string{"Source", "Destination"} {
		id, ok := r[side+"SecurityGroupId"].(string)
		if !ok {
			continue
		}
		r[side+"SecurityGroupId"] = id[strings.LastIndexByte(id, '/')+1:] // another account's may be written before it
		delete(r, side+"SecurityGroupOwnerId")
		delete(r, side+"SecurityGroupName")
	}
	return r
}

// masked brings ranges of addresses into their shortest form.
func masked(object map[string]any, names ...string) {
	for _, name := range names {
		if s, ok := object[name].(string); ok {
			object[name] = prefix(s)
		}
	}
}

func isNumberText(x any, want string) bool {
	n, ok := x.(json.Number)
	return ok && n.String() == want
}

// protocols are the numbers that IANA gave to protocols which AWS knows by name. -1 is AWS's number of all.
func protocols() [][2]string {
	return [][2]string{{"-1", "all"}, {"1", "icmp"}, {"6", "tcp"}, {"17", "udp"}, {"58", "icmpv6"}}
}

// protocolName returns the name of a protocol, -1 for all, and the number of one without a name.
func protocolName(s string) string {
	s = strings.ToLower(s)
	for _, p := range protocols() {
		if s == p[0] || s == p[1] {
			if p[0] == "-1" {
				return p[0]
			}
			return p[1]
		}
	}
	return s
}

// protocolNumber is protocolName the other way round.
func protocolNumber(s string) string {
	s = strings.ToLower(s)
	for _, p := range protocols() {
		if s == p[1] {
			return p[0]
		}
	}
	return s
}

func hasPorts(protocol string) bool {
	return protocol == "tcp" || protocol == "udp" || strings.HasPrefix(protocol, "icmp")
}

// routeSet brings routes into one form. Those within the network's own range and those that an endpoint of S3 or DynamoDB makes are
// AWS's own.
func routeSet(x any) any {
	return objects(func(r map[string]any) map[string]any {
		gateway, _ := r["GatewayId"].(string)
		_, toList := r["DestinationPrefixListId"]
		switch {
		case gateway == "local", strings.HasPrefix(gateway, "vpce-") && toList:
			return nil
		case strings.HasPrefix(gateway, "vpce-"):
			delete(r, "GatewayId")
			r["VpcEndpointId"] = gateway
		}
		masked(r, "DestinationCidrBlock", "DestinationIpv6CidrBlock")
		return r
	})(x)
}

// firstOwnEntry is the number from which on rules of a network ACL are AWS's own: "deny all" at the end.
const firstOwnEntry = 32767

// entrySet brings rules of a network ACL into one form. Reference: "NetworkAclEntry" of the EC2 API reference.
func entrySet(x any) any {
	return objects(func(e map[string]any) map[string]any {
		e["RuleNumber"] = number(e["RuleNumber"])
		if n, ok := e["RuleNumber"].(json.Number); ok {
			if i, err := n.Int64(); err == nil && i >= firstOwnEntry {
				return nil
			}
		}
		e["Egress"] = truth(e["Egress"]) == true
		protocol := protocolNumber(text(e["Protocol"]))
		e["Protocol"] = protocol
		if protocol != "6" && protocol != "17" {
			delete(e, "PortRange")
		}
		if protocol != "1" && protocol != "58" {
			delete(e, "Icmp")
		}
		if action, ok := e["RuleAction"].(string); ok {
			e["RuleAction"] = strings.ToLower(action)
		}
		masked(e, "CidrBlock", "Ipv6CidrBlock")
		return numbered(e, "PortRange", "Icmp")
	})(x)
}

// numbered makes numbers of numeric texts in the objects of some names.
func numbered(object map[string]any, names ...string) map[string]any {
	for _, name := range names {
		inner, ok := object[name].(map[string]any)
		if !ok {
			continue
		}
		out := make(map[string]any, len(inner))
		for k, v := range inner {
			out[k] = number(v)
		}
		object[name] = out
	}
	return object
}

// portRange returns the port of a range of one, as text. A number is a text too.
func portRange(x any) any {
	s := text(x)
	from, to, ok := strings.Cut(s, "-")
	if ok && from != "" && from == to {
		return from
	}
	if _, isNumber := x.(json.Number); isNumber {
		return s
	}
	return x
}

// prefix returns a range of addresses without the bits of a host, and addresses in their shortest form.
func prefix(s string) string {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked().String()
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return a.String()
	}
	return s
}
