package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Who is the write in an activity log that a finding is put down to: it names the asset and fits the finding. It is no proof that
// nobody else did the same elsewhere.
type Who struct {
	Actor  string    `json:"actor"`  // an ARN, an e-mail address, or the service that acted
	At     time.Time `json:"at"`     // UTC
	Action string    `json:"action"` // "ec2:ModifyInstanceAttribute", "v1.compute.instances.delete"
	Via    string    `json:"via"`    // "console", "CLI", "Terraform", "service" …; empty if the log does not tell
	// Others is how many other writes fit as well; all are earlier. It is never more than MostOthers, which stands for "or more".
	Others int `json:"others"`
}

// MostOthers is where Who stops counting.
const MostOthers = 20

// whoVerbs say what was done, by rule: what a finding of the rule is put down to.
func whoVerbs(rule string) string {
	switch rule {
	case "drift/missing":
		return "deleted by"
	case "drift/unmanaged", "drift/orphan":
		return "made by"
	}
	return "changed by"
}

// SetWho puts a finding down to a write, and says so in its evidence in place of what stood there of an earlier one. The evidence given
// is not changed.
func (f *Finding) SetWho(w Who) {
	list := slices.Clone(f.Evidence)
	if f.Who != nil {
		old := f.Who.text(f.Rule)
		list = slices.DeleteFunc(list, func(e Evidence) bool { return e.Source == "" && e.Text == old })
	}
	f.Who = &w
	f.Evidence = append(list, Note("%s", w.text(f.Rule)))
}

// text is one line of evidence.
func (w *Who) text(rule string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s at %s (%s", whoVerbs(rule), w.Actor, w.At.UTC().Format(time.RFC3339), w.Action)
	if w.Via != "" {
		b.WriteString(", " + w.Via)
	}
	b.WriteString(")")
	switch {
	case w.Others >= MostOthers:
		fmt.Fprintf(&b, "; %d or more earlier writes fit as well", MostOthers)
	case w.Others == 1:
		b.WriteString("; 1 earlier write fits as well")
	case w.Others > 1:
		fmt.Fprintf(&b, "; %d earlier writes fit as well", w.Others)
	}
	return b.String()
}
