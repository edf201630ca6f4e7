package preset

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Candidate is a preset that a file may be of.
type Candidate struct {
	Preset *Preset
	// Confidence is from 0, a required header is missing, to 1.
	Confidence float64
	Found      []string // headers of the fingerprint that are there, as the file writes them
	Missing    []string // required headers that are not there
}

// String is "preset servicenow (0.92: sys_id, sys_class_name, install_status)".
func (c Candidate) String() string {
	const most = 4
	return fmt.Sprintf("preset %s (%.2f: %s)", c.Preset.ID, c.Confidence, strings.Join(c.Found[:min(len(c.Found), most)], ", "))
}

// How a confidence is made: of the required headers, all of which must be there, of the distinguishing ones, and of the share of the file's
// headers that mean something to the preset.
const (
	forRequired       = 0.4
	forDistinguishing = 0.45
	forKnown          = 0.15
	enoughByDefault   = 3
	otherFormat       = 0.35 // is taken off if the tool does not write the file's format
	// mostGeneric is the most that usual headers alone are worth.
	mostGeneric = 0.5
)

// What Choose takes for sure.
const (
	SureConfidence = 0.7
	SureMargin     = 0.1
)

// Detect ranks the presets that the headers of a file may be of, the likeliest first and equal ones by id. Lists of usual
// headers are measured by the share of headers that they know, and are never sure.
func (s *Set) Detect(columns []string, format Format) []Candidate {
	h := newHeaders(columns)
	list := make([]Candidate, 0, len(s.list))
	for _, p := range s.list {
		list = append(list, h.judge(p, format))
	}
	slices.SortStableFunc(list, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Preset.ID, b.Preset.ID))
	})
	return list
}

// Choose returns the tool's preset that the headers are of beyond doubt, and false if there is none or if two are nearly as
// likely. The ranked candidates that are worth telling come with it.
func (s *Set) Choose(columns []string, format Format) (best Candidate, ranked []Candidate, ok bool) {
	for _, c := range s.Detect(columns, format) {
		if !c.Preset.Generic && c.Confidence > 0 {
			ranked = append(ranked, c)
		}
	}
	switch {
	case len(ranked) == 0 || ranked[0].Confidence < SureConfidence:
		return Candidate{}, ranked, false
	case len(ranked) > 1 && ranked[0].Confidence-ranked[1].Confidence < SureMargin:
		return Candidate{}, ranked, false
	}
	return ranked[0], ranked, true
}

func (h *headers) judge(p *Preset, format Format) Candidate {
	if p.Generic {
		return h.judgeGeneric(p)
	}
	c := Candidate{Preset: p}
	for _, entry := range p.Fingerprint.Required {
		if i := h.anyOf(p, entry); i >= 0 {
			c.Found = append(c.Found, h.names[i])
		} else {
			c.Missing = append(c.Missing, entry)
		}
	}
	if len(c.Missing) > 0 || slices.ContainsFunc(p.Fingerprint.Absent, func(a string) bool { return h.anyOf(p, a) >= 0 }) {
		return c
	}
	distinguishing := 0
	for _, entry := range p.Fingerprint.Distinguishing {
		if i := h.anyOf(p, entry); i >= 0 {
			distinguishing++
			if !slices.Contains(c.Found, h.names[i]) {
				c.Found = append(c.Found, h.names[i])
			}
		}
	}
	known, all := h.known(p)
	enough := cmp.Or(p.Fingerprint.Enough, enoughByDefault)
	c.Confidence = forRequired + forDistinguishing*min(1, float64(distinguishing)/float64(enough)) + forKnown*float64(known)/float64(max(1, all))
	if format != "" && len(p.Formats) > 0 && !slices.Contains(p.Formats, format) {
		c.Confidence = max(0.01, c.Confidence-otherFormat)
	}
	return c
}

// judgeGeneric scores usual headers: none of them makes a key, then it is nothing.
func (h *headers) judgeGeneric(p *Preset) Candidate {
	c := Candidate{Preset: p}
	keyed := false
	for _, f := range Fields() {
		i := h.first(p, p.Columns[f])
		if i < 0 {
			continue
		}
		c.Found = append(c.Found, h.names[i])
		keyed = keyed || slices.Contains(KeyFields(), f)
	}
	if !keyed {
		c.Missing = []string{"a column that tells rows apart"}
		return c
	}
	known, all := h.known(p)
	c.Confidence = mostGeneric * float64(known) / float64(max(1, all))
	return c
}
