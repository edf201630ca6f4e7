package htmlreport

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/report"
)

// Size of a trend's chart in SVG units, and the room around its line.
const (
	trendWidth  = 270.0
	trendHeight = 62.0
	trendPad    = 6.0
)

// trendChart is a line over the complete scans, in time. Incomplete scans are marks below it and nothing more: what they counted speaks
// only of what they could read. This scan is shown whatever it is, hollow if it is incomplete.
type trendChart struct {
	Lines    []string // "x,y x,y …" for each stretch without a gap
	Dots     []spot   // of complete scans before this one
	Partial  []string // x of incomplete scans
	Policies []string // x of the scans that a new policy judged first
	Last     *spot    // this scan
	Hollow   bool     // this scan is incomplete
	Low      string   // y of the least and the most that this scan can come to; empty if it is certain
	High     string
	Top      string // what the upper and the lower edge stand for
	Bottom   string
	Text     string // what it shows, for those who do not see it
	Caption  string
}

type spot struct{ X, Y string }

// series is what a chart draws of a trend.
type series struct {
	title string
	value func(*report.TrendPoint) *float64
	say   func(float64) string
	least float64 // smallest span that the height stands for: a change of a tenth of a percent must not look like a cliff
	most  float64 // what a value cannot exceed; 0 if there is no such thing
	// low and high are what this scan's value can come to; nil where it is certain.
	low, high *float64
}

func tagSeries(r *report.Report) series {
	return ratioSeries("Tag coverage", func(p *report.TrendPoint) *float64 { return p.TagCoverage }, r.Summary.TagMin, r.Summary.TagMax)
}

func codeSeries(r *report.Report) series {
	return ratioSeries("Code coverage", func(p *report.TrendPoint) *float64 { return p.IaCCoverage }, r.Summary.IaCMin, r.Summary.IaCMax)
}

func ratioSeries(title string, value func(*report.TrendPoint) *float64, low, high *float64) series {
	return series{title: title, value: value, say: func(v float64) string { return percent(&v) }, least: 0.05, most: 1, low: low, high: high}
}

func findingSeries() series {
	count := func(p *report.TrendPoint) *float64 {
		n := float64(p.Findings)
		return &n
	}
	return series{title: "Open findings", value: count, say: func(v float64) string { return number(int(v)) }, least: 5}
}

// newTrend returns nil unless there are an earlier complete scan and a value of this one, or of another complete one, to compare with.
func newTrend(trend []report.TrendPoint, s series) *trendChart {
	d := drawing{series: s, trend: trend}
	d.sort()
	if len(d.solid) == 0 || len(d.solid) == 1 && d.last < 0 || len(d.solid) == 1 && d.solid[0] == d.last {
		return nil
	}
	d.scale()
	d.line()
	d.marks()
	d.words()
	return &d.chart
}

// drawing is a chart in the making.
type drawing struct {
	series
	trend     []report.TrendPoint
	solid     []int // complete scans with a value
	last      int   // this scan, if it has a value; else -1
	low, high float64
	chart     trendChart
}

func (d *drawing) sort() {
	d.last = -1
	for i := range d.trend {
		isLast, has := i == len(d.trend)-1, d.value(&d.trend[i]) != nil
		if isLast && has {
			d.last = i
		}
		if d.trend[i].Complete && has {
			d.solid = append(d.solid, i)
		}
	}
	d.chart.Hollow = d.last >= 0 && !d.trend[d.last].Complete
}

func (d *drawing) at(i int) float64 { return *d.value(&d.trend[i]) }

func (d *drawing) scale() {
	values := []float64{}
	for _, i := range d.solid {
		values = append(values, d.at(i))
	}
	if d.last >= 0 {
		values = append(values, d.at(d.last))
		if d.uncertain() {
			values = append(values, *d.series.low, *d.series.high)
		}
	}
	d.low, d.high = slices.Min(values), slices.Max(values)
	if gap := d.least - (d.high - d.low); gap > 0 {
		d.low -= gap / 2
		d.high += gap / 2
	}
	if d.low < 0 {
		d.low, d.high = 0, d.high-d.low
	}
	if d.most > 0 && d.high > d.most {
		d.low, d.high = max(0, d.low-(d.high-d.most)), d.most
	}
	d.chart.Top, d.chart.Bottom = d.say(d.high), d.say(d.low)
}

func (d *drawing) uncertain() bool {
	return d.last >= 0 && d.series.low != nil && d.series.high != nil && *d.series.high > *d.series.low
}

