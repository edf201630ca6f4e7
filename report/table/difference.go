package tablereport

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// maxElements is how many elements of a list or object are shown.
const maxElements = 6

// differenceLines tells a difference: lists and objects element by element, secrets without what they are.
func differenceLines(d *rules.Difference, width int) []string {
	if len(d.Elements) == 0 {
		return indented("  ", "    ", difference(d), width)
	}
	out := indented("  ", "    ", clean(d.Attribute)+": "+report.Counts(d.Elements), width)
	for i := range d.Elements {
		if i == maxElements {
			out = append(out, fmt.Sprintf("    and %d more", len(d.Elements)-maxElements))
			break
		}
		out = append(out, indented("    ", "      ", element(&d.Elements[i]), width)...)
	}
	return out
}

// element marks what is there and not declared with "+", what is declared and not there with "-", and what differs with "~".
func element(e *rules.Element) string {
	at := clean(e.Path)
	if at != "" {
		at += " "
	}
	switch e.Change {
	case rules.ElementAdded:
		return "+ " + at + quote(e.Actual)
	case rules.ElementRemoved:
		return "- " + at + quote(e.Declared)
	case rules.ElementsReorder:
		return "~ " + at + "in another order"
	}
	declared, actual := quote(e.Declared), quote(e.Actual)
	if declared == actual { // two secrets
		return "~ " + at + "changed " + actual
	}
	return "~ " + at + "should be " + declared + ", is " + actual
}

// difference says it in words that fit code and register alike.
func difference(d *rules.Difference) string {
	if d.Secret && !d.DeclaredAbsent && !d.ActualAbsent {
		return clean(d.Attribute) + " changed (secret)"
	}
	should := "should be " + quote(d.Declared)
	if d.DeclaredAbsent {
		should = "should not be there"
	}
	is := "is " + quote(d.Actual)
	if d.ActualAbsent {
		is = "is not there"
	}
	return clean(d.Attribute) + " " + should + ", " + is
}

func quote(value string) string { return cmp.Or(clean(value), `""`) }

// indented wraps a text; lines after the first stand at rest. Only its first lines are shown.
func indented(first, rest, text string, width int) []string {
	list := capLines(wrap(text, width-cells(rest)), maxWhatLines)
	for i, l := range list {
		if i == 0 {
			list[i] = first + l
			continue
		}
		list[i] = rest + l
	}
	return list
}

// place is where what a drift finding speaks of is declared; empty if it is not.
func place(f *rules.Finding) string {
	if !strings.HasPrefix(f.Rule, "drift/") {
		return ""
	}
	return clean(report.Place(f.Origin))
}
