package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/neighbours"
	"github.com/muster-audit/muster/rules/shell"
)

// The collectors of tools that can take over what is there.
const (
	terraform      = "terraform"
	cloudformation = "cloudformation"
)

// adopt says how an undeclared asset is put into code: where what resembles it stands, and by which import.
func (j *judge) adopt(v *rules.Verdict, o *inventory.Entry) {
	where, evidence := j.likelyPlaces(o)
	v.Evidence = append(v.Evidence, evidence...)
	v.Evidence = append(v.Evidence, j.guessed(o)...)
	into := "the code that should own it"
	tool := j.tool()
	if len(where) > 0 {
		into = "the code of " + where[0].text()
		if c := j.collectorOf(where[0].Source); c != "" {
			tool = c
		}
	}
	v.Fix = fmt.Sprintf("import it into %s, or delete it; if it is to stay as it is, accept it in the baseline with an owner", into)
	switch tool {
	case terraform:
		v.Fix += j.importBlock(o)
	case cloudformation:
		v.Fix += j.resourceImport(o, where)
	}
}

// guessed is the evidence of who may own an asset. It is a guess, so that it is told and never becomes the finding's owner.
func (j *judge) guessed(o *inventory.Entry) []rules.Evidence {
	if j.Neighbours == nil {
		return nil
	}
	if g, ok := j.Neighbours.guessOwner(o, j.entity(o)); ok {
		return []rules.Evidence{g.evidence()}
	}
	return nil
}

// likelyPlaces are where what resembles an asset is declared: the state or template first, then the code.
func (j *judge) likelyPlaces(o *inventory.Entry) (places []Place, evidence []rules.Evidence) {
	if j.Neighbours == nil {
		return nil, nil
	}
	for _, layer := range placeLayers() {
		p, why, n, ok := j.Neighbours.likelyPlace(o, layer)
		if ok {
			places = append(places, p)
			evidence = append(evidence, rules.Note("likely place: %s, where all %s declared assets %s stand", p.text(), neighbours.Roughly(n), why))
		}
	}
	return places, evidence
}

func (p Place) text() string {
	if p.Module == "" {
		return p.File
	}
	return p.File + ", " + p.Module
}

// tool is the one by which things are declared where nothing resembles the asset: Terraform wherever it is used, else CloudFormation.
func (j *judge) tool() string {
	found := ""
	for _, s := range j.reach.Scopes(inventory.Declared) {
		switch c := s.Source.Collector; c {
		case terraform:
			return c
		case cloudformation:
			found = c
		}
	}
	return found
}

func (j *judge) collectorOf(source string) string {
	scopes := j.reach.Scopes(inventory.Declared)
	i := slices.IndexFunc(scopes, func(s *inventory.ScopeState) bool { return s.Source.Name == source })
	if i < 0 {
		return ""
	}
	return scopes[i].Source.Collector
}

// importBlock is the import of Terraform 1.5 and later, and the command that does the same; empty where the id is not certain.
func (j *judge) importBlock(o *inventory.Entry) string {
	i, ok := j.Catalog.Import(o)
	if !ok || strings.ContainsFunc(i.ID, unicode.IsControl) {
		return ""
	}
	address := i.Resource + "." + label(o)
	return fmt.Sprintf("\n\nimport {\n  to = %s\n  id = %s\n}\n\nor: terraform import %s %s", address, hclString(i.ID), address, shell.Quote(i.ID))
}

// resourceImport is how CloudFormation takes over what is there.
func (j *judge) resourceImport(o *inventory.Entry, where []Place) string {
	row, _ := j.Catalog.Type(o.Type)
	if !strings.HasPrefix(string(o.Type), "AWS::") || len(row.PrimaryIdentifier) == 0 {
		return ""
	}
	stack := "the stack"
	if len(where) > 0 {
		stack = "the stack of " + where[0].File
	}
	return fmt.Sprintf(
		"\n\nA resource import into %s: add a resource of type %s with DeletionPolicy: Retain to the template, then "+
			"aws cloudformation create-change-set --change-set-type IMPORT, with its %s in --resources-to-import",
		stack, o.Type, strings.Join(row.PrimaryIdentifier, " and "),
	)
}

// label is a name for a resource in code: what the asset is called, with its id where the name is only a tag, which others may bear too.
func label(o *inventory.Entry) string {
	last := o.Key[strings.LastIndexAny(o.Key, "/:#")+1:]
	text := cmp.Or(o.Name, last)
	if !strings.HasSuffix(o.Key, text) {
		text += "_" + last
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z':
			return r
		case 'A' <= r && r <= 'Z':
			return unicode.ToLower(r)
		}
		return '_'
	}, text)
	if text == "" || text[0] == '-' || '0' <= text[0] && text[0] <= '9' {
		text = "_" + text
	}
	return text
}

// hclString quotes a text for HCL, in which "${" and "%{" would begin a template.
func hclString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{").Replace(s) + `"`
}
