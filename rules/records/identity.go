package records

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// identity compares the names and addresses of the thing with what is observed. Code gives names of its own.
func (j *judge) identity(c *comparison) {
	if len(c.opposite.observed.confirmed) == 0 {
		return
	}
	j.thingName(c)
	j.hosts(c)
	j.addresses(c)
}

// disagree notes that none of the row's names or addresses is one of the other side's.
func (j *judge) disagree(c *comparison, attribute string, recorded, actual []string, against *inventory.Entry, same func(a, b string) bool) {
	if len(recorded) == 0 || len(actual) == 0 {
		return
	}
	c.compared++
	for _, r := range recorded {
		if slices.ContainsFunc(actual, func(a string) bool { return same(r, a) }) {
			return
		}
	}
	c.add(j, j.Policy.AuthorityOf(attribute), against, rules.Difference{
		Attribute: attribute, Declared: strings.Join(recorded, ", "), Actual: strings.Join(actual, ", "),
	})
}

// plainName is a name that a machine could bear, and not a title for people.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._\\-]*$`)

// thingName compares the names, if the policy says who is right about them: a register that calls machines by their host names is
// not wrong where the cloud calls them by what they do. What is called by its id or address has no name.
func (j *judge) thingName(c *comparison) {
	name := c.row.Name
	if !j.Policy.NamesAuthority("name") || !plainName.MatchString(name) || isID(c.row, name) {
		return
	}
	var names, titles []string
	for _, e := range c.opposite.observed.confirmed {
		if plainName.MatchString(e.Name) && !isID(e, e.Name) {
			titles = append(titles, e.Name)
		}
		names = append(names, e.Name, lastPart(e.Key))
		for _, i := range e.Identifiers {
			names = append(names, i.Value)
		}
	}
	if slices.ContainsFunc(names, func(n string) bool { return sameHost(name, n) }) {
		c.compared++
		return
	}
	j.disagree(c, "name", []string{name}, titles, c.opposite.observed.confirmed[0], sameHost)
}

// isID reports whether a name is merely one of the asset's identifiers, or the end of its key.
func isID(e *inventory.Entry, name string) bool {
	if strings.HasSuffix(e.Key, "/"+name) && strings.HasPrefix(name, "i-") {
		return true
	}
	return slices.ContainsFunc(e.Identifiers, func(i inventory.Identifier) bool {
		return i.Value == name && i.Kind != inventory.Hostname && i.Kind != inventory.FQDN
	})
}

// hosts compares host names.
func (j *judge) hosts(c *comparison) {
	attribute := "fqdn"
	recorded := values(c.row, inventory.FQDN)
	if len(recorded) == 0 {
		attribute, recorded = "hostname", values(c.row, inventory.Hostname)
	}
	recorded = slices.DeleteFunc(recorded, providerHost)
	var actual []string
	for _, e := range c.opposite.observed.confirmed {
		actual = append(actual, values(e, inventory.FQDN)...)
		actual = append(actual, values(e, inventory.Hostname)...)
	}
	actual = slices.DeleteFunc(actual, providerHost)
	j.disagree(c, attribute, recorded, actual, c.opposite.observed.confirmed[0], sameHost)
}

// providerHost reports whether a provider gave the name to an address, so that it is no name of the thing.
func providerHost(name string) bool {
	name = hostForm(name)
	for _, suffix := range []string{".internal", ".amazonaws.com", ".googleusercontent.com"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return name == "" || name == "localhost" || strings.HasPrefix(name, "localhost.")
}

// addresses compares private and public addresses of each family: a register rarely lists all of a machine's, so that
// one in common is enough, and a kind that one side does not list is not known to it.
func (j *judge) addresses(c *comparison) {
	for _, kind := range []struct {
		name  string
		holds func(netip.Addr) bool
	}{
		{"private-ip", func(a netip.Addr) bool { return a.Is4() && a.IsPrivate() }},
		{"public-ip", func(a netip.Addr) bool { return a.Is4() && !a.IsPrivate() && a.IsGlobalUnicast() }},
		{"ipv6", func(a netip.Addr) bool { return a.Is6() && a.IsGlobalUnicast() }},
	} {
		var actual []string
		for _, e := range c.opposite.observed.confirmed {
			actual = append(actual, addressesOf(e, kind.holds)...)
		}
		j.disagree(c, kind.name, addressesOf(c.row, kind.holds), actual, c.opposite.observed.confirmed[0], func(a, b string) bool { return a == b })
	}
}

func addressesOf(e *inventory.Entry, holds func(netip.Addr) bool) []string {
	var list []string
	for _, i := range e.Identifiers {
		if i.Kind != inventory.PrivateIP && i.Kind != inventory.PublicIP {
			continue
		}
		for _, a := range addresses(i.Value) {
			if holds(a) {
				list = append(list, a.String())
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func values(e *inventory.Entry, kind inventory.IdentifierKind) []string {
	var list []string
	for _, i := range e.Identifiers {
		if i.Kind == kind {
			list = append(list, i.Value)
		}
	}
	return list
}
