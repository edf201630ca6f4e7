package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Via is how an asset belongs to another from which it may inherit a tag. The first five are relations that a source tells.
type Via string

// What a tag may be inherited by.
const (
	ViaManagedBy  Via = "managed-by"
	ViaAttachedTo Via = "attached-to"
	ViaMemberOf   Via = "member-of"
	ViaPartOf     Via = "part-of"
	ViaSnapshotOf Via = "snapshot-of"
	ViaStack      Via = "stack"   // the CloudFormation stack that made it
	ViaVPC        Via = "vpc"     // the VPC that it is in
	ViaAccount    Via = "account" // the AWS account or Google project that it is in
)

// Vias lists all ways.
func Vias() []Via {
	return []Via{ViaManagedBy, ViaAttachedTo, ViaMemberOf, ViaPartOf, ViaSnapshotOf, ViaStack, ViaVPC, ViaAccount}
}

// IsRelation reports whether a source tells it as a relation between two assets.
func (v Via) IsRelation() bool { return v != ViaStack && v != ViaVPC && v != ViaAccount }

// TagFamily is how the tag of a rule stands to those of what its asset belongs to.
type TagFamily struct {
	Inherit   []Via // where a tag may come from that the asset has not itself; what stands first goes before the others
	AgreeWith []Via // whose tag must have the same value
}

// familySpec is the part of a tag rule in the file that TagFamily is made of.
type familySpec struct {
	Inherit   []string `yaml:"inherit"`
	AgreeWith []string `yaml:"agree_with"`
}

// family checks what a rule says of parents.
func (p *policyParser) family(path string, s *tagSpec) TagFamily {
	subject := "keys"
	for _, key := range ruleSubjects() {
		if p.doc.Has(path + "." + key) {
			subject = key
			break
		}
	}
	if at := path + ".inherit"; p.doc.Has(at) && p.secretsAlone(path, s) {
		p.fail(at, "a rule about the values of all tags speaks of none that could be inherited: take inherit out, or add keys")
	} else if p.doc.Has(at) && subject != "keys" && subject != "any_of" && subject != "all_of" {
		p.fail(at, "a rule with %s speaks of no tag that could be inherited: take inherit out", subject)
	}
	if at := path + ".agree_with"; p.doc.Has(at) && (subject == "any_of" || subject == "all_of") {
		p.fail(at, "a rule with %s speaks of no single tag: make it a rule of its own with keys", subject)
	}
	return TagFamily{Inherit: p.vias(path+".inherit", s.Inherit), AgreeWith: p.vias(path+".agree_with", s.AgreeWith)}
}

// vias reads a list of ways to what an asset belongs to.
func (p *policyParser) vias(path string, list []string) []Via {
	if len(list) == 0 {
		if p.doc.Has(path) {
			p.need(true, path, "to what an asset belongs, such as [attached-to, member-of]")
		}
		return nil
	}
	p.unique(path, list)
	names := make([]string, len(Vias()))
	for i, v := range Vias() {
		names[i] = string(v)
	}
	var out []Via
	for i, s := range list {
		v := Via(s)
		if strings.TrimSpace(s) == "" {
			continue // unique complained
		}
		if !slices.Contains(Vias(), v) {
			p.fail(fmt.Sprintf("%s[%d]", path, i), "%q is no way to belong to something%s", s, inventory.Suggest(s, names))
			continue
		}
		out = append(out, v)
	}
	return out
}
