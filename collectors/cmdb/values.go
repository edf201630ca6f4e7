package cmdb

import (
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Types of rows.
const (
	typeServer  inventory.Type = "datacenter/server"
	typeVM      inventory.Type = "datacenter/vm"
	typeNetwork inventory.Type = "datacenter/network"
	typeStorage inventory.Type = "datacenter/storage"
)

// typeTable turns the values of a type column into types.
type typeTable struct {
	fallback inventory.Type
	own      map[string]inventory.Type // by value in lower case
}

func newTypeTable(o *Options) *typeTable {
	t := &typeTable{fallback: inventory.Type(o.Type), own: map[string]inventory.Type{}}
	for _, value := range sortedKeys(o.TypeMap) {
		t.own[strings.ToLower(value)] = inventory.Type(o.TypeMap[value])
	}
	return t
}

// of returns the type of a value: the configured one, the value itself if it is a type of the data centre, a usual one, or
// the fallback.
func (t *typeTable) of(value string) inventory.Type {
	value = strings.ToLower(value)
	if own, ok := t.own[value]; ok {
		return own
	}
	if strings.HasPrefix(value, "datacenter/") {
		return inventory.Type(value)
	}
	if usual, ok := usualType(value); ok {
		return usual
	}
	return t.fallback
}

func usualType(value string) (inventory.Type, bool) {
	switch value {
	case "server", "servers", "physical", "physical server", "bare metal", "baremetal", "host", "rack server", "blade", "blade server",
		"linux server", "windows server", "unix server", "hypervisor", "esx server",
		"cmdb_ci_server", "cmdb_ci_linux_server", "cmdb_ci_win_server", "cmdb_ci_unix_server", "cmdb_ci_esx_server":
		return typeServer, true
	case "vm", "virtual", "virtual machine", "virtualmachine", "virtual server", "vm instance", "instance", "cloud instance", "guest",
		"ec2", "ec2 instance", "aws::ec2::instance", "compute.googleapis.com/instance", "cmdb_ci_vm_instance", "cmdb_ci_vmware_instance":
		return typeVM, true
	case "network", "network device", "network equipment", "switch", "router", "firewall", "load balancer", "access point", "gateway",
		"cmdb_ci_netgear", "cmdb_ci_ip_switch", "cmdb_ci_ip_router", "cmdb_ci_ip_firewall", "cmdb_ci_lb":
		return typeNetwork, true
	case "storage", "storage device", "storage array", "storage server", "nas", "san", "array", "disk array", "tape library",
		"cmdb_ci_storage_server", "cmdb_ci_msd", "cmdb_ci_storage_device":
		return typeStorage, true
	}
	return "", false
}

// stage returns the stage of life that a status speaks of; unknown if it is not a usual word.
func stage(status string) inventory.Lifecycle {
	switch strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(status)) {
	case "planned", "ordered", "on order", "in stock", "pending install", "requested", "staged", "pipeline", "inventory":
		return inventory.LifecyclePlanned
	case "active", "in use", "in service", "installed", "operational", "production", "in production", "live", "running", "deployed",
		"online", "up", "ready":
		return inventory.LifecycleActive
	case "maintenance", "in maintenance", "under maintenance", "repair", "in repair", "repair in progress", "pending repair":
		return inventory.LifecycleMaintenance
	case "retiring", "decommissioning", "to be retired", "to be decommissioned", "end of life":
		return inventory.LifecycleRetiring
	case "retired", "decommissioned", "disposed", "scrapped", "absent", "stolen", "sold", "archived":
		return inventory.LifecycleRetired
	}
	return inventory.LifecycleUnknown
}

// parseCreated reads a date or a time; anything else is unknown. A time without a zone is taken for UTC.
func parseCreated(b []byte) time.Time {
	const date = len("2006-01-02")
	if len(b) < date || b[4] != '-' || b[7] != '-' {
		return time.Time{}
	}
	var t time.Time
	var err error
	switch {
	case len(b) == date:
		return parseDate(b)
	case len(b) == len(time.DateTime) && b[date] == ' ':
		t, err = time.Parse(time.DateTime, string(b))
	case len(b) == len(time.DateTime):
		t, err = time.Parse("2006-01-02T15:04:05", string(b))
	default:
		t, err = time.Parse(time.RFC3339Nano, string(b))
	}
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// parseDate reads a date of the right length, which most registers have, without the cost of a layout.
func parseDate(b []byte) time.Time {
	year, month, day := number(b[:4]), number(b[5:7]), number(b[8:10])
	if year < 0 || month < 1 || day < 1 {
		return time.Time{}
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || t.Month() != time.Month(month) {
		return time.Time{}
	}
	return t
}

// number reads digits, or returns -1.
func number(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
