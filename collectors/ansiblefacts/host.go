package ansiblefacts

import (
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors/agents"
)

// newHost makes a host of facts. What needs root to be read is "NA" or not there without. Facts of which only a part was gathered lack
// those of the host's own files.
func newHost(id string, f agents.Facts, written time.Time) agents.Host {
	h := agents.Host{
		ID: id, Record: f, Whole: f.Has("ansible_local"), CheckIn: gathered(f, written),
		FQDN: f.Text("ansible_fqdn"), Hostname: f.Text("ansible_hostname", "ansible_nodename"),
		Serial: f.Text("ansible_product_serial"), UUID: f.Text("ansible_product_uuid"),
		AssetTags:  []string{f.Text("ansible_chassis_asset_tag"), f.Text("ansible_board_asset_tag")},
		InstanceID: f.Text("ansible_ec2_instance_id"),
		Account:    f.Text("ansible_ec2_instance_identity_document_accountid"),
		Region:     f.Text("ansible_ec2_instance_identity_document_region", "ansible_ec2_placement_region"),
		Zone:       f.Text("ansible_ec2_placement_availability_zone"),
		Addresses:  []string{f.Text("ansible_default_ipv4.address"), f.Text("ansible_default_ipv6.address")},
		MACs:       macs(f),
		OS:         agents.Joined(f.Text("ansible_distribution"), f.Text("ansible_distribution_version")),
		Kernel:     f.Text("ansible_kernel"), Manufacturer: f.Text("ansible_system_vendor"), Model: f.Text("ansible_product_name"),
		CPUs: f.Int("ansible_processor_vcpus"), MemoryMB: f.Int("ansible_memtotal_mb"),
	}
	if f.Text("ansible_virtualization_role") == "guest" {
		h.Guest, h.Container = true, isContainer(f)
	}
	return h
}

// isContainer reports whether the host is a container, which sees the firmware of the machine that it runs on. A container in a
// virtual machine may be told by the list of techniques alone.
func isContainer(f agents.Facts) bool {
	kinds := append(f.Texts("ansible_virtualization_tech_guest"), f.Text("ansible_virtualization_type"))
	return slices.ContainsFunc(kinds, func(k string) bool {
		switch strings.ToLower(k) {
		case "docker", "podman", "container", "lxc", "openvz", "systemd-nspawn", "containerd", "kubernetes":
			return true
		}
		return false
	})
}

// macs lists the hardware addresses of real cards: a card in a bond has its own beside that of the bond.
func macs(f agents.Facts) []string {
	list := []string{f.Text("ansible_default_ipv4.macaddress")}
	for _, name := range f.Texts("ansible_interfaces") {
		card := f.Object("ansible_" + strings.NewReplacer("-", "_", ".", "_", ":", "_").Replace(name))
		if card.Text("type") != "ether" {
			continue
		}
		if mac := card.Text("perm_macaddress"); mac != "" {
			list = append(list, mac)
		} else {
			list = append(list, card.Text("macaddress"))
		}
	}
	return list
}
