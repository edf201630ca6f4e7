package preset

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// spellings separates the spellings of one header in a fingerprint.
const spellings = " | "

// Plain leaves the letters and digits of a header, in lower case and without accents: "Serial-Nr." is "serialnr", "Número" is
// "numero", "Gerät" is "gerat", "Größe" is "grosse".
func Plain(header string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(unmarked(header))) {
		switch {
		case r == 'ß':
			b.WriteString("ss")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func ascii(header string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(unmarked(header)))
}

// unmarked drops the marks with which import templates say which columns are needed.
func unmarked(header string) string {
	header = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(header), "*"))
	const optional = "(optional)"
	if n := len(header) - len(optional); n > 0 && strings.EqualFold(header[n:], optional) {
		header = strings.TrimSpace(header[:n])
	}
	return header
}

// form is a header as it is compared.
func (m Match) form(header string) string {
	switch m {
	case MatchFold:
		return strings.ToLower(unmarked(header))
	case MatchPlain:
		return Plain(header)
	case MatchASCII:
		return ascii(header)
	}
	return unmarked(header)
}

// headers finds the columns of a file.
type headers struct {
	names []string
	index map[Match]map[string]int // the first column of each header
}

func newHeaders(names []string) *headers {
	return &headers{names: names, index: map[Match]map[string]int{}}
}

func (h *headers) by(m Match) map[string]int {
	if m == "" {
		m = MatchExact
	}
	index, ok := h.index[m]
	if !ok {
		index = make(map[string]int, len(h.names))
		for i, name := range h.names {
			form := m.form(name)
			if _, twice := index[form]; !twice && form != "" {
				index[form] = i
			}
		}
		h.index[m] = index
	}
	return index
}

// find returns the column of a header, as the preset compares headers, or -1.
func (h *headers) find(p *Preset, header string) int {
	index := h.by(p.Match)
	if i, ok := index[p.form(header)]; ok {
		return i
	}
	for _, s := range p.Suffixes {
		if i, ok := index[p.form(header+s)]; ok {
			return i
		}
	}
	return -1
}

// form is a header as the preset compares it.
func (p *Preset) form(header string) string {
	if form, ok := p.forms[header]; ok {
		return form
	}
	return p.Match.form(header)
}

// prepare works out once how the preset's headers are compared.
func (p *Preset) prepare() {
	p.forms = map[string]string{}
	lists := append(p.mentioned(), p.Fingerprint.Absent, sortedKeys(p.Type.WithColumn), p.TagTable.Join)
	for _, header := range slices.Concat(append(lists, p.Tags.Between...)...) {
		for _, spelling := range strings.Split(header, spellings) {
			p.forms[spelling] = p.Match.form(spelling)
			for _, s := range p.Suffixes {
				p.forms[spelling+s] = p.Match.form(spelling + s)
			}
		}
	}
}

// first returns the column of the first header that is there, or -1.
func (h *headers) first(p *Preset, list []string) int {
	for _, header := range list {
		if i := h.find(p, header); i >= 0 {
			return i
		}
	}
	return -1
}

// anyOf returns the column of the first spelling that is there, or -1.
func (h *headers) anyOf(p *Preset, entry string) int {
	if !strings.Contains(entry, spellings) {
		return h.find(p, entry)
	}
	return h.first(p, strings.Split(entry, spellings))
}

// captures returns, by column, what "*" stands for in the headers that fit a pattern. No captured text is empty.
func (h *headers) captures(p *Preset, pattern string) map[int]string {
	before, after, _ := strings.Cut(pattern, "*")
	found := map[int]string{}
	for i, name := range h.names {
		name = unmarked(name)
		if n := len(name) - len(before) - len(after); n > 0 && p.same(name[:len(before)], before) && p.same(name[len(name)-len(after):], after) {
			found[i] = name[len(before) : len(before)+n]
		}
	}
	return found
}

func (p *Preset) same(a, b string) bool {
	return a == b || p.Match != MatchExact && p.Match != "" && strings.EqualFold(a, b)
}

// known counts the headers that mean something to the preset, and those that are not blank.
func (h *headers) known(p *Preset) (known, all int) {
	columns := map[int]bool{}
	for _, list := range p.mentioned() {
		for _, header := range list {
			if i := h.anyOf(p, header); i >= 0 {
				columns[i] = true
			}
		}
	}
	for _, pattern := range p.Tags.Patterns {
		for i := range h.captures(p, pattern) {
			columns[i] = true
		}
	}
	for _, i := range h.between(p) {
		columns[i] = true
	}
	for _, name := range h.names {
		if strings.TrimSpace(name) != "" {
			all++
		}
	}
	return len(columns), all
}

// mentioned lists all headers of a preset.
func (p *Preset) mentioned() [][]string {
	f := p.Fingerprint
	list := [][]string{f.Required, f.Distinguishing, f.Optional, p.TagTable.Row, p.TagTable.Key, p.TagTable.Value}
	for _, headers := range p.Columns {
		list = append(list, headers)
	}
	for _, headers := range p.More {
		list = append(list, headers)
	}
	for _, a := range p.Attributes {
		list = append(list, a.Columns)
	}
	for _, s := range p.Status {
		list = append(list, s.Columns)
	}
	for _, r := range p.Rows {
		list = append(list, r.Columns)
	}
	for _, w := range p.Type.When {
		list = append(list, w.Columns)
	}
	return append(list, p.Tags.mentioned()...)
}

func (t *TagRules) mentioned() [][]string {
	var list [][]string
	for _, headers := range t.Columns {
		list = append(list, headers)
	}
	for _, c := range t.Cells {
		list = append(list, c.Columns)
	}
	for _, p := range t.Pairs {
		list = append(list, p.Keys, p.Values)
	}
	return list
}

// between lists the columns between the preset's pairs of headers.
func (h *headers) between(p *Preset) []int {
	var list []int
	for _, pair := range p.Tags.Between {
		from, to := h.anyOf(p, pair[0]), h.anyOf(p, pair[1])
		if from < 0 || to < 0 {
			continue
		}
		for i := from + 1; i < to; i++ {
			if strings.TrimSpace(h.names[i]) != "" {
				list = append(list, i)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
