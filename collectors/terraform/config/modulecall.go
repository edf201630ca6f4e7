package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// maxModuleDepth bounds modules in modules.
const maxModuleDepth = 30

// moduleCall is a module block of a scope.
type moduleCall struct {
	scope    *scope
	name     string
	decl     *declaration
	source   string
	dir      string
	child    *declarations
	reason   string // not empty: the code cannot be read
	expanded *expansion
	busy     bool
	children []*scope
	values   map[string]cty.Value
}

// readInstalled reads which modules init has put where.
func (ev *evaluator) readInstalled() map[string]string {
	name := path.Join(ev.root, ".terraform/modules/modules.json")
	data, err := ev.files.read(name)
	if err != nil {
		return nil
	}
	var manifest struct{ Modules []struct{ Key, Dir string } }
	if err := json.Unmarshal(data, &manifest); err != nil {
		ev.problems.add(Unreadable, hcl.Range{Filename: name}, "cannot read the list of installed modules: %v; run init again", err)
		return nil
	}
	installed := map[string]string{}
	for _, m := range manifest.Modules {
		if dir, ok := local(ev.root, strings.ReplaceAll(m.Dir, `\`, "/")); ok {
			installed[m.Key] = dir
		}
	}
	return installed
}

// call returns the module block of a name that is declared.
func (s *scope) call(name string) *moduleCall {
	c, ok := s.calls[name]
	if !ok {
		c = &moduleCall{scope: s, name: name, decl: s.decl.modules[name], values: map[string]cty.Value{}}
		s.calls[name] = c
		c.resolve()
	}
	return c
}

// key is the call's name in modules.json: the names of the calls that lead to it.
func (s *scope) key() string {
	if s.by == nil {
		return ""
	}
	return join(s.parent.key(), s.by.name)
}

// resolve finds the code.
func (c *moduleCall) resolve() {
	s := c.scope
	a := c.decl.attribute("source")
	switch {
	case a == nil:
		c.reason = "the block has no source"
		return
	case s.decl.overrideBroken:
		c.reason = "an override file of the calling module could not be read"
		return
	}
	v, _ := s.eval(a.Expr, nil).Unmark()
	if !isText(v) {
		c.reason = "the source is unknown"
		return
	}
	c.source = v.AsString()
	if c.reason = c.find(); c.reason != "" {
		return
	}
	child, err := s.ev.files.module(c.dir)
	if err != nil {
		c.reason = err.Error()
		return
	}
	c.child = child
}

// find sets the folder of the code, or says why there is none.
func (c *moduleCall) find() string {
	s := c.scope
	if isLocalSource(c.source) {
		dir, ok := local(s.decl.dir, c.source)
		if !ok {
			return "the folder lies outside of what may be read"
		}
		c.dir = dir
	} else {
		dir, ok := s.ev.installed[join(s.key(), c.name)]
		if !ok {
			return "the module is not on disk; run init (terraform get is enough) before the audit"
		}
		c.dir = dir
	}
	depth := 0
	for up := s; up != nil; up = up.parent {
		if up.decl.dir == c.dir {
			return "the module calls itself"
		}
		if depth++; depth > maxModuleDepth {
			return fmt.Sprintf("modules are nested deeper than %d", maxModuleDepth)
		}
	}
	return ""
}

func isLocalSource(source string) bool {
	return strings.HasPrefix(source, "./") || strings.HasPrefix(source, "../") || source == "." || source == ".."
}

func (c *moduleCall) unresolved(s *scope) UnresolvedModule {
	return UnresolvedModule{
		Address: join(s.path, "module."+c.name), Source: redact(c.source), Reason: c.reason,
		File: c.decl.at.Filename, Line: c.decl.at.Start.Line,
	}
}

// redact removes user and password from the URL of a source.
func redact(source string) string {
	scheme, rest, ok := strings.Cut(source, "://")
	if !ok {
		return source
	}
	host, tail, _ := strings.Cut(rest, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	tail, _, _ = strings.Cut(tail, "?")
	return strings.TrimSuffix(scheme+"://"+host+"/"+tail, "/")
}

// instances evaluates count or for_each, once.
func (c *moduleCall) instances() expansion {
	if c.expanded != nil {
		return *c.expanded
	}
	if c.busy {
		c.scope.ev.problems.add(Unknown, c.decl.at, "cycle: the instances of module.%s depend on themselves", c.name)
		return unknownExpansion("the instances depend on themselves")
	}
	c.busy = true
	e := c.scope.expand(c.decl)
	c.busy = false
	c.expanded = &e
	return e
}

// scopes returns the module's instances, one of unknown key if it is not known which there are.
func (c *moduleCall) scopes() []*scope {
	if c.reason != "" || c.children != nil {
		return c.children
	}
	e := c.instances()
	keys := e.keys
	if e.kind == unknownInstances {
		keys = []instanceKey{{key: cty.DynamicVal}}
	}
	for _, key := range keys {
		child := c.scope.ev.newScope(c.child)
		child.parent, child.by, child.frame = c.scope, c, key.frame(e.kind)
		child.path = keyed(join(c.scope.path, "module."+c.name), key.key)
		child.why = c.scope.why
		if e.kind == unknownInstances && child.why == "" {
			child.why = fmt.Sprintf("the instances of module.%s are unknown: %s", c.name, e.why)
		}
		c.children = append(c.children, child)
	}
	return c.children
}

// value returns what expressions see of the call: outputs of these names, or all of them.
func (c *moduleCall) value(names []string, whole bool) cty.Value {
	if c.reason != "" || whole && c.child.broken {
		return cty.DynamicVal
	}
	if whole {
		names = slices.Sorted(maps.Keys(c.child.outputs))
	}
	key := fmt.Sprint(whole, names)
	if v, ok := c.values[key]; ok {
		return v
	}
	e := c.instances()
	if e.kind == unknownInstances || len(e.keys)*len(names) > maxShared {
		return cty.DynamicVal
	}
	children := c.scopes()
	v := e.collect(func(i int) cty.Value {
		object := make(map[string]cty.Value, len(names))
		for _, name := range names {
			object[name] = children[i].output(name)
		}
		return cty.ObjectVal(object)
	})
	c.values[key] = v
	return v
}

// loadNames reads all modules once, so that every name that an expression asks for is known before the first value is made.
func (ev *evaluator) loadNames(s *scope, depth int) {
	if depth > maxModuleDepth || ev.ctx.Err() != nil {
		return
	}
	for _, name := range s.decl.moduleNames() {
		c := s.call(name)
		if c.child == nil {
			continue
		}
		maps.Copy(ev.names, c.child.names)
		if probe := ev.probes[c.child]; probe {
			continue
		}
		ev.probes[c.child] = true
		child := ev.newScope(c.child)
		child.parent, child.by, child.path = s, c, join(s.path, "module."+name)
		ev.loadNames(child, depth+1)
	}
}