// x is by time; scans at one and the same time stand side by side.
func (d *drawing) x(i int) string {
	first, span := d.trend[0].Started, d.trend[len(d.trend)-1].Started.Sub(d.trend[0].Started)
	part := float64(i) / float64(len(d.trend)-1)
	if span > 0 {
		part = float64(d.trend[i].Started.Sub(first)) / float64(span)
	}
	return fmt.Sprintf("%.1f", trendPad+(trendWidth-2*trendPad)*part)
}

func (d *drawing) y(value float64) string {
	return fmt.Sprintf("%.1f", trendHeight-trendPad-(trendHeight-2*trendPad)*(value-d.low)/(d.high-d.low))
}

// line joins the complete scans; it breaks where one of them had nothing to measure.
func (d *drawing) line() {
	before := -1
	for n, i := range d.solid {
		p := spot{d.x(i), d.y(d.at(i))}
		if n == 0 || d.broken(before, i) {
			d.chart.Lines = append(d.chart.Lines, "")
		}
		line := &d.chart.Lines[len(d.chart.Lines)-1]
		*line = strings.TrimLeft(*line+" "+p.X+","+p.Y, " ")
		if i != d.last {
			d.chart.Dots = append(d.chart.Dots, p)
		}
		before = i
	}
}

// broken reports whether a complete scan between two others had no value.
func (d *drawing) broken(from, to int) bool {
	return slices.ContainsFunc(d.trend[from+1:to], func(p report.TrendPoint) bool { return p.Complete })
}

func (d *drawing) marks() {
	for i := range d.trend {
		if !d.trend[i].Complete && i != d.last {
			d.chart.Partial = append(d.chart.Partial, d.x(i))
		}
		if d.newPolicy(i) {
			d.chart.Policies = append(d.chart.Policies, d.x(i))
		}
	}
	if d.last < 0 {
		return
	}
	d.chart.Last = &spot{d.x(d.last), d.y(d.at(d.last))}
	if d.uncertain() {
		d.chart.Low, d.chart.High = d.y(*d.series.low), d.y(*d.series.high)
	}
}

func (d *drawing) newPolicy(i int) bool { return newPolicy(d.trend, i) }

// newPolicy reports whether another policy judged a scan than the one before it.
func newPolicy(trend []report.TrendPoint, i int) bool {
	return i > 0 && trend[i].Policy != "" && trend[i-1].Policy != "" && trend[i].Policy != trend[i-1].Policy
}

func (d *drawing) words() {
	first, latest := d.solid[0], d.solid[len(d.solid)-1]
	c := &d.chart
	start := d.trend[first].Started
	if c.Caption = change(d.at(first), d.at(latest), d.say, start); c.Hollow {
		c.Caption = fmt.Sprintf("Complete scans: %s on %s, %s on %s", d.say(d.at(first)), shortDay(start), d.say(d.at(latest)), shortDay(d.trend[latest].Started))
	}
	c.Text = fmt.Sprintf("%s over %s: from %s on %s to %s on %s.", d.title, plural(len(d.solid), "complete scan"),
		d.say(d.at(first)), day(start), d.say(d.at(latest)), day(d.trend[latest].Started))
	if c.Hollow {
		c.Text += fmt.Sprintf(" This scan is incomplete: %s of what could be judged.", d.say(d.at(d.last)))
	}
	if d.uncertain() {
		c.Text += fmt.Sprintf(" It lies between %s and %s.", d.say(*d.series.low), d.say(*d.series.high))
	}
	if n := len(c.Partial); n > 0 {
		c.Text += fmt.Sprintf(" %s in between %s incomplete and left out.", plural(n, "scan"), wasWere(n))
	}
	for i := range d.trend {
		if d.newPolicy(i) {
			c.Text += fmt.Sprintf(" The policy changed on %s.", day(d.trend[i].Started))
		}
	}
}

func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func change(from, to float64, say func(float64) string, since time.Time) string {
	switch {
	case say(to) == say(from):
		return "Unchanged since " + shortDay(since)
	case to > from:
		return "Up from " + say(from) + " on " + shortDay(since)
	default:
		return "Down from " + say(from) + " on " + shortDay(since)
	}
}

func shortDay(t time.Time) string { return t.UTC().Format("2 Jan") }

// pastScan is a line of the table of scans.
type pastScan struct {
	report.TrendPoint
	NewPolicy bool
	This      bool
}

// pastScans are the scans of the trend, this one first.
func pastScans(trend []report.TrendPoint) []pastScan {
	out := make([]pastScan, 0, len(trend))
	for i := range slices.Backward(trend) {
		out = append(out, pastScan{trend[i], newPolicy(trend, i), i == len(trend)-1})
	}
	return out
}
