package reporttest

import (
	"iter"
	"reflect"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// Payloads are strings that do harm in some format if they are written as they are. Each that could run as a script
// would set window.owned in a browser.
func Payloads() []string {
	return []string{
		`<script>window.owned=1</script>`,
		`</script><script>window.owned=1</script>`,
		`<!--<script>`,
		`"><img src=x onerror="window.owned=1">`,
		`' onmouseover='window.owned=1' x='`,
		`javascript:window.owned=1`,
		`{{.Schema}}{{define "x"}}`,
		`</style><style>*{display:none}`,
		`=HYPERLINK("https://example.com/?"&A1,"open")`,
		`+1+cmd|'/c calc'!A0`,
		`-2+3+cmd|'/c calc'!A0`,
		`@SUM(1+1)`,
		"\t=1+1",
		"\r=1+1",
		"\n=1+1",
		"  =1+1",
		"\uff1d1+1",
		"\x1b[2J\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\",
		"\u009b31mC1",
		"two\nlines\r\nand a third",
		"admin\u202egnp.exe\u2066x\u2069\u200f\u061c",
		"line\u2028separator\u2029paragraph",
		"nul\x00byte\x7f\b\b\b",
		"bad \xff\xfe\xc3( utf-8 \xed\xa0\x80",
		"comma, \"quoted\"; semicolon | pipe",
		"東京-サーバー 👩‍👩‍👧 e\u0301",
		"zero\u200bwidth\ufeff",
		"back\\slash `tick` ${x} %s %n",
		strings.Repeat("a\u0301", 8),
		"::error file=x,line=1::owned%0A::add-path::/tmp",
		"\n::stop-commands::x\n##[error]owned",
		"##vso[task.setvariable variable=PATH;]owned",
		"x\r\n##vso[task.complete result=Succeeded;]",
		"a;type=error]b%3Bc%AZP25d",
		"]]>&lt;/failure><testcase name='x'/>&#27;",
		"@acme/platform fixes #1, !2 and &3 :tada: https://example.com www.example.com a@example.com",
		"[click](https://example.com) ![i](https://example.com/x.png) {0} <!-- --> --> <!channel>",
		"| a | b |\\| c \\\\| `d` ``e`` *f* _g_ ~h~ $i$",
		"# heading\n\n- list\n\n```\ncode",
	}
}

// Hostile is Small with a payload in every place where a stranger's string can stand, and one string of a megabyte.
func Hostile() *report.Report {
	r := Small()
	r.Groups = []report.Cause{{ID: "g-1", Rule: "drift/changed", Severity: rules.High, Title: "common", Count: 2, Fingerprints: []string{"a", "b"}}}
	p := &poisoner{payloads: Payloads()}
	p.value(reflect.ValueOf(r).Elem())
	r.Schema = report.Schema
	for i, f := range []*rules.Finding{&r.Findings[1], &r.Findings[2]} {
		f.Group, r.Groups[0].Fingerprints[i] = r.Groups[0].ID, f.Fingerprint
	}
	r.Findings[0].Message += strings.Repeat("A very long message. ", 50_000)
	r.Findings[1].Asset.Name = strings.Repeat("x", 1<<20)
	r.Assets = hostileAssets
	return r
}

// poisoner puts one payload after the other behind, or in place of, the strings of a value.
type poisoner struct {
	payloads []string
	next     int
}

// kept are types whose values the model restricts, so that no stranger can choose them.
var kept = map[reflect.Type]bool{
	reflect.TypeFor[inventory.Book]():         true,
	reflect.TypeFor[inventory.Layer]():        true,
	reflect.TypeFor[inventory.RunState]():     true,
	reflect.TypeFor[inventory.RunReason]():    true,
	reflect.TypeFor[inventory.FindingState](): true,
	reflect.TypeFor[rules.Change]():           true,
	reflect.TypeFor[rules.Severity]():         true,
	reflect.TypeFor[time.Time]():              true,
}

func (p *poisoner) value(v reflect.Value) {
	if kept[v.Type()] {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(p.payload())
	case reflect.Pointer:
		if !v.IsNil() {
			p.value(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			p.value(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "Measure" && name != "Group" {
				p.value(v.Field(i))
			}
		}
	}
}

func (p *poisoner) payload() string {
	p.next++
	return p.payloads[p.next%len(p.payloads)]
}

func hostileAssets() iter.Seq2[report.Asset, error] {
	return func(yield func(report.Asset, error) bool) {
		for i, s := range Payloads() {
			ref := rules.AssetRef{Key: s, Book: inventory.Observed, Type: inventory.Type(s), Name: s, Account: s, Region: s, Source: s}
			tags := inventory.KnownTags(inventory.Tag{Key: s, Value: s}, inventory.Tag{Key: "owner", Value: s})
			if !yield(asset(int64(i), ref, tags, 1), nil) {
				return
			}
		}
	}
}
