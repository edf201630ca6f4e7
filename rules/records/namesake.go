package records

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
)

// Namesakes finds what bears the name of a thing and is linked with another one, so that a finding can say whether a number was mistyped or
// a machine took the place of another. It reads the store when it is first asked. It is safe for concurrent use.
type Namesakes struct {
	// Identities yields all assets of the scan, and Entries some of them by their ids.
	Identities func(context.Context) iter.Seq2[inventory.Identity, error]
	Entries    func(ctx context.Context, ids []int64) ([]*inventory.Entry, error)

	once  sync.Once
	seed  maphash.Seed
	names []bearer // sorted
	err   error
	read  sync.Mutex // one reading of entries at a time
}

// bearer is an asset that bears a name, which is kept as a hash.
type bearer struct {
	name uint64
	id   int64
}

// namesake is what bears the name of a thing and is another one, or seems to be.
type namesake struct {
	entry *inventory.Entry
	name  called
	// differ says in which identifier the two differ; "" if they have none of a kind. here is the thing's, there the namesake's.
	differ      inventory.IdentifierKind
	here, there string
}

// called is a name with what it is called.
type called struct{ kind, value string }

// namesOf yields the names of a machine, the surest first.
func namesOf(name string, ids []inventory.Identifier) []called {
	var list []called
	machine := false
	for _, i := range ids {
		switch i.Kind {
		case inventory.FQDN:
			if v := hostForm(i.Value); strings.Contains(v, ".") && !providerHost(v) {
				list = append(list, called{string(i.Kind), v})
			}
		case inventory.AssetTag:
			if v := strings.ToUpper(strings.Join(strings.Fields(i.Value), "")); len(v) > 2 {
				list = append(list, called{string(i.Kind), v})
			}
		}
		machine = machine || slices.Contains([]inventory.IdentifierKind{inventory.FQDN, inventory.Serial, inventory.InstanceID, inventory.UUID, inventory.MAC}, i.Kind)
	}
	slices.SortStableFunc(list, func(a, b called) int { return -strings.Compare(a.kind, b.kind) }) // fqdn before asset-tag
	if machine && plainName.MatchString(name) && !strings.HasPrefix(name, "i-") {
		list = append(list, called{"name", hostForm(name)})
	}
	return list
}

func (n *Namesakes) hash(book inventory.Book, name called) uint64 {
	return maphash.Comparable(n.seed, [3]string{string(book), name.kind, name.value})
}

func (n *Namesakes) index(ctx context.Context) {
	n.seed = maphash.MakeSeed()
	for id, err := range n.Identities(ctx) {
		if err != nil {
			n.err = fmt.Errorf("read names: %w", err)
			return
		}
		if id.Book == inventory.Declared || id.Lifecycle == inventory.LifecycleRetired {
			continue
		}
		for _, name := range namesOf(id.Name, id.Identifiers) {
			n.names = append(n.names, bearer{n.hash(id.Book, name), id.ID})
		}
	}
	slices.SortFunc(n.names, func(a, b bearer) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) })
}

// bearing returns the assets of a book that bear a name; none if too many do for it to tell anything.
func (n *Namesakes) bearing(ctx context.Context, book inventory.Book, name called) ([]*inventory.Entry, error) {
	h := n.hash(book, name)
	at, _ := slices.BinarySearchFunc(n.names, h, func(b bearer, h uint64) int { return cmp.Compare(b.name, h) })
	var ids []int64
	for ; at < len(n.names) && n.names[at].name == h; at++ {
		ids = append(ids, n.names[at].id)
	}
	const most = 8
	if len(ids) == 0 || len(ids) > most {
		return nil, nil
	}
	n.read.Lock()
	defer n.read.Unlock()
	list, err := n.Entries(ctx, slices.Compact(ids))
	return list, err
}

// namesake returns what in a book bears a name of the thing and is not linked with it: one that differs in an identifier, or else one
// that bears the name. It is nil where several things do.
func (j *judge) namesake(ctx context.Context, thing []*inventory.Entry, book inventory.Book) (*namesake, error) {
	n := j.Namesakes
	if n == nil || j.Links == nil {
		return nil, nil
	}
	n.once.Do(func() { n.index(context.WithoutCancel(ctx)) })
	if n.err != nil {
		return nil, n.err
	}
	for _, e := range thing {
		for _, name := range namesOf(e.Name, e.Identifiers) {
			list, err := n.bearing(ctx, book, name)
			if err != nil {
				return nil, fmt.Errorf("read what bears the name %q: %w", name.value, err)
			}
			list = slices.DeleteFunc(list, func(o *inventory.Entry) bool { return j.linked(o, e) || j.reach.Unconfirmed(o) != "" })
			if len(list) > 0 && j.oneThing(list) {
				return contrast(thing, list, name), nil
			}
		}
	}
	return nil, nil
}

func (j *judge) linked(a, b *inventory.Entry) bool {
	x, okX := j.Links.EntityOf(a.ID)
	y, okY := j.Links.EntityOf(b.ID)
	return okX && okY && x == y
}

func (j *judge) oneThing(list []*inventory.Entry) bool {
	return !slices.ContainsFunc(list[1:], func(e *inventory.Entry) bool { return !j.linked(list[0], e) })
}

// contrast says in which identifier a thing and its namesakes differ.
func contrast(thing, others []*inventory.Entry, name called) *namesake {
	for _, kind := range []inventory.IdentifierKind{inventory.InstanceID, inventory.Serial} {
		for _, o := range others {
			for _, e := range thing {
				here, there := values(e, kind), values(o, kind)
				if len(here) > 0 && len(there) > 0 && identifiersDiffer(kind, here, there) {
					return &namesake{entry: o, name: name, differ: kind, here: here[0], there: there[0]}
				}
			}
		}
	}
	return &namesake{entry: others[0], name: name}
}

// mistyped reports whether the two may be one thing of which somebody mistyped a serial number.
func (n *namesake) mistyped() bool {
	return n != nil && n.differ == inventory.Serial && n.name.kind != "name" && link.Mistyped(n.here, n.there)
}

// text says what the namesake is.
func (n *namesake) text() string {
	who := n.entry.Key
	if n.entry.Book == inventory.Recorded {
		who = "row " + title(n.entry) + " in " + n.entry.Source
	}
	s := fmt.Sprintf("%s bears its %s %s", who, n.name.kind, n.name.value)
	if n.differ != "" {
		s += fmt.Sprintf(", with the %s %s instead of %s", n.differ, shown(n.there), shown(n.here))
	}
	if n.mistyped() {
		s += ", which looks like a typo"
	}
	return s
}

func (n *namesake) evidence() rules.Evidence {
	if n.entry.Book == inventory.Recorded {
		return rowEvidence(n.entry)
	}
	return observedEvidence(n.entry)
}
