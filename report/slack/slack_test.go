package slack

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/notify"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/rules"
)

var update = flag.Bool("update", false, "write golden files anew")

func body(t testing.TB, r *report.Report, link string) []byte {
	t.Helper()
	d, _ := notify.Of(r, notify.Filter{Always: true})
	d.Link = link
	text, err := Body(d)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// decode reads a message and holds it against what Slack takes.
func decode(t testing.TB, text []byte) message {
	t.Helper()
	var m message
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(m.Blocks) > MaxBlocks || m.size() > MaxTotal || m.Text == "" {
		t.Errorf("%d blocks, %d characters, text %q", len(m.Blocks), m.size(), m.Text)
	}
	for i, b := range m.Blocks {
		limit := MaxText
		if b.Type == "header" {
			limit = MaxHeader
		}
		if n := len(b.Text.Text); n == 0 || n > limit {
			t.Errorf("block %d has %d characters", i, n)
		}
		if b.Text.Type == "mrkdwn" && !b.Text.Verbatim {
			t.Errorf("block %d: Slack may make mentions of it", i)
		}
	}
	return m
}

var (
	codes  = regexp.MustCompile("`[^`\n]*`")
	entity = regexp.MustCompile("&(amp|lt|gt);")
)

// harmless holds that all that strangers wrote is code, and no sign in it means anything to Slack.
func harmless(t testing.TB, text []byte, strangers ...string) {
	t.Helper()
	m := decode(t, text)
	all := m.Text
	for _, b := range m.Blocks {
		all += "\n" + b.Text.Text
	}
	if strings.Count(all, "`")%2 != 0 {
		t.Errorf("a code does not end: %q", all)
	}
	for _, c := range codes.FindAllString(all, -1) {
		if strings.ContainsAny(entity.ReplaceAllString(c, ""), "&<>") {
			t.Errorf("raw sign in %q", c)
		}
	}
	plain := codes.ReplaceAllString(all, "")
	for _, s := range append(strangers, "<!", "<@", "<#", "@here", "@channel", "window.owned") {
		if strings.Contains(plain, s) {
			t.Errorf("%q stands as text in %q", s, plain)
		}
	}
	for _, c := range all {
		if c != '\n' && unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
			t.Errorf("raw %U", c)
		}
	}
	if !utf8.Valid(text) {
		t.Error("not UTF-8")
	}
}

func TestGolden(t *testing.T) {
	var b bytes.Buffer
	if err := json.Indent(&b, body(t, reporttest.Small(), "https://ci.example.com/muster.html?night=1&page=2"), "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	reporttest.Golden(t, "small.json", b.Bytes(), *update)
}

func TestFixtures(t *testing.T) {
	for name, build := range reporttest.Fixtures() {
		t.Run(name, func(t *testing.T) {
			text := body(t, build(), "")
			harmless(t, text)
			if !bytes.Equal(text, body(t, build(), "")) {
				t.Error("two messages of one report differ")
			}
		})
	}
}

// signs are names by which strangers would call everybody, or write as the program does.
var signs = []string{
	"<!channel>", "<!here|x>", "<@U012AB3CD>", "<#C0|x>", "@here", "@channel", "`<!everyone>`", "``` <!channel> ```", "a`b", "&lt;!channel&gt;",
	"<https://example.com|open>", "*bold* _it_ ~no~", "x\n<!channel>", "\u202e<!channel>", ":tada:", "&amp;", "`", "x\r\n• *critical*: `y`",
}

func TestMentions(t *testing.T) {
	for _, s := range signs {
		r := &report.Report{
			Gate: report.Gate{Reasons: []string{s}}, Scopes: []report.Scope{{Source: s, Scope: s, Error: s, State: inventory.RunFailed}},
			Findings: []rules.Finding{
				{State: inventory.FindingNew, Severity: rules.High, Owner: s, Rule: s, Message: s, Asset: rules.AssetRef{Key: s, Name: s, Type: inventory.Type(s)}},
				{State: inventory.FindingResolved, Severity: rules.High, Owner: s, Rule: s, Message: s, Asset: rules.AssetRef{Key: s}},
			},
		}
		harmless(t, body(t, r, ""))
	}
}

func FuzzMessage(f *testing.F) {
	for _, p := range append(reporttest.Payloads(), signs...) {
		f.Add(p, 3)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		s = strings.Repeat(s, max(1, n%2000))
		r := &report.Report{
			Gate: report.Gate{Reasons: []string{s, s, s, s, s, s}}, Scopes: []report.Scope{{Source: s, Scope: s, Error: s, State: inventory.RunFailed}},
			Findings: []rules.Finding{
				{State: inventory.FindingNew, Severity: rules.High, Owner: s, Rule: s, Message: s, Asset: rules.AssetRef{Key: s, Name: s}},
				{State: inventory.FindingResolved, Severity: rules.High, Owner: "o" + s, Rule: s, Message: s, Asset: rules.AssetRef{Key: s}},
			},
		}
		harmless(t, body(t, r, ""))
	})
}

func TestLimits(t *testing.T) {
	long := strings.Repeat("&<>`", 1<<20)
	for _, owners := range []int{1, 7, 5000} {
		r := reporttest.Hostile()
		for i := range 5000 {
			r.Findings = append(r.Findings, rules.Finding{
				State: inventory.FindingNew, Severity: rules.High, Owner: fmt.Sprint("team-", i%owners), Rule: long, Message: long,
				Asset: rules.AssetRef{Key: long, Name: long, Type: inventory.Type(long), Account: long, Region: long},
			})
		}
		r.Gate.Reasons = []string{long, long, long, long, long, long, long}
		for i := range r.Scopes {
			r.Scopes[i] = report.Scope{Source: fmt.Sprint(i, long), Scope: long, Error: long, State: inventory.RunFailed}
		}
		link := "https://h/?" + strings.Repeat("&", notify.MaxLink-11)
		text := body(t, r, link)
		harmless(t, text)
		if !bytes.Contains(text, []byte("more finding")) || !bytes.Contains(text, []byte("*high*")) {
			t.Errorf("%d owners: nothing listed, or what is left out is not said:\n%s", owners, text)
		}
	}
}

func TestNobodyAndUnknown(t *testing.T) {
	r := &report.Report{Findings: []rules.Finding{
		{State: inventory.FindingNew, Severity: rules.High, Asset: rules.AssetRef{Key: "k"}},
		{State: inventory.FindingNew, Severity: rules.High, Asset: rules.AssetRef{Key: "l"}, OwnerUnknown: "the tags could not be read"},
	}}
	text := body(t, r, "")
	for _, want := range []string{"*Nobody answers for them*: 1 new, 0 resolved", "*Owner unknown*: 1 new, 0 resolved"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("no %q in %s", want, text)
		}
	}
}

func TestReason(t *testing.T) {
	for answer, want := range map[string]string{
		"invalid_blocks": "invalid_blocks", "no_service": "no_service", "": "", "ok ok": "", "<html>": "", "T012/B012/planted": "",
		strings.Repeat("a", 41): "", "invalid_1_blocks": "",
	} {
		if got := Reason([]byte(answer)); got != want {
			t.Errorf("%q: reason %q, want %q", answer, got, want)
		}
	}
}
