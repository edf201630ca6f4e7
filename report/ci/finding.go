package ci

import (
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// Longest texts, in bytes.
const (
	MaxName    = 200
	MaxMessage = 1000
	maxValue   = 300
	maxLines   = 20 // of differences, and of evidence
)

// Open yields the findings that count: new and open ones, in the order of the report, which is worst first.
func Open(r *report.Report) iter.Seq[*rules.Finding] {
	return func(yield func(*rules.Finding) bool) {
		for i := range r.Findings {
			if f := &r.Findings[i]; f.State != inventory.FindingResolved && !yield(f) {
				return
			}
		}
	}
}

// Subject says in one line what a finding is about: "payments-api-1 (AWS::EC2::Instance in 111122223333, eu-west-1)".
func Subject(f *rules.Finding) string {
	a := &f.Asset
	name := quote.Line(a.Name, MaxName)
	if name == "" {
		name = quote.Line(a.Key, MaxName)
	}
	about := quote.Line(a.Type, MaxName)
	place := join(", ", quote.Line(a.Account, MaxName), quote.Line(a.Region, MaxName))
	if about != "" && place != "" {
		about += " in "
	}
	if about += place; about == "" {
		return name
	}
	return name + " (" + about + ")"
}

// Message says in one line what is wrong with what.
func Message(f *rules.Finding) string {
	return Subject(f) + ": " + quote.Line(f.Message, MaxMessage)
}

// Detail tells all that a person needs, a line each, without the message: what it is, who owns it, since when, what differs,
// what it rests on and what to do.
func Detail(f *rules.Finding) []string {
	var out []string
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+": "+value)
		}
	}
	add("asset", quote.Line(f.Asset.Key, MaxMessage))
	add("source", join(", ", string(f.Asset.Book), quote.Line(f.Asset.Source, MaxName)))
	add("owner", quote.Line(f.Owner, MaxName))
	add("first seen", Day(f.FirstSeen))
	if !f.Confirmed {
		add("unconfirmed", "it could not be judged again in this scan, and stays open; last seen "+Day(f.LastSeen))
	}
	at := "declared at"
	if f.Origin.Address == "" {
		at = "found at"
	}
	add(at, quote.Line(report.Place(f.Origin), MaxMessage))
	for i := range f.Diff {
		if i == maxLines {
			add("differs", fmt.Sprintf("and in %d more attributes", len(f.Diff)-maxLines))
			break
		}
		add("differs", Difference(&f.Diff[i]))
	}
	for i := range f.Evidence {
		if i == maxLines {
			break
		}
		add("evidence", quote.Line(f.Evidence[i].String(), maxValue))
	}
	add("fix", quote.Line(f.Fix, MaxMessage))
	return out
}

// Difference says in one line in what two sides disagree: of lists and objects what was added, removed and changed, of secrets no more
// than that they changed.
func Difference(d *rules.Difference) string {
	switch {
	case len(d.Elements) > 0:
		return quote.Line(d.Attribute, MaxName) + ": " + report.Counts(d.Elements) + ": " + quote.Line(elements(d.Elements), 2*maxValue)
	case d.Secret && !d.ActualAbsent && !d.DeclaredAbsent:
		return quote.Line(d.Attribute, MaxName) + " changed (secret)"
	}
	actual, declared := "is not there", "not declared"
	if !d.ActualAbsent {
		actual = `is "` + quote.Line(d.Actual, maxValue) + `"`
	}
	if !d.DeclaredAbsent {
		declared = `declared "` + quote.Line(d.Declared, maxValue) + `"`
	}
	return quote.Line(d.Attribute, MaxName) + " " + actual + ", " + declared
}

// elements tells what is there and not declared with "+", what is declared and not there with "-".
func elements(list []rules.Element) string {
	var out []string
	for i, e := range list {
		if i == maxLines {
			out = append(out, fmt.Sprintf("and %d more", len(list)-maxLines))
			break
		}
		at := ""
		if e.Path != "" {
			at = e.Path + " "
		}
		switch e.Change {
		case rules.ElementAdded:
			out = append(out, "+ "+at+e.Actual)
		case rules.ElementRemoved:
			out = append(out, "- "+at+e.Declared)
		case rules.ElementChanged:
			out = append(out, "~ "+at+e.Declared+" -> "+e.Actual)
		case rules.ElementsReorder:
			out = append(out, "~ "+at+"in another order")
		}
	}
	return strings.Join(out, "; ")
}

// Day is the day of a time in UTC; empty if it is unknown.
func Day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// join joins what is not empty.
func join(separator string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, separator)
}
