package ansible

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/hosts"
	"github.com/muster-audit/muster/inventory"
)

// Groups that every inventory has.
const (
	groupAll       = "all"
	groupUngrouped = "ungrouped"
)

// maxHosts bounds how many hosts one file may have.
const maxHosts = 100_000

// book is what one inventory file says.
type book struct {
	id     string
	wanted map[string]bool // names of variables that are kept
	hosts  map[string]*host
	groups map[string]*group
	// merged says that variables are all there are: what lists them with the hosts has looked into group_vars and host_vars.
	merged bool
	skip   func(inventory.Problem)
}

// host is one host, with the groups that list it.
type host struct {
	line   int
	vars   map[string]any
	groups []string // unique
}

// group is one group of hosts.
type group struct {
	vars    map[string]any
	parents map[string]bool
	depth   int // the longest way to it from the top
}

// connectionVars are the variables that tell what a host is.
func connectionVars() []string {
	return append([]string{"ansible_host", "ansible_ssh_host", "ansible_connection", "ansible_network_os", "ansible_group_priority"}, instanceVars()...)
}

// instanceVars are the variables in which the id of an EC2 instance stands.
func instanceVars() []string {
	return []string{"ansible_ec2_instance_id", "ec2_instance_id", "ec2_id", "instance_id"}
}

func newBook(id string, paths []string, skip func(inventory.Problem)) *book {
	b := &book{id: id, wanted: map[string]bool{}, hosts: map[string]*host{}, groups: map[string]*group{}, skip: skip}
	for _, name := range append(connectionVars(), paths...) {
		b.wanted[name] = true
		for i, c := range name { // any part before a dot may be the variable's name
			if c == '.' {
				b.wanted[name[:i]] = true
			}
		}
	}
	return b
}

// group returns a group, new if need be.
func (b *book) group(name string) *group {
	g, ok := b.groups[name]
	if !ok {
		g = &group{vars: map[string]any{}, parents: map[string]bool{}}
		b.groups[name] = g
	}
	return g
}

// child says that a group is part of another.
func (b *book) child(parent, name string) {
	b.group(parent)
	b.group(name).parents[parent] = true
}

// host returns a host of a group, new if need be. line is where it is listed, 0 if that is not known.
func (b *book) host(name, group string, line int) (*host, error) {
	h, ok := b.hosts[name]
	if !ok {
		if len(b.hosts) >= maxHosts {
			return nil, fmt.Errorf("line %d: there are more than %d hosts: split the inventory", line, maxHosts)
		}
		h = &host{line: line, vars: map[string]any{}}
		b.hosts[name] = h
	}
	b.join(h, group)
	return h, nil
}

// join says that a host is in a group.
func (b *book) join(h *host, group string) {
	b.group(group)
	if !slices.Contains(h.groups, group) {
		h.groups = append(h.groups, group)
	}
}

// expand returns the hosts of a pattern, all in one group, or skips it with what is wrong.
func (b *book) expand(pattern, group string, line int) ([]*host, error) {
	names, err := expandHosts(pattern)
	if err != nil {
		b.skip(inventory.Problem{Line: line, Message: err.Error(), Remedy: "correct the name; the other hosts were read"})
		return nil, nil
	}
	list := make([]*host, 0, len(names))
	for _, n := range names {
		h, err := b.host(n, group, line)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, nil
}

// set keeps a variable if it is wanted. A later one replaces an earlier one.
func (b *book) set(vars map[string]any, name string, value any) {
	if b.wanted[name] {
		vars[name] = readable(value)
	}
}

// memberships returns all groups of a host, those above its own among them, the weakest variables first.
func (b *book) memberships(h *host) []string {
	seen := map[string]bool{groupAll: true}
	list := slices.Clone(h.groups)
	for len(list) > 0 {
		name := list[len(list)-1]
		list = list[:len(list)-1]
		if seen[name] {
			continue
		}
		seen[name] = true
		list = slices.AppendSeq(list, maps.Keys(b.groups[name].parents))
	}
	names := slices.Collect(maps.Keys(seen))
	slices.SortFunc(names, func(x, y string) int {
		g, h := b.group(x), b.group(y)
		return cmp.Or(cmp.Compare(g.depth, h.depth), cmp.Compare(g.priority(), h.priority()), cmp.Compare(x, y))
	})
	return names
}

// priority is what a group says of its place among those of its depth.
func (g *group) priority() int {
	n := 1
	if text := hosts.Text(g.vars["ansible_group_priority"]); text != "" {
		_, _ = fmt.Sscanf(text, "%d", &n) // what is no number counts as 1
	}
	return n
}

// measure finds the depth of every group. A circle of groups is broken where it is met.
func (b *book) measure() {
	done, open := map[string]bool{}, map[string]bool{}
	var depth func(name string) int
	depth = func(name string) int {
		g := b.groups[name]
		if done[name] || open[name] || name == groupAll {
			return g.depth
		}
		open[name] = true
		g.depth = 1
		for parent := range g.parents {
			g.depth = max(g.depth, depth(parent)+1)
		}
		open[name], done[name] = false, true
		return g.depth
	}
	b.group(groupAll)
	for _, name := range slices.Sorted(maps.Keys(b.groups)) {
		depth(name)
	}
}

// lookup finds variables of a host: its own, or those of its groups, the strongest first.
func (b *book) lookup(h *host, groups []string) hosts.Lookup {
	return func(path string) (any, bool) {
		if x, ok := at(h.vars, path); ok {
			return x, true
		}
		for _, name := range slices.Backward(groups) {
			if x, ok := at(b.groups[name].vars, path); ok {
				return x, true
			}
		}
		return nil, false
	}
}

// at finds a path in variables. What is in something that cannot be read cannot be read either.
func at(vars map[string]any, path string) (any, bool) {
	if x, ok := hosts.At(vars, path); ok {
		return x, true
	}
	for i, c := range path {
		if c == '.' {
			if _, unread := vars[path[:i]].(hosts.Unread); unread {
				return hosts.Unread{}, true
			}
		}
	}
	return nil, false
}

// emit hands over the hosts, sorted by name.
func (b *book) emit(ctx context.Context, m *hosts.Mapping, out interface{ Asset(inventory.Asset) error }) error {
	b.measure()
	names := slices.Sorted(maps.Keys(b.hosts))
	shared := b.sharedAddresses()
	for i, name := range names {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if isController(name) {
			continue
		}
		if err := out.Asset(b.asset(name, m, shared)); err != nil {
			return err
		}
	}
	return nil
}

// isController reports whether a name is that of the machine that runs Ansible.
func isController(name string) bool {
	return name == "localhost" || name == "::1" || strings.HasPrefix(name, "127.") || strings.HasPrefix(name, "localhost.")
}
