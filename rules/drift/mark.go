package drift

import (
	"cmp"
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules/drift/reach"
)

// markState is what the mark of a tool on an undeclared asset comes to.
type markState uint8

const (
	unmarked    markState = iota
	markForeign           // of a controller, of a tool without a source, or of a stack that is declared
	markUnread            // of a tool that has a source which was not read whole
	markOrphan            // of a tool whose sources were all read and do not hold it
)

type mark struct {
	catalog.Provenance
	state  markState
	reason string
}

// stackIDTag names the stack itself, where the name alone would fit several accounts and regions.
const stackIDTag = "aws:cloudformation:stack-id"

// markOf reads the mark of a tool from the tags of an undeclared asset, as they were last known: a mark stays when its
// tags cannot be read once more.
func (j *judge) markOf(o *inventory.Entry) mark {
	p, ok := j.Catalog.Provenance(o.Tags)
	if !ok {
		return mark{reason: "it bears no tool's mark"}
	}
	m := mark{Provenance: p, state: markForeign}
	if !j.heedsMarks() {
		m.state = unmarked
	}
	if !p.Declares {
		m.reason = fmt.Sprintf("managed by %s (tag %s)", subject(p), p.Tag)
		return m
	}
	found, unread := j.reach.Collector(inventory.Declared, p.Tool)
	switch {
	case !found:
		m.reason = fmt.Sprintf("made by %s (tag %s), of which no source is configured", subject(p), p.Tag)
	case unread != nil:
		m.state = markUnread
		m.reason = fmt.Sprintf("made by %s (tag %s), and %s", subject(p), p.Tag, reach.Describe(unread))
	case j.declaresStack(o, p):
		m.state = markForeign
		m.reason = fmt.Sprintf("made by %s (tag %s), which is declared", subject(p), p.Tag)
	case !j.coversStacks(o, p):
		m.state = markUnread
		m.reason = fmt.Sprintf("made by %s (tag %s), and no source reads that stack", subject(p), p.Tag)
	default:
		m.state = markOrphan
		m.reason = fmt.Sprintf("mark: tag %s is %s", p.Tag, cmp.Or(p.Subject, "set"))
	}
	return m
}

// coversStacks reports whether the declared book would hold the stack that an asset names. A source of templates alone, or of another
// account, does not tell that a stack of CloudFormation is gone, and neither do the exports of other stacks of Pulumi.
func (j *judge) coversStacks(o *inventory.Entry, p catalog.Provenance) bool {
	switch p.Tool {
	case "cloudformation":
		answer := j.reach.Ask(inventory.Declared, "AWS::CloudFormation::Stack", o.Account, o.Region)
		return answer.Complete()
	case "pulumi":
		project, _ := o.Tags.Get(p.Tag)
		return j.Lineages == nil || len(j.Lineages.scopes["pulumi:"+project.Value+"/"+p.Subject]) > 0
	}
	return true
}

func subject(p catalog.Provenance) string {
	if p.Subject == "" || p.Subject == "true" {
		return p.Tool
	}
	return p.Tool + " " + p.Subject
}

// declaresStack reports whether the stack that an asset names is itself in the declared book: then the asset is the
// stack's, even if its type is one that the collector cannot match.
func (j *judge) declaresStack(o *inventory.Entry, p catalog.Provenance) bool {
	if j.Links == nil {
		return false
	}
	keys := []string{p.Subject}
	if t, ok := o.Tags.Get(stackIDTag); ok {
		keys = append(keys, t.Value)
	}
	for _, key := range keys {
		if _, ok := j.Links.ByKey(inventory.Declared, key); ok && key != "" {
			return true
		}
	}
	return false
}
