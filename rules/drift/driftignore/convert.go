package driftignore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// converter makes conditions of patterns.
type converter struct {
	known    *catalog.Catalog
	patterns []pattern
	out      *Result
}

func (c *converter) negations() int {
	n := 0
	for _, p := range c.patterns {
		if p.negate {
			n++
		}
	}
	return n
}

// convert works from the last line to the first, so that each line knows which later ones take it back. A line that is taken back by one
// that cannot be expressed cannot be expressed either.
func (c *converter) convert() {
	var back []string // conditions of the later lines with "!"
	lost := ""        // the last of them that cannot be expressed
	for _, p := range slices.Backward(c.patterns) {
		when, err := c.condition(p)
		switch {
		case err != nil && p.negate:
			lost = fmt.Sprintf("line %d takes some of it back, and cannot be expressed", p.line)
			c.leave(p, err.Error())
		case err != nil:
			c.leave(p, err.Error())
		case p.negate && p.field != "":
			lost = fmt.Sprintf("line %d takes some of it back, and speaks of an attribute", p.line)
			c.leave(p, "it takes back an attribute: name the attributes that are ignored instead")
		case p.negate:
			back = append(back, "!("+when+")")
		case lost != "":
			c.leave(p, lost)
		default:
			c.add(p, without(when, back))
		}
	}
	slices.Reverse(c.out.Exemptions)
	slices.Reverse(c.out.Ignores)
	slices.SortStableFunc(c.out.Left, func(a, b Left) int { return a.Line - b.Line })
}

func without(when string, back []string) string {
	if len(back) == 0 {
		return when
	}
	if strings.Contains(when, "||") {
		when = "(" + when + ")"
	}
	return when + " && " + strings.Join(back, " && ")
}

func (c *converter) add(p pattern, when string) {
	reason := p.note
	if reason == "" || !isText(reason) {
		reason = fmt.Sprintf("ignored in .driftignore, line %d", p.line)
	}
	if p.field == "" {
		c.out.Exemptions = append(c.out.Exemptions, Exemption{p.line, p.text, reason, when})
		return
	}
	attribute, err := c.attribute(p)
	if err != nil {
		c.leave(p, err.Error())
		return
	}
	c.out.Ignores = append(c.out.Ignores, Ignore{p.line, p.text, reason, when, attribute})
}

// condition returns the CEL expression of the assets that a pattern matches.
func (c *converter) condition(p pattern) (string, error) {
	kind, err := c.kind(p.kind)
	if err != nil {
		return "", err
	}
	id, err := identity(p.id)
	if err != nil {
		return "", err
	}
	switch {
	case kind == "" && id == "":
		return "true", nil
	case kind == "":
		return id, nil
	case id == "":
		return kind, nil
	}
	return kind + " && (" + id + ")", nil
}

// kind returns the condition of a pattern of Terraform types; empty if all match.
func (c *converter) kind(part string) (string, error) {
	switch part {
	case "*", "**":
		return "", nil
	case "aws_*":
		return `asset.provider == "aws"`, nil
	case "google_*":
		return `asset.provider == "gcp"`, nil
	}
	if !isLiteral(part) {
		return "", fmt.Errorf("%q matches several types: write a line for each", part)
	}
	t, err := c.cloudType(literal(part))
	return "asset.type == " + strconv.Quote(string(t)), err
}

func (c *converter) cloudType(name string) (inventory.Type, error) {
	row, ok := c.known.Terraform(name)
	switch {
	case !ok:
		return "", fmt.Errorf("%q is no Terraform type that is known", name)
	case row.FacetOf != "":
		return "", fmt.Errorf("%s is no asset of its own but a side of %s: ignore its attributes there, under drift.ignore", name, row.FacetOf)
	case strings.HasPrefix(string(row.CloudType), "terraform/"):
		return "", fmt.Errorf("no provider's type is known for %s", name)
	}
	return row.CloudType, nil
}

// identity returns the condition of a pattern of ids: a Terraform id is the name of an asset, its key, or the end of that.
func identity(part string) (string, error) {
	part = strings.ReplaceAll(part, "_-_", "/")
	switch {
	case part == "" || part == "*" || part == "**":
		return "", nil
	case isLiteral(part):
		id := literal(part)
		return fmt.Sprintf("asset.name == %s || asset.key == %s || asset.key.endsWith(%s) || asset.key.endsWith(%s)",
			strconv.Quote(id), strconv.Quote(id), strconv.Quote("/"+id), strconv.Quote(":"+id)), nil
	}
	e, err := expression(part)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("asset.name.matches(%s) || asset.key.matches(%s)", strconv.Quote("^(?:"+e+")$"), strconv.Quote("^(?:|.*[/:])(?:"+e+")$")), nil
}

// attribute returns the name that a policy has for the attribute of a pattern.
func (c *converter) attribute(p pattern) (string, error) {
	path := p.field
	switch top, key, nested := strings.Cut(path, "."); {
	case path == "*":
		return "*", nil
	case !isLiteral(path):
		return "", fmt.Errorf("%q matches several attributes: write a line for each", path)
	case (top == "tags" || top == "tags_all" || top == "labels") && nested:
		return "tags." + literal(key), nil
	case top == "tags" || top == "tags_all" || top == "labels":
		return "tags.*", nil
	}
	row, ok := c.known.Terraform(literal(p.kind))
	if !ok {
		return "", fmt.Errorf("the attribute %q means something only for one type", path)
	}
	for _, m := range row.Attributes {
		if slices.ContainsFunc(m.From, func(from string) bool { return plainPath(from) == plainPath(literal(path)) }) {
			return m.Name, nil
		}
	}
	return "", fmt.Errorf("the attribute %q of %s is not compared: nothing has to be ignored", path, row.Type)
}

// plainPath returns a path without the indexes of lists.
func plainPath(path string) string {
	steps := strings.Split(path, ".")
	return strings.Join(slices.DeleteFunc(steps, func(s string) bool {
		_, err := strconv.Atoi(s)
		return err == nil || s == "*"
	}), ".")
}
