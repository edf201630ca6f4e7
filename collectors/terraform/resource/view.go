package resource

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// view is an instance as the rest of the program may see it: what is secret is hashed.
type view struct {
	in      *Instance
	row     catalog.TerraformRow
	known   bool // row is the catalog's
	secret  sensitivity
	secrets *secrets
	place   place
	code    bool // it is written by people, see view.plain
	cache   []cached
}

// place is where an asset is. Empty fields are not known.
type place struct{ partition, account, region, zone string }

func newView(c *catalog.Catalog, in *Instance, s *secrets) *view {
	v := &view{in: in, secrets: s}
	if in.Row != nil {
		v.row, v.known = *in.Row, true
	} else {
		v.row, v.known = c.Terraform(in.Block.Type)
	}
	if !v.known {
		v.row = catalog.TerraformRow{Type: in.Block.Type, CloudType: inventory.Type("terraform/" + in.Block.Type), ID: "id"}
		if awsType(in.Block.Type) {
			v.row.Provider, v.row.ARN = "aws", "arn"
		}
		if strings.HasPrefix(in.Block.Type, "google_") {
			v.row.Provider = "gcp"
		}
	}
	v.secret = sensitivityOf(in, v.row.Sensitive)
	if !awsType(in.Block.Type) || !v.known { // no list of what is secret in it
		v.suspectNames()
	}
	return v
}

func awsType(typ string) bool { return strings.HasPrefix(typ, "aws_") }

// suspectNames takes attributes for secret that are called so.
func (v *view) suspectNames() {
	for _, m := range v.in.Attributes.list {
		name := v.in.Attributes.at(m.name)
		if secretName(string(name[1 : len(name)-1])) {
			v.secret = v.secret.add(trail{{name: string(name[1 : len(name)-1])}})
		}
	}
}

// get is a catalog.Lookup. What it decoded it keeps, since the parts of a block are asked for one by one.
func (v *view) get(attribute string) (any, bool) {
	for _, c := range v.cache {
		if c.name == attribute {
			return c.value, true
		}
	}
	raw, ok := v.in.Attributes.raw(attribute)
	if !ok {
		return nil, false
	}
	x := v.in.Decoder.Decode(raw)
	if paths := v.secret.of(attribute); len(paths) > 0 {
		x = v.secrets.hide(x, paths)
	}
	x = v.secrets.scrub(x)
	v.cache = append(v.cache, cached{attribute, x})
	return x, true
}

type cached struct {
	name  string
	value any
}

// text returns a scalar at a path as text; empty for everything else.
func (v *view) text(path string) string {
	if path == "" {
		return ""
	}
	x, _ := catalog.At(v.get, path)
	return scalarText(x)
}

// scalarText returns a string, number or truth value as text, and "" for everything else.
func scalarText(x any) string {
	switch x := x.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}

// arn returns the instance's ARN, and "" if it has none of its own. An ARN is a name and no secret: it stays readable
// even if something else was marked sensitive that equals it, but not if it was marked itself.
func (v *view) arn() string {
	if v.row.ARN == "" || v.row.FacetOf != "" || len(v.secret.of(v.row.ARN)) > 0 {
		return ""
	}
	s := canonicalARN(v.in.Attributes.String(v.row.ARN))
	if _, ok := catalog.ParseARN(s); !ok {
		return ""
	}
	return s
}

// locate finds where the instance is: by its ARN, its identity, its attributes, in this order.
func (v *view) locate() {
	p := placeOf(cmp.Or(v.arn(), v.facetARN()))
	if v.row.Provider == "gcp" {
		v.place = v.googlePlace(p)
		return
	}
	p.zone = lastPart(v.first("availability_zone", "zone"))
	if p.account == "" {
		p.account = v.identityText("account_id")
	}
	if p.region == "" {
		p.region = v.identityText("region")
	}
	if p.region == "" {
		p.region = lastPart(v.first("region", "location"))
	}
	v.place = p
}

func (v *view) identityText(name string) string {
	return v.secrets.text(v.in.Identity.String(name))
}

// first returns the first of the attributes that is a text and not empty.
func (v *view) first(attributes ...string) string {
	for _, a := range attributes {
		if s := v.text(a); s != "" {
			return s
		}
	}
	return ""
}

// lastPart returns what follows the last "/": Google writes zones as URLs in some places.
func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// regionOf returns the region of a Google zone.
func regionOf(zone string) string {
	if i := strings.LastIndexByte(zone, '-'); i > 0 {
		return zone[:i]
	}
	return ""
}

// provider is the address of the provider configuration that the instance was made with.
func (v *view) provider() string {
	if v.in.Provider != "" {
		return v.in.Provider
	}
	return v.in.Block.Provider
}

// globalName returns the ARN or Google's full name, and "" if not all of it is known.
func (v *view) globalName() string {
	if s := v.arn(); s != "" {
		return s
	}
	if v.row.FacetOf != "" {
		return ""
	}
	if v.row.Provider == "gcp" {
		return v.googleName()
	}
	return v.place.render(v.row.FullName, v.text)
}

// render fills a template of a global name; it is empty if a part is not known.
func (p place) render(template string, text func(path string) string) string {
	for _, field := range catalog.TemplateFields(template) {
		var s string
		switch field {
		case "partition":
			s = cmp.Or(p.partition, partitionOf(p.region))
		case "account":
			s = p.account
		case "region", "zone", "location":
			s = p.where(field, text)
		default:
			s = text(field)
		}
		if s == "" || inventory.IsSecretHash(s) {
			return ""
		}
		template = strings.Replace(template, "{"+field+"}", s, 1)
	}
	return template
}

// partitionOf returns the AWS partition that a region is in. Reference: "Amazon Resource Names" of the IAM user guide.
func partitionOf(region string) string {
	for _, p := range [][2]string{
		{"cn-", "aws-cn"},
		{"us-gov-", "aws-us-gov"},
		{"us-isob-", "aws-iso-b"},
		{"us-isof-", "aws-iso-f"},
		{"us-iso-", "aws-iso"},
		{"eu-isoe-", "aws-iso-e"},
		{"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, p[0]) {
			return p[1]
		}
	}
	return "aws"
}

func (p place) where(field string, text func(path string) string) string {
	if s := lastPart(text(field)); s != "" {
		return s
	}
	if field == "zone" {
		return p.zone
	}
	return p.region
}
