package metricsreport

import (
	"bufio"
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/report/quote"
)

// maxLabel is how long a value of a label may be.
const maxLabel = 128

// gauge is a metric and its series.
type gauge struct {
	name, help string
	labels     []string
	series     map[string]float64 // by the labels as they are written
}

func newGauge(name, help string, labels ...string) *gauge {
	return &gauge{name: name, help: help, labels: labels, series: map[string]float64{}}
}

// add adds to the series of these values.
func (g *gauge) add(v float64, values ...string) { g.series[g.key(values)] += v }

// set sets the series of these values.
func (g *gauge) set(v float64, values ...string) { g.series[g.key(values)] = v }

// least keeps the least value.
func (g *gauge) least(v float64, values ...string) {
	key := g.key(values)
	if old, ok := g.series[key]; !ok || v < old {
		g.series[key] = v
	}
}

// key writes labels: {a="x",b="y"}.
func (g *gauge) key(values []string) string {
	if len(values) == 0 {
		return ""
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = g.labels[i] + `="` + escape(quote.Line(v, maxLabel)) + `"`
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// escape escapes the value of a label.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s)
}

// write writes the metric, if it has a series.
func (g *gauge) write(w *bufio.Writer) {
	if len(g.series) == 0 {
		return
	}
	_, _ = w.WriteString("# HELP " + g.name + " " + g.help + "\n# TYPE " + g.name + " gauge\n")
	for _, key := range slices.Sorted(maps.Keys(g.series)) {
		_, _ = w.WriteString(g.name + key + " " + strconv.FormatFloat(g.series[key], 'f', -1, 64) + "\n")
	}
}

// label bounds the values of a label.
type label struct {
	kept  map[string]bool
	empty string // stands for the empty value
}

const other = "other"

// newLabel keeps the heaviest values.
func newLabel(weights map[string]int, most int, empty string) label {
	names := slices.SortedFunc(maps.Keys(weights), func(a, b string) int {
		return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(a, b))
	})
	l := label{kept: map[string]bool{}, empty: empty}
	for _, n := range names[:min(len(names), most)] {
		l.kept[n] = true
	}
	return l
}

func (l label) of(value string) string {
	switch {
	case value == "":
		return l.empty
	case l.kept[value]:
		return value
	}
	return other
}
