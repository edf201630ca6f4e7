package agents

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/hosts"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Host is what an agent reported of its machine. An empty text was not told, and so was a number of 0.
type Host struct {
	ID   string // how the agent's server calls it, unique there
	File string // that it was read from; empty is the file at hand
	Name string // what people call it; empty means ID
	// Guest says that it is a virtual machine or container, Container the latter: what it takes for its firmware is its host's.
	Guest, Container bool
	// Names by which it can be recognised. FQDN and Hostname may each be either.
	FQDN, Hostname, Serial, UUID string
	AssetTags                    []string // of chassis and board
	InstanceID, ResourceID       string   // of a cloud instance; what else the cloud calls it
	Addresses, MACs              []string

	Account, Region, Zone            string
	OS, Kernel, Manufacturer, Model  string
	AgentVersion, Environment, State string
	CPUs, MemoryMB                   int64
	Roles                            []string // nil is not told

	CheckIn CheckIn
	Record  map[string]any // what the paths of the options tags and attributes lead into
	// Whole says that the record is all that the agent reported: what is not in it is not there.
	Whole bool
}

// builder makes assets of hosts.
type builder struct {
	kind    string
	options *Options
	mapping *hosts.Mapping
	checkIn checkIn
	secrets *catalog.Concealer
}

func (b *builder) asset(h *Host, file string) inventory.Asset {
	a := inventory.Asset{
		Key: b.key(h.ID), Book: inventory.Observed, Type: hosts.TypeServer, Name: cmp.Or(h.Name, h.ID),
		Account: cmp.Or(h.Account, b.options.Account), Region: cmp.Or(h.Region, b.options.Region), Zone: h.Zone,
		Origin: inventory.Origin{File: file, Address: h.ID},
		Tags:   b.mapping.Tags(h.lookup, h.Whole),
	}
	if h.Guest || h.Container || h.instance() != "" {
		a.Type = hosts.TypeVM
	}
	a.Identifiers = h.identifiers(a.Account, a.Region)
	list := append(b.mapping.Attributes(h.lookup, h.Whole), h.attributes()...)
	a.Attributes = b.secrets.Attributes(inventory.KnownAttributes(append(list, b.checkIn.attributes(h.CheckIn)...)...))
	return a
}

// key tells a machine of one kind of server from one of the same name that another knows.
func (b *builder) key(id string) string { return b.kind + "/" + id }

func (h *Host) lookup(path string) (any, bool) { return hosts.At(h.Record, path) }

// identifiers returns those that are the machine's own: a container reports the firmware and the cards of its host.
func (h *Host) identifiers(account, region string) []inventory.Identifier {
	var n hosts.Names
	n.Host(h.FQDN)
	n.Host(h.Hostname)
	n.Add(inventory.ResourceID, h.ResourceID)
	for _, address := range h.Addresses {
		n.Address(address)
	}
	if h.Container {
		return n.Sorted()
	}
	n.Add(inventory.Serial, h.Serial)
	n.Add(inventory.UUID, h.UUID)
	for _, mac := range h.MACs {
		n.MAC(mac)
	}
	if id := h.instance(); id != "" {
		n.Instance(id, account, region)
	}
	for _, tag := range h.AssetTags {
		if !hosts.IsEC2ID(tag) {
			n.Add(inventory.AssetTag, tag)
		}
	}
	return n.Sorted()
}

// instance returns the id of the cloud instance, which an EC2 instance also has as its board's asset tag.
func (h *Host) instance() string {
	if id := hosts.Clean(h.InstanceID); id != "" {
		return id
	}
	if i := slices.IndexFunc(h.AssetTags, hosts.IsEC2ID); i >= 0 {
		return h.AssetTags[i]
	}
	return ""
}

func (h *Host) attributes() []inventory.Attribute {
	var list []inventory.Attribute
	text := func(name, value string) {
		if value = hosts.Clean(value); value != "" {
			list = append(list, inventory.Attribute{Name: name, Value: inventory.StringValue(value)})
		}
	}
	text("os", h.OS)
	text("kernel", h.Kernel)
	text("agent_version", h.AgentVersion)
	text("agent_state", h.State)
	text("environment", h.Environment)
	if !h.Container {
		text("manufacturer", h.Manufacturer)
		text("model", h.Model)
	}
	for name, n := range map[string]int64{"cpus": h.CPUs, "memory_mb": h.MemoryMB} {
		if n > 0 {
			list = append(list, inventory.Attribute{Name: name, Value: inventory.IntValue(n)})
		}
	}
	if h.Roles != nil {
		roles := slices.Clone(h.Roles)
		slices.Sort(roles)
		list = append(list, inventory.Attribute{Name: "roles", Value: inventory.StringsValue(slices.Compact(roles))})
	}
	return list
}

// Joined joins what is not empty with a space: the name and the version of a system.
func Joined(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return hosts.Clean(s) == "" })
	return strings.Join(parts, " ")
}

// Megabytes turns a number of bytes into MiB, rounded.
func Megabytes(bytes int64) int64 { return int64(math.Round(float64(bytes) / (1 << 20))) }
