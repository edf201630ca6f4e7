package htmlreport

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dustin/go-humanize"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// maxText is how many bytes of one string the page shows.
const maxText = 4000

// text returns what the page shows of a stranger's string: bytes that are not UTF-8, control characters and signs that
// turn the direction of writing round become U+FFFD, so that it can be seen that something stood there. html/template
// does the escaping. Hashes of secrets are told as "(secret)".
func text[S ~string](in S) string {
	s := inventory.HideSecrets(string(in))
	rest := 0
	if len(s) > maxText {
		end := maxText
		for end > maxText-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s, rest = s[:end], len(s)-end
	}
	s = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) || turns(r) {
			return utf8.RuneError
		}
		return r
	}, s)
	if rest > 0 {
		s += fmt.Sprintf(" … (%s more bytes: see the JSON report)", number(rest))
	}
	return s
}

// turns reports whether r is a direction mark, embedding, override or isolate, or a line separator.
func turns(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' || '\u2028' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

func functions() template.FuncMap {
	return template.FuncMap{
		"text": func(s any) string { return text(fmt.Sprint(s)) }, "number": number, "percent": percent, "instant": instant, "moment": moment,
		"day": day, "plural": plural, "query": query, "few": few, "counts": report.Counts, "placeOf": func(f *rules.Finding) string { return report.Place(f.Origin) },
	}
}

func number(n int) string { return humanize.Comma(int64(n)) }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(n) + " " + noun + "s"
}

// percent rounds down, so that 99.96 % does not read as 100.0 %.
func percent(ratio *float64) string {
	if ratio == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f\u00a0%%", math.Floor(*ratio*1000+1e-9)/10)
}

func instant(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

func moment(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

func day(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// took is a duration as people say it.
func took(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
}
