package htmlreport

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
)

// Size of a sparkline in SVG units, and the room around its line.
const (
	sparkWidth  = 240.0
	sparkHeight = 48.0
	sparkPad    = 5.0
)

// sparkline is a small line over the scans. Where a scan has no value the line has a gap.
type sparkline struct {
	Lines   []string // "x,y x,y …" for each stretch without a gap
	X, Y    string   // of the last point
	Text    string   // what it shows, for those who do not see it
	Caption string
}

// point is a value at its place in the trend.
type point struct {
	at    int
	value float64
}

func ratioTrend(title string, trend []report.TrendPoint, value func(*report.TrendPoint) *float64) *sparkline {
	var points []point
	for i := range trend {
		if v := value(&trend[i]); v != nil {
			points = append(points, point{i, *v})
		}
	}
	// A change of a tenth of a percent must not look like a cliff.
	return newSparkline(title, trend, points, 0.05, func(v float64) string { return percent(&v) })
}

func countTrend(trend []report.TrendPoint) *sparkline {
	var points []point
	for i := range trend {
		points = append(points, point{i, float64(trend[i].Findings)})
	}
	return newSparkline("Findings", trend, points, 5, func(v float64) string { return number(int(v)) })
}

// newSparkline returns nil for less than two points. least is the smallest span that the height stands for.
func newSparkline(title string, trend []report.TrendPoint, points []point, least float64, say func(float64) string) *sparkline {
	if len(points) < 2 {
		return nil
	}
	low, high := points[0].value, points[0].value
	for _, p := range points {
		low, high = min(low, p.value), max(high, p.value)
	}
	if high-low < least {
		low = high - least
	}
	s := &sparkline{}
	before := -2
	for _, p := range points {
		x := sparkPad + (sparkWidth-2*sparkPad)*float64(p.at)/float64(len(trend)-1)
		y := sparkHeight - sparkPad - (sparkHeight-2*sparkPad)*(p.value-low)/(high-low)
		s.X, s.Y = fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", y)
		if p.at != before+1 {
			s.Lines = append(s.Lines, "")
		}
		line := &s.Lines[len(s.Lines)-1]
		*line = strings.TrimLeft(*line+" "+s.X+","+s.Y, " ")
		before = p.at
	}
	first, last := points[0], points[len(points)-1]
	since := trend[first.at].Started
	s.Caption = fmt.Sprintf("%s since %s", change(first.value, last.value, say), shortDay(since))
	s.Text = fmt.Sprintf("%s over %s: from %s on %s to %s on %s", title, plural(len(points), "scan"), say(first.value), day(since),
		say(last.value), day(trend[last.at].Started))
	return s
}

func shortDay(t time.Time) string { return t.UTC().Format("2 Jan") }

func change(from, to float64, say func(float64) string) string {
	switch {
	case to > from:
		return "up from " + say(from)
	case to < from:
		return "down from " + say(from)
	default:
		return "unchanged"
	}
}

// venn is the picture of the three books: how many entities are in each part.
type venn struct {
	Observed, Recorded, Declared                         string // in this book alone
	ObservedRecorded, ObservedDeclared, RecordedDeclared string
	All                                                  string
	InAll, InTwo, InOne                                  int
	Text                                                 string // what it shows, for those who do not see it
}

func newVenn(s *report.Summary) venn {
	const observed, recorded, declared = inventory.Observed, inventory.Recorded, inventory.Declared
	in := func(books ...inventory.Book) int { return entitiesIn(s.Overlap, books) }
	v := venn{
		Observed: compact(in(observed)), Recorded: compact(in(recorded)), Declared: compact(in(declared)),
		ObservedRecorded: compact(in(observed, recorded)), ObservedDeclared: compact(in(observed, declared)),
		RecordedDeclared: compact(in(recorded, declared)), All: compact(in(observed, recorded, declared)),
		InAll: in(observed, recorded, declared),
		InTwo: in(observed, recorded) + in(observed, declared) + in(recorded, declared),
		InOne: in(observed) + in(recorded) + in(declared),
	}
	var parts []string
	for _, o := range s.Overlap {
		parts = append(parts, fmt.Sprintf("%s in %s", number(o.Entities), bookNames(o.Books)))
	}
	v.Text = "Three overlapping circles, one a book. " + strings.Join(parts, "; ") + "."
	return v
}

// entitiesIn returns how many entities are in exactly these books.
func entitiesIn(overlap []report.Overlap, books []inventory.Book) int {
	for _, o := range overlap {
		if len(o.Books) == len(books) && !slices.ContainsFunc(books, func(b inventory.Book) bool { return !slices.Contains(o.Books, b) }) {
			return o.Entities
		}
	}
	return 0
}

func bookNames(books []inventory.Book) string {
	var names []string
	for _, b := range inventory.Books() {
		if slices.Contains(books, b) {
			names = append(names, string(b))
		}
	}
	if len(names) == len(inventory.Books()) {
		return "all three"
	}
	return strings.Join(names, " and ") + " alone"
}
