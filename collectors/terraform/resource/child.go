package resource

import (
	"strconv"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// child is an asset that a resource declares in one of its blocks.
type child struct {
	key    string // empty if it is not known
	suffix string // of the address: `#ebs_block_device["/dev/sdf"]`
	spec   catalog.Child
	get    catalog.Lookup
	id     string
}

// children calls visit for each child with an id. locate must have been called.
func (v *view) children(visit func(child) error) error {
	for _, spec := range v.row.Children {
		x, _ := v.get(spec.Block)
		blocks, _ := x.([]any)
		for i, b := range blocks {
			object, _ := b.(map[string]any)
			c := v.child(spec, object, i)
			if c.id == "" {
				continue
			}
			if err := visit(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *view) child(spec catalog.Child, block map[string]any, position int) child {
	c := child{spec: spec, suffix: "#" + spec.Block}
	c.get = func(name string) (any, bool) {
		x, ok := block[name]
		return x, ok
	}
	text := func(name string) string { return scalarText(block[name]) }
	c.id = text(spec.ID)
	c.key = v.place.render(spec.FullName, text)
	if v.row.Provider == "gcp" {
		c.key = firstName(spec.Type, c.key)
	}
	if spec.Index != "" {
		index := strconv.Itoa(position)
		if s := text(spec.Index); s != "" {
			index = quote(s)
		}
		c.suffix += "[" + index + "]"
	}
	return c
}

// asset makes the child's asset, all but its key. parent is the key of the resource.
func (c child) asset(v *view, origin inventory.Origin, parent string) inventory.Asset {
	name, ids := c.names(v.row)
	a := inventory.Asset{
		Book: inventory.Declared, Type: c.spec.Type, Name: name,
		Account: v.place.account, Region: v.place.region, Zone: v.place.zone,
		Lifecycle: v.in.Lifecycle, Origin: origin,
		Tags:        c.tags(v),
		Attributes:  c.attributes(v),
		Identifiers: readable(ids),
		Relations:   inventory.SortRelations([]inventory.Relation{{Kind: c.spec.Relation, Key: parent}}),
	}
	if v.in.Deposed != "" {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	if t, ok := a.Tags.Get("Name"); ok && t.Value != "" {
		a.Name = t.Value
	}
	return a
}

func (c child) attributes(v *view) inventory.Attributes {
	if v.in.Legacy {
		return inventory.Attributes{}
	}
	return inventory.KnownAttributes(v.mapped(c.spec.Attributes, c.get)...)
}

// tags are those of the block, unless the resource sets the tags of all its children.
func (c child) tags(v *view) inventory.Tags {
	if c.spec.ParentTags != "" {
		if t := tags(v.get, []string{c.spec.ParentTags}, inventory.Known, true); t.Len() > 0 {
			return t
		}
	}
	return tags(c.get, c.spec.Tags, inventory.Known, true)
}
