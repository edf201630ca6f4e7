package catalog

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Import is how Terraform takes over a thing that is there: its resource type, and the id that its import asks for.
type Import struct {
	Resource string // "aws_s3_bucket"
	ID       string
}

// importSpec says of one type which of Terraform's resources its assets are imported as, and by which id. The ids are those of the
// resources' own pages, section "Import".
type importSpec struct {
	// Resource is the Terraform type.
	Resource string `yaml:"resource"`
	// From are patterns of an ARN's resource part, or of a Google full name. "{x}" stands for a text without "/" and ":", "{x...}"
	// for any; the first that fits gives the values. None is needed where ID names attributes alone.
	From []string `yaml:"from"`
	// ID is made of the names in From, the names of attributes, and "{key}", "{partition}", "{account}" and "{region}".
	ID string `yaml:"id"`
	// Where says which values must have one of some shapes (globs); "null" is an attribute that is known to be unset. It tells
	// apart what one type holds and Terraform has several resources for.
	Where map[string][]string `yaml:"where"`
}

// importRule is an importSpec that is ready to be asked.
type importRule struct {
	importSpec
	from  []*regexp.Regexp
	names []string // of the values in ID
}

var importName = regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_.]*?)(\.\.\.)?\}`)

func newImportRule(s importSpec) (importRule, error) {
	r := importRule{importSpec: s}
	if s.Resource == "" || s.ID == "" {
		return r, fmt.Errorf("import of %q: resource and id must be there", s.Resource)
	}
	for _, p := range s.From {
		re, err := importPattern(p)
		if err != nil {
			return r, fmt.Errorf("import of %s: pattern %q: %w", s.Resource, p, err)
		}
		r.from = append(r.from, re)
	}
	for _, m := range importName.FindAllStringSubmatch(s.ID, -1) {
		r.names = append(r.names, m[1])
	}
	return r, nil
}

// importPattern makes a pattern of From a regular expression.
func importPattern(p string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`^`)
	end := 0
	for _, m := range importName.FindAllStringSubmatchIndex(p, -1) {
		b.WriteString(regexp.QuoteMeta(p[end:m[0]]))
		match := `[^/:]+`
		if m[4] >= 0 {
			match = `.+`
		}
		fmt.Fprintf(&b, `(?P<%s>%s)`, p[m[2]:m[3]], match)
		end = m[1]
	}
	b.WriteString(regexp.QuoteMeta(p[end:]) + `$`)
	return regexp.Compile(b.String())
}

// importRules compiles the rules of all types.
func (c *Catalog) importRules() map[inventory.Type][]importRule {
	out := make(map[inventory.Type][]importRule, len(c.imports))
	for t, specs := range c.imports {
		for _, s := range specs {
			if r, err := newImportRule(s); err == nil { // merge has refused what is wrong
				out[t] = append(out[t], r)
			}
		}
	}
	return out
}

// addImports takes over what a data file says of imports.
func (c *Catalog) addImports(from map[inventory.Type][]importSpec) error {
	for t, specs := range from {
		for _, s := range specs {
			if _, err := newImportRule(s); err != nil {
				return fmt.Errorf("type %s: %w", t, err)
			}
		}
	}
	return mergeMap(c.imports, from, "import of type")
}

// Import says how Terraform would take over an observed asset. It is false where that is not certain: the type has no row, more than
// one of Terraform's resources may be meant, or a part of the id was not read.
func (c *Catalog) Import(e *inventory.Entry) (Import, bool) {
	for _, r := range c.importsOf()[e.Type] {
		if id, ok := r.id(e); ok {
			return Import{Resource: r.Resource, ID: id}, true
		}
	}
	return Import{}, false
}

// id fills in the rule's template.
func (r *importRule) id(e *inventory.Entry) (string, bool) {
	values, ok := r.values(e)
	if !ok {
		return "", false
	}
	value := func(name string) (string, bool) {
		if v, ok := values[name]; ok {
			return v, v != ""
		}
		v, ok := e.CurrentAttribute(name)
		return v.String(), ok && v != inventory.Null && v != `""`
	}
	for name, accepted := range r.Where {
		if !r.fits(e, values, name, accepted) {
			return "", false
		}
	}
	out := r.ID
	for _, name := range r.names {
		v, ok := value(name)
		if !ok || inventory.IsSecretHash(v) {
			return "", false
		}
		out = strings.ReplaceAll(out, "{"+name+"}", v)
	}
	return out, true
}

// fits reports whether a value is known and of one of the shapes.
func (r *importRule) fits(e *inventory.Entry, values map[string]string, name string, accepted []string) bool {
	v, ok := values[name]
	if !ok {
		attribute, known := e.CurrentAttribute(name)
		if !known {
			return false
		}
		v = cmp.Or(attribute.String(), "null")
	}
	return slices.ContainsFunc(accepted, func(shape string) bool { return inventory.MatchGlob(shape, v) })
}

// values are what the key tells: the parts of an ARN or full name, and what the pattern that fits it names.
func (r *importRule) values(e *inventory.Entry) (map[string]string, bool) {
	values := map[string]string{"key": e.Key, "account": e.Account, "region": e.Region}
	subject := e.Key
	if arn, ok := ParseARN(e.Key); ok {
		subject, values["partition"] = arn.Resource, arn.Partition
		values["account"], values["region"] = cmp.Or(arn.Account, e.Account), cmp.Or(arn.Region, e.Region)
	}
	if len(r.from) == 0 {
		return values, true
	}
	for _, re := range r.from {
		if m := re.FindStringSubmatch(subject); m != nil {
			for i, name := range re.SubexpNames()[1:] {
				values[name] = m[i+1]
			}
			return values, true
		}
	}
	return nil, false
}
