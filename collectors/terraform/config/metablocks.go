package config

import (
	"net/url"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// backend evaluates the backend or cloud block.
func (ev *evaluator) backend(s *scope) *Backend {
	d := s.decl.backend
	if d == nil {
		return nil
	}
	b := &Backend{Type: "cloud", File: d.at.Filename, Line: d.at.Start.Line}
	if d.typ == "backend" {
		b.Type = d.labels[0]
	}
	b.Config = s.block(d.contents(), nil, func(name string) bool { return !keptOfBackend(name) })
	if address, ok := b.Config["address"]; ok && isText(address) {
		b.Config["address"] = cty.StringVal(withoutUser(address.AsString()))
	}
	for _, name := range []string{"assume_role", "workspaces"} {
		if v, ok := b.Config[name]; ok {
			b.Config[name] = keepMembers(v)
		}
	}
	return b
}

// keptOfBackend reports whether an argument says where the state lies, or as whom it is read. Credentials do not.
func keptOfBackend(name string) bool {
	switch name {
	case "bucket", "key", "region", "workspace_key_prefix", "profile", "role_arn", "assume_role", "prefix", "path", "workspace_dir",
		"address", "hostname", "organization", "workspaces", "name", "tags", "project", "impersonate_service_account",
		"resource_group_name", "storage_account_name", "container_name", "schema_name", "secret_suffix", "namespace",
		"endpoint", "endpoints", "use_path_style", "force_path_style", "encrypt", "allowed_account_ids", "use_lockfile", "dynamodb_table":
		return true
	}
	return false
}

// withoutUser removes user and password from a URL; one that cannot be read is left out.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

// keepMembers is keptOfBackend for an object, or for the objects of nested blocks.
func keepMembers(v cty.Value) cty.Value {
	v, _ = v.Unmark()
	switch t := v.Type(); {
	case !v.IsKnown() || v.IsNull():
		return cty.DynamicVal
	case t.IsTupleType():
		return eachMember(v, keepMembers)
	case !t.IsObjectType():
		return cty.DynamicVal
	}
	kept := map[string]cty.Value{}
	for name, e := range v.AsValueMap() {
		if keptOfBackend(name) {
			kept[name] = e
		}
	}
	return cty.ObjectVal(kept)
}

// imports evaluates the import blocks of the root module.
func (ev *evaluator) imports(s *scope) []Import {
	var list []Import
	for _, d := range s.decl.blocks["import"] {
		to := d.attribute("to")
		if to == nil {
			continue
		}
		for _, f := range s.importFrames(d) {
			one := Import{To: s.addressOf(to.Expr, f), File: d.at.Filename, Line: d.at.Start.Line}
			if one.To == "" {
				ev.problems.add(Unknown, to.Expr.Range(), "the address of the import block is unknown")
				continue
			}
			if id := d.attribute("id"); id != nil {
				one.ID = text(clean(s.eval(id.Expr, f)))
			}
			list = append(list, one)
		}
	}
	return list
}

// importFrames returns a frame for every element of for_each; where it is unknown, one in which it is.
func (s *scope) importFrames(d *declaration) []*frame {
	each := d.attribute("for_each")
	if each == nil {
		return []*frame{nil}
	}
	v, _ := s.eval(each.Expr, nil).Unmark()
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() || v.LengthInt() > s.ev.opts.MaxInstances {
		return []*frame{instanceKey{}.frame(unknownInstances)}
	}
	var frames []*frame
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		frames = append(frames, instanceKey{key, value}.frame(forEach))
	}
	return frames
}

func (s *scope) moved() []Moved {
	var list []Moved
	for _, d := range s.decl.blocks["moved"] {
		from, to := s.literalAddress(d, "from"), s.literalAddress(d, "to")
		if from != "" && to != "" {
			list = append(list, Moved{Module: s.path, From: from, To: to, File: d.at.Filename, Line: d.at.Start.Line})
		}
	}
	return list
}

func (s *scope) removed() []Removed {
	var list []Removed
	for _, d := range s.decl.blocks["removed"] {
		from := s.literalAddress(d, "from")
		if from == "" {
			continue
		}
		r := Removed{Module: s.path, From: from, Destroy: true, File: d.at.Filename, Line: d.at.Start.Line}
		if a := d.contents().lifecycle("destroy"); a != nil {
			v, _ := s.eval(a.Expr, nil).Unmark()
			r.Destroy = v.RawEquals(cty.True)
		}
		list = append(list, r)
	}
	return list
}

// literalAddress reads an address that holds no expressions.
func (s *scope) literalAddress(d *declaration, name string) string {
	a := d.attribute(name)
	if a == nil {
		return ""
	}
	t, diags := hcl.AbsTraversalForExpr(a.Expr)
	if diags.HasErrors() {
		s.ev.problems.add(Unknown, a.Expr.Range(), "%q of the %s block is not an address", name, d.typ)
		return ""
	}
	return traversalText(t)
}
