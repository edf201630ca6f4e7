package htmlreport

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// The findings travel as columns, not rows: each column is a dictionary of its distinct texts and, per finding, the
// number of one. A rule's name is then written once and not a hundred thousand times, a filter compares numbers, and a
// search looks at each text once.
//
//	{"count": 2, "columns": {"rule": {"texts": ["tags/owner"], "rows": [0, 0]}, …}, "diffs": {"rows": [1], "lists": [[…]]}, "groups": {"id": "title"}}
//
// Messages and fixes often quote the asset, which would make each of them distinct. There a placeholder stands for it.
const (
	nameHolder = "\x01"
	keyHolder  = "\x02"
	tailHolder = "\x03" // the key behind its last "/", ":" or "#"
)

type columnSpec struct {
	name string
	cell func(*rules.Finding) string
}

func columnSpecs(r *report.Report) []columnSpec {
	return []columnSpec{
		{"fresh", func(f *rules.Finding) string { return strconv.FormatBool(isFresh(r, f)) }},
		{"severity", func(f *rules.Finding) string { return f.Severity.String() }},
		{"state", func(f *rules.Finding) string { return text(f.State) }},
		{"confirmed", func(f *rules.Finding) string { return strconv.FormatBool(f.Confirmed) }},
		{"rule", func(f *rules.Finding) string { return text(f.Rule) }},
		{"message", func(f *rules.Finding) string { return withHolders(f, text(f.Message)) }},
		{"name", func(f *rules.Finding) string { return text(f.Asset.Name) }},
		{"key", func(f *rules.Finding) string { return text(f.Asset.Key) }},
		{"type", func(f *rules.Finding) string { return text(f.Asset.Type) }},
		{"account", func(f *rules.Finding) string { return text(f.Asset.Account) }},
		{"region", func(f *rules.Finding) string { return text(f.Asset.Region) }},
		{"source", func(f *rules.Finding) string { return text(f.Asset.Source) }},
		{"book", func(f *rules.Finding) string { return text(f.Asset.Book) }},
		{"owner", func(f *rules.Finding) string { return text(f.Owner) }},
		{"fix", func(f *rules.Finding) string { return withHolders(f, text(f.Fix)) }},
		{"evidence", func(f *rules.Finding) string { return withHolders(f, text(evidence(f))) }},
		{"file", func(f *rules.Finding) string { return text(place(f)) }},
		{"address", func(f *rules.Finding) string { return text(f.Origin.Address) }},
		{"module", func(f *rules.Finding) string { return text(f.Origin.Module) }},
		{"group", func(f *rules.Finding) string { return text(f.Group) }},
		{"first", func(f *rules.Finding) string { return f.FirstSeen.UTC().Format(time.RFC3339) }},
		{"last", func(f *rules.Finding) string { return f.LastSeen.UTC().Format(time.RFC3339) }},
		{"who", func(f *rules.Finding) string { return text(who(f)) }},
		{"fingerprint", func(f *rules.Finding) string { return text(f.Fingerprint) }},
	}
}

// place is the file and line where a person can look, or else the call that listed the asset.
func place(f *rules.Finding) string {
	switch {
	case f.Origin.File != "" && f.Origin.Line > 0:
		return f.Origin.File + ":" + strconv.Itoa(f.Origin.Line)
	case f.Origin.File != "":
		return f.Origin.File
	default:
		return f.Origin.Call
	}
}

// withHolders puts placeholders for the asset's key and name into s. Control characters are out of s already, so the
// page gets back exactly what stood there.
func withHolders(f *rules.Finding, s string) string {
	key, name := text(f.Asset.Key), text(f.Asset.Name)
	if key != "" {
		s = strings.ReplaceAll(s, key, keyHolder)
	}
	if len(name) > 2 {
		s = strings.ReplaceAll(s, name, nameHolder)
	}
	if tail := key[strings.LastIndexAny(key, "/:#")+1:]; len(tail) > 2 {
		s = strings.ReplaceAll(s, tail, tailHolder)
	}
	return s
}

// writeColumns writes the block. json.Marshal escapes <, >, & and the line separators, so no text can end the script
// element that it stands in.
func writeColumns(w *bufio.Writer, r *report.Report, held int) error {
	findings := r.Findings[:held]
	if _, err := io.WriteString(w, `{"count":`+strconv.Itoa(len(findings))+`,"columns":{`); err != nil {
		return err
	}
	for i, spec := range columnSpecs(r) {
		if i > 0 {
			_ = w.WriteByte(',')
		}
		_, _ = w.WriteString("\n" + strconv.Quote(spec.name) + ":")
		if err := writeJSON(w, column(findings, spec.cell)); err != nil {
			return err
		}
	}
	_, _ = w.WriteString("},\n\"diffs\":")
	if err := writeJSON(w, diffs(findings)); err != nil {
		return err
	}
	_, _ = w.WriteString(",\n\"groups\":")
	if err := writeJSON(w, titles(r)); err != nil {
		return err
	}
	return w.WriteByte('}')
}

func marshal(v any) ([]byte, error) { return json.Marshal(v) }

func writeJSON(w io.Writer, v any) error {
	b, err := marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

type columnData struct {
	Texts []string `json:"texts"`
	Rows  []int    `json:"rows"`
}

func column(findings []rules.Finding, cell func(*rules.Finding) string) columnData {
	data := columnData{Texts: []string{}, Rows: make([]int, len(findings))}
	number := map[string]int{}
	for i := range findings {
		s := cell(&findings[i])
		n, ok := number[s]
		if !ok {
			n = len(data.Texts)
			number[s] = n
			data.Texts = append(data.Texts, s)
		}
		data.Rows[i] = n
	}
	return data
}

// diffData holds the findings that have differences.
type diffData struct {
	Rows  []int       `json:"rows"`
	Lists [][]diffRow `json:"lists"`
}

func diffs(findings []rules.Finding) diffData {
	data := diffData{Rows: []int{}, Lists: [][]diffRow{}}
	for i := range findings {
		if len(findings[i].Diff) == 0 {
			continue
		}
		data.Rows = append(data.Rows, i)
		data.Lists = append(data.Lists, diffList(findings[i].Diff))
	}
	return data
}

func diffList(list []rules.Difference) []diffRow {
	out := make([]diffRow, len(list))
	for i := range list {
		out[i] = diffOf(&list[i])
	}
	return out
}

func side(value string, absent bool) *string {
	if absent {
		return nil
	}
	s := text(value)
	return &s
}

// evidence is what a finding rests on, one line each.
func evidence(f *rules.Finding) string {
	lines := make([]string, len(f.Evidence))
	for i, e := range f.Evidence {
		lines[i] = strings.ReplaceAll(e.String(), "\n", " ")
	}
	return strings.Join(lines, "\n")
}

// who is who changed, made or deleted what the finding is about, and when; empty where no log tells.
func who(f *rules.Finding) string {
	if f.Who == nil {
		return ""
	}
	return f.Who.Actor + ", " + f.Who.At.UTC().Format("2 Jan 2006, 15:04 UTC")
}
