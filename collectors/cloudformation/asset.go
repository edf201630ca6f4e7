package cloudformation

import (
	"cmp"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/stacks"
	"github.com/muster-audit/muster/collectors/cloudformation/template"
	"github.com/muster-audit/muster/inventory"
)

// stackType is the type of a stack.
const stackType = "AWS::CloudFormation::Stack"

// emitter hands assets over, each under a key of its own.
type emitter struct {
	collectors.Sink
	claimed *collectors.KeySet
}

// put hands an asset over. The one that comes second of two with one key gets the other one.
func (e *emitter) put(a inventory.Asset, other string) error {
	if a.Key == "" || !e.claimed.Add(a.Key) {
		if a.Key = other; !e.claimed.Add(a.Key) {
			e.Skip(inventory.Problem{File: a.Origin.File, Line: a.Origin.Line, Key: a.Key, Message: "it is declared twice", Remedy: "look whether one file is read in two ways"})
			return nil
		}
	}
	return e.Asset(a)
}

// asset makes the asset of a resource, which the template has, or the stack, or both.
func (u *unit) asset(r template.Resource, held stacks.Resource, l inventory.Lifecycle) inventory.Asset {
	typ := inventory.Type(r.Type)
	row, known := u.catalog.Type(typ)
	a := inventory.Asset{
		Book: inventory.Declared, Type: typ, Account: u.place.account, Lifecycle: l,
		Origin: inventory.Origin{
			File: u.file, Line: r.Line, Address: u.path + r.LogicalID, Module: cmp.Or(r.Path, strings.TrimSuffix(u.path, "/")),
			Lineage: u.stackID, Layer: u.layer,
		},
	}
	if !row.Global || typ == "AWS::S3::Bucket" {
		a.Region = u.place.region
	}
	if u.layer == inventory.LayerState {
		a.Origin.Call = "cloudformation:ListStackResources"
	}
	if held.Status != "" && !resourceSettled(held.Status) && u.layer == inventory.LayerState {
		hidden := *u
		hidden.hidden = true
		u = &hidden
	}
	a.Tags, a.Attributes = u.tagsOf(row, known, r), u.attributes(row, r)
	a.Origin.Ignores = u.passedOn(a.Tags, row, r)
	a.Key = u.scrubKey(u.arn(r, held.PhysicalID))
	a.Name = u.name(r, held, a.Tags)
	a.Identifiers = u.identifiers(r, held, a.Key)
	return a
}

// scrubKey drops an ARN that holds a secret: then it is no name to show.
func (u *unit) scrubKey(arn string) string {
	if u.scrubText(arn) != arn {
		return ""
	}
	return arn
}

// name is what people call a resource.
func (u *unit) name(r template.Resource, held stacks.Resource, tags inventory.Tags) string {
	if n := u.names[inventory.Type(r.Type)]; n.property != "" {
		if name := u.givenName(r); name != "" {
			return u.scrubText(name)
		}
	}
	if t, ok := tags.Get("Name"); ok && t.Value != "" {
		return t.Value
	}
	if id := held.PhysicalID; id != "" && !strings.HasPrefix(id, "arn:") {
		return u.scrubText(id)
	}
	return r.LogicalID
}

func (u *unit) identifiers(r template.Resource, held stacks.Resource, arn string) []inventory.Identifier {
	list := []inventory.Identifier{{Kind: inventory.ARN, Value: arn}}
	id := held.PhysicalID
	if id == "" {
		id = u.reference(r.LogicalID)
	}
	if u.scrubText(id) != id {
		id = ""
	}
	if u.names[inventory.Type(r.Type)].isID && !strings.HasPrefix(id, "arn:") {
		list = append(list, inventory.Identifier{Kind: inventory.ResourceID, Value: id})
	}
	if r.Type == "AWS::EC2::Instance" {
		list = append(list, inventory.Identifier{Kind: inventory.InstanceID, Value: held.PhysicalID})
	}
	return inventory.SortIdentifiers(append(list, u.markers(r)...))
}

// markers are the names by which the tags of a resource that is there tell what declares it.
func (u *unit) markers(r template.Resource) []inventory.Identifier {
	switch {
	case u.stackID != "":
		return []inventory.Identifier{{Kind: inventory.NativeKey, Value: "cloudformation:" + u.stackID + "/" + r.LogicalID + "/" + r.Type}}
	case u.stack == notRead && u.stackName != "" && u.place.account != "" && u.place.region != "" && u.path == "":
		return []inventory.Identifier{{
			Kind: inventory.NativeKey, Value: "cloudformation:" + u.place.account + "/" + u.place.region + "/" + u.stackName + "/" + r.LogicalID + "/" + r.Type,
		}}
	}
	return nil
}

// lifecycle says whether a resource of a template file was applied, as far as the stack tells.
func (u *unit) lifecycle(r template.Resource) (inventory.Lifecycle, stacks.Resource) {
	held, ok := u.held[r.LogicalID]
	if ok {
		if l, there := resourceLifecycle(held); there {
			return l, held
		}
	}
	if u.stack == notRead || u.present[r.LogicalID] != template.Yes {
		return inventory.LifecycleUnknown, stacks.Resource{}
	}
	return inventory.LifecyclePlanned, stacks.Resource{}
}
