package puppetdb

import (
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/collectors/agents"
)

func newHost(name string, n *node) agents.Host {
	f := n.facts
	h := agents.Host{
		ID: name, File: n.file, Record: f, Whole: n.whole, CheckIn: agents.CheckIn{At: n.seen, Never: n.listed && n.seen.IsZero()},
		FQDN: f.Text("networking.fqdn", "fqdn"), Hostname: f.Text("networking.hostname", "hostname"),
		Serial: f.Text("dmi.product.serial_number", "serialnumber"), UUID: f.Text("dmi.product.uuid", "uuid"),
		AssetTags:  []string{f.Text("dmi.chassis.asset_tag"), f.Text("dmi.board.asset_tag")},
		InstanceID: f.Text("ec2_metadata.instance-id", "trusted.extensions.pp_instance_id", "gce.instance.id"),
		Region:     f.Text("ec2_metadata.placement.region"), Zone: f.Text("ec2_metadata.placement.availability-zone"),
		Addresses: []string{f.Text("networking.ip", "ipaddress"), f.Text("networking.ip6")}, MACs: append(n.macs, f.Text("networking.mac", "macaddress")),
		OS:     agents.Joined(f.Text("os.name", "operatingsystem"), f.Text("os.release.full", "operatingsystemrelease")),
		Kernel: f.Text("kernelrelease"), Manufacturer: f.Text("dmi.manufacturer", "manufacturer"), Model: f.Text("dmi.product.name", "productname"),
		AgentVersion: f.Text("aio_agent_version", "puppetversion"), CPUs: f.Int("processors.count", "processorcount"), MemoryMB: memory(f),
		Environment: f.Text("trusted.extensions.pp_environment"), Roles: f.Texts("trusted.extensions.pp_role"),
		Guest: f.Text("is_virtual") == "true",
	}
	if len(f) == 0 {
		h.FQDN = name // by default it is; nothing else is known
	}
	kind := strings.ToLower(f.Text("virtual"))
	h.Container = slices.Contains([]string{"docker", "podman", "lxc", "openvzve", "systemd_nspawn", "container_other", "crio"}, kind)
	return h
}

func memory(f agents.Facts) int64 {
	if n := f.Int("memory.system.total_bytes"); n > 0 {
		return agents.Megabytes(n)
	}
	n, err := strconv.ParseFloat(f.Text("memorysize_mb"), 64)
	if err != nil || n < 0 || n > 1e9 {
		return 0
	}
	return int64(n + 0.5)
}
