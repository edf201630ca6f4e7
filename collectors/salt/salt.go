// Package salt reads the grains of Salt's minions as salt prints them in JSON: an object per minion, one after the other or all
// in one. A minion that did not answer is there with a sentence or false instead of its grains: it was not seen, and what was known
// of it stays.
//
// Grains carry no time, and what the master keeps in its cache looks like an answer. So no last check-in is told.
package salt

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
)

// Spec describes the collector.
func Spec() collectors.Spec {
	return agents.Kind{
		Name:    "salt",
		Summary: "grains of Salt's minions",
		Reads:   "Reads the saved output of: salt '*' grains.items --out=json",
		Reader:  func() agents.Reader { return reader{} },
	}.Spec()
}

type reader struct{}

// End does nothing: each file was complete.
func (reader) End(context.Context, *agents.Out) error { return nil }

// Read reads one file.
func (reader) Read(ctx context.Context, f *agents.File, out *agents.Out) error {
	return f.Members(ctx, func(r agents.Record) error {
		grains := agents.Facts(r.Object())
		if inner := grains.Object("ret"); inner != nil && grains.Has("jid") {
			grains = inner // as printed with what the job was
		}
		switch {
		case r.Name == "":
			out.Skip("", r.Offset, "it is no object of minions", "export grains with: salt '*' grains.items --out=json")
			return nil
		case len(grains) == 0:
			out.Skip(r.Name, r.Offset, fmt.Sprintf("minion %s returned no grains", r.Name), "look whether the minion runs; what was known of it stays")
			return nil
		}
		h := newHost(r.Name, grains)
		return out.Host(ctx, &h)
	})
}

func newHost(id string, g agents.Facts) agents.Host {
	h := agents.Host{
		ID: id, Record: g, Whole: g.Has("saltversion"), // else some grains only were asked for
		FQDN: g.Text("fqdn"), Hostname: g.Text("host", "nodename"), Serial: g.Text("serialnumber", "system_serialnumber"), UUID: g.Text("uuid"),
		Addresses: addresses(g), MACs: macs(g),
		OS: agents.Joined(g.Text("os"), g.Text("osrelease")), Kernel: g.Text("kernelrelease"),
		Manufacturer: g.Text("manufacturer"), Model: g.Text("productname"),
		AgentVersion: g.Text("saltversion"), CPUs: g.Int("num_cpus"), MemoryMB: g.Int("mem_total"),
		Environment: g.Text("environment"), Roles: g.Texts("roles"),
		InstanceID: g.Text("meta-data.instance-id", "ec2.instance_id"),
		Account:    g.Text("dynamic.instance-identity.document.accountId"),
		Region:     g.Text("dynamic.instance-identity.document.region", "ec2.region"),
	}
	virtual := strings.ToLower(g.Text("virtual"))
	h.Guest = virtual != "" && virtual != "physical"
	h.Container = isContainer(id, virtual, strings.ToLower(g.Text("virtual_subtype")))
	return h
}

// isContainer reports whether a minion runs in a container, whose uuid is that of the machine below. Without a word of that, the
// short id that Docker gives a container as its name is one.
func isContainer(id, virtual, subtype string) bool {
	for _, kind := range []string{"docker", "lxc", "container", "podman", "nspawn", "openvz", "kubernetes"} {
		if strings.Contains(virtual, kind) || strings.Contains(subtype, kind) {
			return true
		}
	}
	const shortID = 12
	return len(id) == shortID && strings.Trim(id, "0123456789abcdef") == ""
}

// addresses lists those of the machine's own interfaces, not of bridges for what runs on it.
func addresses(g agents.Facts) []string {
	var list []string
	for name := range g.Object("ip4_interfaces") {
		if !isBridge(name) {
			list = append(list, g.Object("ip4_interfaces").Texts(name)...)
		}
	}
	if list == nil {
		list = g.Texts("ipv4")
	}
	return slices.DeleteFunc(list, func(s string) bool { _, err := netip.ParseAddr(s); return err != nil })
}

func macs(g agents.Facts) []string {
	var list []string
	cards := g.Object("hwaddr_interfaces")
	for name := range cards {
		if !isBridge(name) {
			list = append(list, cards.Text(name))
		}
	}
	return list
}

// isBridge reports whether an interface stands for containers or guests of the machine.
func isBridge(name string) bool {
	for _, prefix := range []string{"docker", "br-", "veth", "virbr", "cni", "cali", "flannel", "vnet", "tap", "lxc", "lxdbr", "podman"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
