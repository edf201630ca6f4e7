package config

import (
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// resourceID names a resource or data block in its module.
type resourceID struct {
	mode      Mode
	typ, name string
}

// String is the block's address in its module.
func (id resourceID) String() string {
	if id.mode == Data {
		return "data." + id.typ + "." + id.name
	}
	return id.typ + "." + id.name
}

// declarations is what the files of one folder declare, before anything is evaluated.
type declarations struct {
	dir string
	// broken says that a file could not be read, so that what is not here may be declared all the same; overrideBroken that this was
	// one which may change what is here.
	broken, overrideBroken bool
	resources              map[resourceID]*declaration
	variables              map[string]*declaration
	outputs                map[string]*declaration
	modules                map[string]*declaration
	providers              map[string][]*declaration // by local name
	locals                 map[string]*hcl.Attribute
	required               map[string]hcl.Expression // required_providers by local name
	backend                *declaration              // backend or cloud block
	blocks                 map[string][]*declaration // import, moved, removed
	functions              map[string]bool           // called, but not known
	seconds                map[resourceID]bool       // first two steps of references
	names                  map[string]bool           // every attribute name that an expression asks for
}

func newDeclarations(dir string) *declarations {
	return &declarations{
		dir:       dir,
		resources: map[resourceID]*declaration{},
		variables: map[string]*declaration{},
		outputs:   map[string]*declaration{},
		modules:   map[string]*declaration{},
		providers: map[string][]*declaration{},
		locals:    map[string]*hcl.Attribute{},
		required:  map[string]hcl.Expression{},
		blocks:    map[string][]*declaration{},
		functions: map[string]bool{},
		seconds:   map[resourceID]bool{},
		names:     map[string]bool{},
	}
}

func rootSchema() *hcl.BodySchema {
	block := func(typ string, labels ...string) hcl.BlockHeaderSchema {
		return hcl.BlockHeaderSchema{Type: typ, LabelNames: labels}
	}
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		block("terraform"), block("locals"), block("import"), block("moved"), block("removed"),
		block("variable", "name"), block("output", "name"), block("module", "name"), block("provider", "name"),
		block("resource", "type", "name"), block("data", "type", "name"),
	}}
}

// add takes in the body of a file.
func (d *declarations) add(body hcl.Body, override bool, p *problems) {
	content, _, diags := body.PartialContent(rootSchema())
	if diags.HasErrors() {
		d.broken = true
		d.overrideBroken = d.overrideBroken || override
		p.diagnostics(Unreadable, diags)
	}
	for _, b := range content.Blocks {
		d.addBlock(b, override, p)
	}
	if native, ok := body.(*hclsyntax.Body); ok {
		d.scan(native, p)
	}
}

func (d *declarations) addBlock(b *hcl.Block, override bool, p *problems) {
	switch b.Type {
	case "terraform":
		d.addSettings(b, override, p)
	case "locals":
		attrs, _ := b.Body.JustAttributes()
		maps.Copy(d.locals, attrs)
	case "variable":
		declare(d.variables, b.Labels[0], b, override, p)
	case "output":
		declare(d.outputs, b.Labels[0], b, override, p)
	case "module":
		declare(d.modules, b.Labels[0], b, override, p)
	case "resource":
		declare(d.resources, resourceID{Managed, b.Labels[0], b.Labels[1]}, b, override, p)
	case "data":
		declare(d.resources, resourceID{Data, b.Labels[0], b.Labels[1]}, b, override, p)
	case "provider":
		d.addProvider(b, override)
	default:
		d.blocks[b.Type] = append(d.blocks[b.Type], newDeclaration(b))
	}
}

// declare adds a block to those of its kind, or what an override changes to the block that it means.
func declare[K comparable](known map[K]*declaration, key K, b *hcl.Block, override bool, p *problems) {
	switch was, ok := known[key]; {
	case !ok:
		known[key] = newDeclaration(b)
	case override:
		was.override(b.Body)
	default:
		p.add(Unknown, b.DefRange, "%s %q is declared twice; the one at %s:%d counts", b.Type, b.Labels, was.at.Filename, was.at.Start.Line)
	}
}

