package cmdb

import (
	"cmp"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors/cmdb/preset"
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
	unknown  inventory.Type            // of a value that nobody knows; empty is the fallback
	own      map[string]inventory.Type // by value in lower case
	rules    *preset.Binding
	preset   *preset.TypeRules // nil without a preset
}

func newTypeTable(o *Options, l *layout) *typeTable {
	t := &typeTable{fallback: inventory.Type(o.Type), own: map[string]inventory.Type{}, rules: l.rules}
	for _, value := range sortedKeys(o.TypeMap) {
		t.own[strings.ToLower(value)] = inventory.Type(o.TypeMap[value])
	}
	if l.base != nil {
		t.preset = &l.base.Type
		if t.fallback == typeServer {
			t.fallback = cmp.Or(t.preset.Default, typeServer)
			t.unknown = t.preset.Unknown
		}
	}
	return t
}

// of returns the type of a row: the configured one, what the preset says by other columns, the value itself if it is a type of the data
// centre, the preset's, a usual one, or the fallback.
func (t *typeTable) of(l *layout, r *row) inventory.Type {
	cell := l.cell(r, l.fields[fieldType])
	value := strings.ToLower(string(cell))
	if own, ok := t.own[value]; ok && value != "" {
		return own
	}
	if t.rules.Fixed != "" {
		return t.rules.Fixed
	}
	for _, w := range t.rules.When {
		if w.Fits(string(l.cell(r, w.Column))) {
			return w.Type
		}
	}
	switch {
	case value == "" && isEC2ID(r.cell(l.fields[fieldInstanceID])):
		return typeVM
	case strings.HasPrefix(value, "datacenter/"):
		return inventory.Type(value)
	case t.preset != nil && value != "":
		if found, ok := t.preset.Of(value); ok {
			return found
		}
	}
	if usual, ok := usualType(value); ok {
		return usual
	}
	if value != "" && t.unknown != "" && !failedCell(cell) {
		return t.unknown
	}
	return t.fallback
}

// stageTable turns the values of the columns of status into stages.
type stageTable struct {
	own   map[string]preset.Stage // by value in lower case
	words bool                    // usual words count where the preset knows nothing
}

func newStageTable(o *Options, l *layout) *stageTable {
	t := &stageTable{own: map[string]preset.Stage{}, words: l.base == nil || l.base.StatusWords}
	for _, value := range sortedKeys(o.StatusMap) {
		t.own[strings.ToLower(value)] = preset.Stage(o.StatusMap[value])
	}
	return t
}

// of returns the stage that a row's columns of status come to.
func (t *stageTable) of(l *layout, r *row) inventory.Lifecycle {
	class := string(l.cell(r, l.fields[fieldType]))
	stages := make([]preset.Stage, 0, len(l.status))
	for _, s := range l.status {
		if !r.known(s.column) {
			stages = append(stages, preset.StageUnknown)
			continue
		}
		stages = append(stages, t.stage(s, class, string(l.cell(r, s.column))))
	}
	return preset.Combine(stages)
}

func (t *stageTable) stage(s statusColumn, class, value string) preset.Stage {
	if value == "" {
		return preset.StageNone
	}
	if own, ok := t.own[strings.ToLower(value)]; ok {
		return own
	}
	if s.rules != nil {
		if found, ok := s.rules.Of(class, value); ok {
			return found
		}
	}
	if s.rules == nil || t.words {
		if l := stage(value); l != inventory.LifecycleUnknown {
			return preset.Stage(l)
		}
	}
	return preset.StageUnknown
}

// leavesOut returns the preset's rule by which a row is no asset, or nil.
func (l *layout) leavesOut(r *row) *preset.RowRule {
	for _, rule := range l.rules.Rows {
		if rule.Do == preset.LeaveOut && rule.Fits(string(l.cell(r, rule.Column))) {
			return rule.RowRule
		}
	}
	return nil
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
