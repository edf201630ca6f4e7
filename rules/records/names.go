package records

import (
	"strings"
	"sync"

	"github.com/muster-audit/muster/inventory"
)

// Names under which an attribute of many spellings is known here.
const (
	attrOS           = "os"
	attrOSVersion    = "os_version"
	attrCPUs         = "cpus"
	attrMemory       = "memory_mb"
	attrMachineType  = "instance_type"
	attrModel        = "model"
	attrManufacturer = "manufacturer"
)

// spellings lists what registers, agents and providers call one attribute, as fold writes it.
func spellings() map[string][]string {
	return map[string][]string{
		attrOS:           {"os", "operatingsystem", "osname", "guestos"},
		attrOSVersion:    {"osversion", "operatingsystemversion", "platformversion"},
		attrCPUs:         {"cpus", "cpucount", "vcpus", "vcpu", "numcpu", "numcpus", "numberofcpus"},
		attrMemory:       {"memorymb", "memory", "ram", "rammb", "memorysizemb", "memorytotalmb", "memtotalmb"},
		attrMachineType:  {"instancetype", "machinetype", "vmsize", "dbinstanceclass", "cachenodetype", "nodetype"},
		attrModel:        {"model", "modelname", "hardwaremodel", "productname"},
		attrManufacturer: {"manufacturer", "vendor", "hardwarevendor", "systemvendor"},
		"image":          {"image", "imageid", "ami", "amiid"},
		"vpc":            {"vpc", "vpcid"},
		"subnet":         {"subnet", "subnetid"},
		"engine":         {"engine", "dbengine", "databaseengine"},
		"engine_version": {"engineversion", "dbengineversion", "databaseversion"},
	}
}

// naming finds the one name of an attribute that goes by many. It is safe for concurrent use: an estate holds few distinct
// names of attributes, many times over.
type naming struct {
	canonical map[string]string
	known     sync.Map // name -> its canonical one, "" if it has none
}

func newNaming() *naming {
	n := &naming{canonical: map[string]string{}}
	for name, list := range spellings() {
		for _, s := range list {
			n.canonical[s] = name
		}
	}
	return n
}

// of returns the one name of an attribute that has several, else "".
func (n *naming) of(name string) string {
	if c, ok := n.known.Load(name); ok {
		return c.(string)
	}
	c := n.canonical[fold(name)]
	n.known.Store(strings.Clone(name), c)
	return c
}

// fold writes a name without case, spaces and signs: "Memory (MB)" is "memorymb".
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		}
		return -1
	}, name)
}

// find returns what an entry calls an attribute: by the same name, or by another spelling of it.
func (n *naming) find(e *inventory.Entry, name string) (string, bool) {
	if _, ok := e.Attributes.Get(name); ok {
		return name, true
	}
	canonical := n.of(name)
	other := ""
	for a := range e.Attributes.All() {
		if a.Name == name {
			return name, true // there, and unread
		}
		if other == "" && canonical != "" && n.of(a.Name) == canonical {
			other = a.Name
		}
	}
	return other, other != ""
}

// ownBusiness reports whether an attribute is a note of the book that holds it and says nothing of the thing: the words
// that a register has for its types and stages, which mean something else to a provider, and what rules of their own judge.
func ownBusiness(name string) bool {
	switch name {
	case "status", "type", lastSeen, lastCheckIn, checkInLimit:
		return true
	}
	return false
}

// blank reports whether a register's cell is empty, or holds what people write where they know nothing.
func blank(v inventory.Value) bool {
	if v == inventory.Null {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(v.String())) {
	case "", "-", "--", "?", "n/a", "na", "none", "null", "unknown", "tbd", "[]", "{}":
		return true
	}
	return false
}
