// Package plan reads what "terraform show -json" and "tofu show -json" print of a plan or of a state.
//
// A plan says three things of a resource: what the code wants of it (resource_changes, with what is not known before it is
// applied), what the provider found when the plan was made (prior_state), and what the state said before (resource_drift). The first is
// the plan's part, the last with what did not change is the part of the state. A document is walked several times, each time with the
// memory of one resource; what is kept of it is in proportion to the code (the index of the configuration) and to the drift.
//
// Reference: "JSON Output Format" of the documentation of Terraform, format versions 0.1 to 1.x.
package plan

import (
	"errors"
	"io"

	"github.com/muster-audit/muster/collectors/terraform/resource"
)

// Outline is what the keys of a document say of it.
type Outline struct {
	Plan   bool // "terraform show -json" of a plan
	State  bool // of a state
	Empty  bool // the state holds nothing, or there was none
	Stream bool // the lines that "terraform plan -json" prints while it runs
	// Prior says that the plan holds the state that it was made from, Changes that it holds changes, Resources of any kind included
	// that change nothing.
	Prior, Changes bool
}

// RefreshOnly reports whether the plan was made with -refresh-only: it says what the provider found, and nothing of what the code
// wants.
func (o Outline) RefreshOnly() bool { return o.Plan && o.Prior && !o.Changes }

// errKnown ends the walk early: the document is of another kind, and what follows is of no interest.
var errKnown = errors.New("known")

// Sniff reads the keys of a document. A document of another kind, as a state as it is stored, is an empty outline and is read only as
// far as it takes to tell. The error is that of the syntax or of the reader; the outline is then as far as it was read.
func Sniff(r io.Reader) (Outline, error) {
	var o Outline
	d := resource.NewReader(r)
	if d.PeekKind() != '{' {
		return o, nil
	}
	format := false
	err := d.Object(func(key string) error {
		format = format || key == "format_version"
		if o.note(key) {
			return errKnown
		}
		return d.SkipValue()
	})
	switch {
	case errors.Is(err, errKnown):
		return o, nil
	case err == nil && format && !o.Plan:
		o.State, o.Empty = true, true
	case err == nil:
		err = d.End()
	}
	return o, err
}

// note takes notice of a key, and reports whether no other can say more.
func (o *Outline) note(key string) bool {
	switch key {
	case "planned_values", "configuration", "output_changes", "applyable":
		o.Plan = true
	case "resource_changes":
		o.Plan, o.Changes = true, true
	case "prior_state":
		o.Plan, o.Prior = true, true
	case "values":
		o.State = true
		return true
	case "@level", "@message":
		o.Stream = true
		return true
	case "version", "serial", "lineage", "resources", "modules", "encrypted_data":
		return true
	}
	return false
}
