package ansible

import (
	"cmp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/hosts"
	"github.com/muster-audit/muster/inventory"
)

// asset makes the asset of a host.
func (b *book) asset(name string, m *hosts.Mapping, shared map[string]int) inventory.Asset {
	h := b.hosts[name]
	groups := b.memberships(h)
	get := b.lookup(h, groups)
	a := inventory.Asset{
		Key: b.id + "#" + name, Book: inventory.Declared, Type: typeOf(get), Name: name,
		Tags:        m.Tags(get, b.merged),
		Identifiers: identifiers(name, get, shared),
		Origin:      inventory.Origin{File: b.id, Line: h.line, Address: name},
	}
	named := slices.DeleteFunc(slices.Clone(groups), func(g string) bool { return g == groupAll || g == groupUngrouped })
	slices.Sort(named)
	list := append(m.Attributes(get, b.merged), inventory.Attribute{Name: attrGroups, Value: inventory.StringsValue(named)})
	a.Attributes = inventory.KnownAttributes(list...)
	return a
}

// typeOf returns what a host is. An inventory says that something is to be configured and not that an instance is to be made:
// one of EC2 is a virtual machine here, and its id links it with what the cloud reports.
func typeOf(get hosts.Lookup) inventory.Type {
	switch connection := text(get, "ansible_connection"); connection[strings.LastIndexByte(connection, '.')+1:] {
	case "network_cli", "netconf", "httpapi":
		return hosts.TypeNetwork
	case "docker", "docker_api", "nsenter", "podman", "buildah", "lxd", "lxc", "incus", "kubectl", "oc", "chroot", "jail":
		return hosts.TypeOther
	}
	switch {
	case text(get, "ansible_network_os") != "":
		return hosts.TypeNetwork
	case instanceID(get) != "":
		return hosts.TypeVM
	}
	return hosts.TypeServer
}

func instanceID(get hosts.Lookup) string {
	for _, name := range instanceVars() {
		if id := text(get, name); hosts.IsEC2ID(id) {
			return id
		}
	}
	return ""
}

func text(get hosts.Lookup, name string) string {
	x, _ := get(name)
	return hosts.Text(x)
}

// address is what Ansible connects to.
func address(name string, get hosts.Lookup) string {
	return cmp.Or(text(get, "ansible_host"), text(get, "ansible_ssh_host"), name)
}

// sharedAddresses counts how many hosts have each address: those behind one jump host or on several ports of one machine.
func (b *book) sharedAddresses() map[string]int {
	n := map[string]int{}
	for name, h := range b.hosts {
		n[strings.ToLower(address(name, b.lookup(h, b.memberships(h))))]++
	}
	return n
}

// identifiers returns the names by which a host is recognised. An address that several hosts have is none.
func identifiers(name string, get hosts.Lookup, shared map[string]int) []inventory.Identifier {
	var n hosts.Names
	n.Host(name)
	if id := instanceID(get); id != "" {
		n.Instance(id, "", "")
	}
	if to := address(name, get); shared[strings.ToLower(to)] == 1 {
		n.Address(to)
		if hosts.IsFQDN(to) && !hosts.IsFQDN(name) {
			n.Host(to)
		}
	}
	return n.Sorted()
}
