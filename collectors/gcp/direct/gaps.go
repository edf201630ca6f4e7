package direct

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

func itoa(n int) string { return strconv.Itoa(n) }

// gaps is what of one list was not read.
type gaps struct {
	list        *List
	unreachable []string // sorted
	refused     []refusal
	untried     int // parents that were not asked about any more
}

// refusal is why a list of one parent could not be read.
type refusal struct {
	parent string // empty for a list of the project
	err    error
}

func (g *gaps) none() bool { return len(g.unreachable)+len(g.refused)+g.untried == 0 }

// add notes what a page could not hold.
func (g *gaps) add(page resource.Doc) {
	if g.list.Unreachable == "" {
		return
	}
	names := page.Texts(g.list.Unreachable)
	for _, warning := range page.Objects(g.list.Unreachable) { // Cloud SQL's
		names = append(names, or(warning.Text("region"), or(warning.Text("code"), warning.Text("message"))))
	}
	for _, n := range names {
		n = last(n)
		if i, ok := slices.BinarySearch(g.unreachable, n); !ok {
			g.unreachable = slices.Insert(g.unreachable, i, n)
		}
	}
}

// mostNames bounds how many names of one kind an error holds.
const mostNames = 20

func some(names []string) string {
	if n := len(names); n > mostNames {
		return strings.Join(names[:mostNames], ", ") + fmt.Sprintf(" and %d more", n-mostNames)
	}
	return strings.Join(names, ", ")
}

// texts tells the gaps: of refusals the first one in full, and of the others which parents they are about.
func (g *gaps) texts() []string {
	var list []string
	var others []string
	for i, r := range g.refused {
		switch {
		case i > 0:
			others = append(others, last(r.parent))
		case r.parent != "":
			list = append(list, last(r.parent)+": "+r.err.Error())
		default:
			list = append(list, r.err.Error())
		}
	}
	if len(others) > 0 {
		list = append(list, g.list.Call+" was also refused for "+some(others))
	}
	if g.untried > 0 {
		list = append(list, fmt.Sprintf("%s was not tried for %d more", g.list.Call, g.untried))
	}
	if len(g.unreachable) > 0 {
		list = append(list, g.list.Call+": the API did not reach "+some(g.unreachable))
	}
	return list
}

// err tells what could not be listed; nil if that is nothing.
func (r *run) err() error {
	var texts []string
	var causes []error
	for _, g := range r.gaps {
		texts = append(texts, g.texts()...)
		for _, f := range g.refused {
			causes = append(causes, f.err)
		}
	}
	if len(r.uncalled) > 0 {
		texts = append(texts, "not tried: "+strings.Join(r.uncalled, ", "))
	}
	if len(texts) == 0 {
		return nil
	}
	reason := inventory.ReasonError
	if len(causes) > 0 {
		reason = session.ReasonOf(causes[0])
	}
	for _, c := range causes {
		if session.ReasonOf(c) == inventory.ReasonNotEnabled { // there is nothing to tell of single lists
			return c
		}
	}
	if len(causes) == 0 {
		return &collectors.Error{Reason: reason, Err: errors.New(strings.Join(texts, "; "))}
	}
	return &collectors.Error{Reason: reason, Err: &several{strings.Join(texts, "; "), causes}}
}

// several is one error in the place of several.
type several struct {
	text   string
	causes []error
}

func (s *several) Error() string   { return s.text }
func (s *several) Unwrap() []error { return s.causes }