func (d *declarations) addProvider(b *hcl.Block, override bool) {
	name := b.Labels[0]
	added := newDeclaration(b)
	if override {
		alias, _ := added.literal("alias")
		for _, was := range d.providers[name] {
			if a, _ := was.literal("alias"); a == alias {
				was.override(b.Body)
				return
			}
		}
	}
	d.providers[name] = append(d.providers[name], added)
}

// addSettings takes in a terraform block.
func (d *declarations) addSettings(b *hcl.Block, override bool, p *problems) {
	content, _, diags := b.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "required_providers"}, {Type: "cloud"}, {Type: "backend", LabelNames: []string{"type"}},
	}})
	p.diagnostics(Unknown, diags)
	for _, inner := range content.Blocks {
		if inner.Type == "required_providers" {
			attrs, _ := inner.Body.JustAttributes()
			for name, a := range attrs {
				d.required[name] = a.Expr
			}
			continue
		}
		if d.backend == nil || override {
			d.backend = newDeclaration(inner)
		}
	}
}

// scan notes which functions are called that this package does not know, and which attributes are asked for.
func (d *declarations) scan(body *hclsyntax.Body, p *problems) {
	known := functionNames()
	hclsyntax.VisitAll(body, func(node hclsyntax.Node) hcl.Diagnostics {
		switch n := node.(type) {
		case *hclsyntax.FunctionCallExpr:
			if !known[n.Name] && !typeWord(n.Name) && !d.functions[n.Name] {
				d.functions[n.Name] = true
				p.add(Unknown, n.NameRange, "function %q is not known: what it returns is unknown", n.Name)
			}
		case *hclsyntax.ScopeTraversalExpr:
			d.addReference(n.Traversal)
		case *hclsyntax.RelativeTraversalExpr:
			d.addNames(n.Traversal)
		}
		return nil
	})
}

// typeWord reports whether a name stands for a type in the type constraints of variables, whose syntax is that of calls.
func typeWord(name string) bool {
	return slices.Contains([]string{"object", "tuple", "optional", "list", "map", "set"}, name)
}

// addReference notes which attributes a reference asks for. What names a variable or a block is none; whether the second step of another
// reference is the name of a block or an attribute shows when all blocks are known.
func (d *declarations) addReference(t hcl.Traversal) {
	first := 1
	switch root := t.RootName(); root {
	case "data":
		first = 3
	case "var", "local", "module":
		first = 2
	default:
		if name, ok := attributeStep(t, 1); ok {
			d.seconds[resourceID{Managed, root, name}] = true
			first = 2
		}
	}
	d.addNames(t[min(first, len(t)):])
}

// settleNames takes in the second steps of references that name no block.
func (d *declarations) settleNames() {
	for id := range d.seconds {
		if d.resources[id] == nil {
			d.names[id.name] = true
		}
	}
	d.seconds = nil
}

func (d *declarations) addNames(t hcl.Traversal) {
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			d.names[step.Name] = true
		case hcl.TraverseIndex:
			if isText(step.Key) {
				d.names[step.Key.AsString()] = true
			}
		}
	}
}

// attributeName finds what may be the name of an attribute in an expression.
var attributeName = regexp.MustCompile(`\.([A-Za-z_][A-Za-z0-9_-]*)`)

// addJSONNames notes which attributes the expressions in a JSON file may ask for.
func (d *declarations) addJSONNames(src []byte) {
	for _, match := range attributeName.FindAllSubmatch(src, -1) {
		d.names[string(match[1])] = true
	}
}

func (d *declarations) moduleNames() []string { return slices.Sorted(maps.Keys(d.modules)) }

func (d *declarations) resourceIDs() []resourceID {
	return slices.SortedFunc(maps.Keys(d.resources), func(a, b resourceID) int {
		if a.mode != b.mode {
			if a.mode == Data {
				return 1
			}
			return -1
		}
		return slices.Compare([]string{a.typ, a.name}, []string{b.typ, b.name})
	})
}
