// Package chef reads nodes of a Chef Infra Server as knife prints them: the output of knife node show and knife search node in
// JSON with all attributes, the answers of the server's search, and a folder of node files.
//
// A node's last check-in is ohai_time, when its last run of Chef began, by the node's own clock. A node with none was registered
// and never ran.
package chef

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
	"github.com/muster-audit/muster/collectors/hosts"
)

// Spec describes the collector.
func Spec() collectors.Spec {
	return agents.Kind{
		Name:    "chef",
		Summary: "nodes of a Chef Infra Server, as knife prints them",
		Reads:   "Reads the saved output of: knife search node '*:*' -l -F json. Without -l the output says nothing of the machine.",
		Reader:  func() agents.Reader { return reader{} },
	}.Spec()
}

type reader struct{}

// End does nothing: each file was complete.
func (reader) End(context.Context, *agents.Out) error { return nil }

// Read reads one file.
func (reader) Read(ctx context.Context, f *agents.File, out *agents.Out) error {
	return f.Records(ctx, "rows", func(r agents.Record) error {
		node := agents.Facts(r.Object())
		if inner := node.Object("data"); inner != nil && node.Has("url") {
			node = inner // as the server's search answers
		}
		name, _ := node["name"].(string)
		if name == "" {
			out.Skip("", r.Offset, "it is no node: it has no name", "export nodes with: knife search node '*:*' -l -F json")
			return nil
		}
		h := newHost(name, node)
		return out.Host(ctx, &h)
	}, func(rest agents.Rest) error { return complete(f, rest) })
}

// complete makes sure that a search holds all that it found.
func complete(f *agents.File, rest agents.Rest) error {
	for _, name := range []string{"results", "total"} {
		n, ok := rest.Facts[name].(json.Number)
		if found, err := n.Int64(); ok && err == nil && found > int64(rest.Records) {
			return f.Untrusted("it holds %d of %d nodes: export all pages of the search", rest.Records, found)
		}
	}
	return nil
}

func newHost(name string, node agents.Facts) agents.Host {
	f := node.Object("automatic")
	h := agents.Host{
		ID: name, Record: node, Whole: len(f) > 0, CheckIn: checkIn(node),
		FQDN: cmp.Or(f.Text("fqdn"), nameAs(name, f)), Hostname: f.Text("hostname", "machinename"),
		Serial: dmi(f, "system", "serial_number"), UUID: dmi(f, "system", "uuid"),
		AssetTags:  []string{dmi(f, "chassis", "asset_tag"), dmi(f, "base_board", "asset_tag")},
		InstanceID: f.Text("ec2.instance_id", "gce.instance.id"),
		Account:    f.Text("ec2.account_id"), Region: f.Text("ec2.region"), Zone: f.Text("ec2.placement_availability_zone", "ec2.availability_zone"),
		Addresses: []string{f.Text("ipaddress"), f.Text("ip6address"), f.Text("ec2.public_ipv4", "cloud.public_ipv4")}, MACs: macs(f),
		OS: agents.Joined(f.Text("platform"), f.Text("platform_version")), Kernel: f.Text("kernel.release"),
		Manufacturer: dmi(f, "system", "manufacturer"), Model: dmi(f, "system", "product_name"),
		AgentVersion: f.Text("chef_packages.chef.version"), CPUs: f.Int("cpu.total"), MemoryMB: memory(f.Text("memory.total")),
		Environment: node.Text("chef_environment"), Roles: roles(node),
	}
	if h.Environment == "_default" {
		h.Environment = ""
	}
	h.Guest = f.Text("virtualization.role") == "guest"
	switch f.Text("virtualization.system") {
	case "docker", "podman", "lxc", "lxd", "openvz", "nspawn":
		h.Container = h.Guest
	}
	return h
}

// nameAs returns the node's name where nothing else is known of it: by default it is the FQDN.
func nameAs(name string, f agents.Facts) string {
	if len(f) > 0 {
		return ""
	}
	return name
}

// checkIn tells a node that never ran, whose automatic attributes are there and empty, from one of which they were not exported.
func checkIn(node agents.Facts) agents.CheckIn {
	f := node.Object("automatic")
	t := f.Time("ohai_time")
	null := f.Has("ohai_time") && f["ohai_time"] == nil
	return agents.CheckIn{At: t, Never: t.IsZero() && (null || node.Has("automatic") && len(f) == 0)}
}

// dmi returns what the firmware says, which versions of Ohai put in two places.
func dmi(f agents.Facts, part, name string) string {
	plain := strings.ReplaceAll(name, "_", " ")
	words := strings.Fields(plain)
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	spelled := strings.Join(words, " ") // "Serial Number"
	if name == "uuid" {
		spelled = "UUID"
	}
	return f.Text("dmi."+part+"."+name, "dmi."+part+".all_records.0."+spelled)
}

// macs lists the hardware addresses of all cards.
func macs(f agents.Facts) []string {
	list := []string{f.Text("macaddress")}
	for _, card := range f.Objects("network.interfaces") {
		if card.Text("encapsulation") != "Ethernet" {
			continue
		}
		for address, about := range card.Objects("addresses") {
			if about.Text("family") == "lladdr" {
				list = append(list, address)
			}
		}
	}
	return list
}

// memory reads "16266892kB" as MiB.
func memory(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSuffix(strings.ToLower(s), "kb"), 10, 64)
	if err != nil {
		return 0
	}
	return agents.Megabytes(n << 10)
}

// roles are those that the node ran with, or else those of its run list; nil if neither is there.
func roles(node agents.Facts) []string {
	if list := node.Object("automatic").Texts("roles"); list != nil {
		return list
	}
	if !node.Has("run_list") {
		return nil
	}
	list := []string{}
	for _, item := range node.Texts("run_list") {
		if role, ok := strings.CutPrefix(item, "role["); ok {
			list = append(list, strings.TrimSuffix(role, "]"))
		}
	}
	return slices.DeleteFunc(list, func(s string) bool { return hosts.Clean(s) == "" })
}
