package cloudformation

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/aws/stacks"
	"github.com/muster-audit/muster/collectors/cloudformation/template"
	"github.com/muster-audit/muster/inventory"
)

// localTemplate returns the file of a nested stack's template; empty if it is not beside the outer one, as after it was packaged.
func (u *unit) localTemplate(r template.Resource) string {
	name := r.AssetPath
	if name == "" {
		name, _ = u.values.Value(r.Properties.Get("TemplateURL")).(string)
	}
	if name == "" || strings.Contains(name, "://") || path.IsAbs(name) || filepath.IsAbs(name) {
		return ""
	}
	return path.Join(path.Dir(u.file), filepath.ToSlash(name))
}

// nested reads the template of a nested stack, if it is a file.
func (w *walk) nested(ctx context.Context, outer *unit, r template.Resource, from []string) error {
	file := outer.localTemplate(r)
	if file == "" {
		return nil
	}
	if slices.Contains(from, file) || len(from) > mostNested {
		w.miss(fmt.Errorf("template %q is nested in itself, or more than %d deep", file, mostNested))
		return nil
	}
	t, err := w.open(file)
	if err != nil {
		w.miss(fmt.Errorf("the nested stack %s of %q: %w", r.LogicalID, outer.file, err))
		return nil
	}
	u := &unit{
		collector: w.collector, layer: inventory.LayerCode, file: file, prefix: outer.prefix, path: outer.path + r.LogicalID + "/",
		place: outer.place, stack: outer.stack, hidden: outer.hidden,
	}
	u.tags, u.tagged = outer.nestedTags(r)
	if err := w.heldBy(ctx, outer, r, u); err != nil {
		return err
	}
	w.load(u, t, outer.nestedParameters(r), true)
	return w.unit(ctx, u, append(slices.Clone(from), file))
}

// heldBy finds out what is deployed of a nested stack.
func (w *walk) heldBy(ctx context.Context, outer *unit, r template.Resource, u *unit) error {
	held, ok := outer.held[r.LogicalID]
	switch {
	case outer.stack != deployed:
	case !ok || held.PhysicalID == "":
		u.stack = noStack
	default:
		u.stack, u.stackID, u.stackName = notRead, held.PhysicalID, stackNameOf(held.PhysicalID)
		list, err := w.live.Resources(ctx, outer.livePlace(w.collector), held.PhysicalID)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			u.stack, u.held = deployed, byLogicalID(list)
		}
	}
	return nil
}

// stackNameOf returns the name in a stack's ARN.
func stackNameOf(id string) string {
	_, rest, _ := strings.Cut(id, ":stack/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func byLogicalID(list []stacks.Resource) map[string]stacks.Resource {
	out := make(map[string]stacks.Resource, len(list))
	for _, r := range list {
		out[r.LogicalID] = r
	}
	return out
}

// nestedTags are those of a nested stack: its own over those of the outer one.
func (u *unit) nestedTags(r template.Resource) (map[string]any, bool) {
	own, ok := ownTags(u.values.Value(r.Properties.Get("Tags")))
	if !ok || !u.tagged || u.unsure(r) {
		return nil, false
	}
	all := map[string]any{}
	for _, m := range []map[string]any{u.tags, own} {
		for k, v := range m {
			all[k] = v
		}
	}
	return all, true
}

// nestedParameters are the values that the outer template gives; what it leaves out has the default of the nested one.
func (u *unit) nestedParameters(r template.Resource) map[string]template.Parameter {
	out := map[string]template.Parameter{}
	given, _ := u.values.Value(r.Properties.Get("Parameters")).(map[string]any)
	for k, v := range given {
		if text, ok := template.ScalarText(v); ok {
			v = text
		}
		out[k] = template.Parameter{Value: v}
	}
	return out
}
