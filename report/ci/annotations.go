package ci

import (
	"fmt"
	"strings"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// Level is how loud an annotation is.
type Level int

// The levels.
const (
	Notice Level = iota
	Warning
	Error
)

// LevelOf is the level of a severity.
func LevelOf(s rules.Severity) Level {
	switch {
	case s >= rules.High:
		return Error
	case s == rules.Medium:
		return Warning
	}
	return Notice
}

// Annotation is a remark at a place.
type Annotation struct {
	Level Level
	Place Place
	Code  string // id of the rule, or empty
	Text  string // lines
	Gate  bool   // what the gate decided
}

// perLevel is how many annotations of a level GitHub and Azure keep of a step; the rest they drop without a word.
const perLevel = 10

// Annotations are the remarks that fit: first the gate's, then one of what could not be read and one of what could not be
// judged, then the findings, worst first. Of a level with more than ten the tenth says how many more there are. Where levels
// are folded, as by a system that knows no notices, fold maps them before they are counted.
func Annotations(r *report.Report, files Files, fold func(Level) Level) []Annotation {
	a := annotations{fold: fold, kept: map[Level][]Annotation{}, all: map[Level]int{}}
	a.add(gateNote(r, files))
	for _, n := range gapNotes(r, files) {
		a.add(n)
	}
	for f := range Open(r) {
		if a.full(LevelOf(f.Severity)) {
			continue
		}
		text := Message(f)
		if fix := quote.Line(f.Fix, MaxMessage); fix != "" {
			text += "\nfix: " + fix
		}
		a.add(Annotation{Level: LevelOf(f.Severity), Place: files.Of(f), Code: quote.Line(f.Rule, MaxName), Text: text})
	}
	return a.list()
}

func gateNote(r *report.Report, files Files) Annotation {
	n := Annotation{Level: Notice, Place: files.Fallback(), Text: "gate " + Verdict(&r.Gate), Gate: true}
	if !r.Gate.Passed {
		n.Level = Error
	}
	for _, reason := range Reasons(&r.Gate) {
		n.Text += "\n" + reason
	}
	return n
}

// gapNotes are at most two, however much is unknown: findings need the room.
func gapNotes(r *report.Report, files Files) []Annotation {
	var lines [2][]string
	for _, g := range Gaps(r) {
		if g.Unread {
			lines[0] = append(lines[0], g.Text)
		} else {
			lines[1] = append(lines[1], g.Text)
		}
	}
	var out []Annotation
	for i, n := range []Annotation{{Level: Warning, Code: UnreadRule}, {Level: Notice, Code: unknownRule}} {
		if all := len(lines[i]); all > 0 {
			if all > perLevel {
				lines[i] = append(lines[i][:perLevel], fmt.Sprintf("and %d more", all-perLevel))
			}
			n.Place, n.Text = files.Fallback(), strings.Join(lines[i], "\n")
			out = append(out, n)
		}
	}
	return out
}

type annotations struct {
	fold func(Level) Level
	kept map[Level][]Annotation
	all  map[Level]int
}

// full counts an annotation that there is no room for.
func (a *annotations) full(l Level) bool {
	l = a.fold(l)
	if len(a.kept[l]) < perLevel {
		return false
	}
	a.all[l]++
	return true
}

func (a *annotations) add(n Annotation) {
	if n.Level = a.fold(n.Level); a.full(n.Level) {
		return
	}
	a.all[n.Level]++
	a.kept[n.Level] = append(a.kept[n.Level], n)
}

func (a *annotations) list() []Annotation {
	var out []Annotation
	for _, l := range []Level{Error, Warning, Notice} {
		kept := a.kept[l]
		if more := a.all[l] - len(kept); more > 0 {
			kept[perLevel-1] = Annotation{Level: l, Text: fmt.Sprintf("%d more like these are not shown here: see the other reports", more+1)}
		}
		out = append(out, kept...)
	}
	return out
}
