// Package slack encodes a digest as a message for an incoming webhook of Slack: a header, the numbers, what could not be read, and a
// section for each owner (https://docs.slack.dev/reference/block-kit/blocks).
//
// What strangers wrote stands as code and never in the text of the notification, with &, < and > escaped and no sign that would end the
// code: so it mentions nobody, makes no link and no format.
package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/notify"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// What Slack takes: blocks in a message, characters of a header and of a text, and about 13,000 characters of all blocks. Bytes are
// counted for characters, of which there are never more.
const (
	MaxBlocks = 50
	MaxHeader = 150
	MaxText   = 3000
	MaxTotal  = 12_000
)

// The most that a message lists.
const (
	maxOwners   = 40
	maxFindings = 5 // of an owner
	maxReasons  = 5
	maxGaps     = 3
	maxName     = 80
	maxLine     = 300
	// reserve is for the line that says what was left out.
	reserve = 300
)

type message struct {
	Text   string  `json:"text"` // what a notification shows
	Blocks []block `json:"blocks"`
}

type block struct {
	Type string `json:"type"`
	Text text   `json:"text"`
}

type text struct {
	Type string `json:"type"`
	Text string `json:"text"`
	// Verbatim keeps Slack from looking for links and mentions itself.
	Verbatim bool `json:"verbatim,omitempty"`
}

func section(lines ...string) block {
	return block{"section", text{"mrkdwn", strings.Join(lines, "\n"), true}}
}

// Body returns the message as JSON in one line.
func Body(d *notify.Digest) ([]byte, error) {
	m := message{Text: "muster: " + d.Headline()}
	m.Blocks = append(m.Blocks, block{"header", text{Type: "plain_text", Text: "muster: gate " + ci.Verdict(&d.Gate)}})
	m.Blocks = append(m.Blocks, section(summary(d)...))
	if len(d.Gaps) > 0 {
		m.Blocks = append(m.Blocks, section(gaps(d.Gaps)...))
	}
	if d.Link != "" {
		m.Blocks = append(m.Blocks, section("<"+escape(d.Link)+"|The whole report>"))
	}
	room := notify.Room{Total: MaxTotal - reserve - m.size(), PerOwner: MaxText, Owners: maxOwners, Findings: maxFindings}
	shown, left := d.Fit(room, notify.Cost{
		Owner:   func(o *notify.Owner) int { return len(heading(o)) + 1 },
		Finding: func(f *rules.Finding) int { return len(line(f)) + 1 },
	})
	for _, s := range shown {
		lines := []string{heading(s.Owner)}
		for _, f := range s.Findings {
			lines = append(lines, line(f))
		}
		m.Blocks = append(m.Blocks, section(lines...))
	}
	if more := left.String(); more != "" {
		m.Blocks = append(m.Blocks, section("And "+more+" that this message has no room for: the report lists all."))
	}
	return encode(m)
}

// size counts the text of all blocks.
func (m *message) size() int {
	n := 0
	for _, b := range m.Blocks {
		n += len(b.Text.Text)
	}
	return n
}

func summary(d *notify.Digest) []string {
	counted := func(name, numbers string) string {
		if numbers != "" {
			numbers = " (" + numbers + ")"
		}
		return name + numbers
	}
	lines := []string{
		counted(fmt.Sprintf("*%d new*", notify.Total(d.New)), notify.Counts(d.New)) + ", " +
			counted(fmt.Sprintf("*%d resolved*", notify.Total(d.Resolved)), notify.Counts(d.Resolved)) + ", " +
			counted(fmt.Sprintf("%d open in all", notify.Total(d.Open)), notify.Counts(d.Open)),
		fmt.Sprintf("Scan %d of %s", d.Scan.ID, minute(d.Scan.Started)),
	}
	if d.Since != nil {
		lines = append(lines, fmt.Sprintf("Since scan %d of %s, the last complete one: %d new, %d resolved", d.Since.Scan, minute(d.Since.Started), d.Since.New, d.Since.Resolved))
	}
	if d.First {
		lines = append(lines, "There was no evaluation before this one: all that is open is new.")
	}
	for i, reason := range d.Gate.Reasons {
		if i == maxReasons {
			lines = append(lines, "• and "+ci.Count(len(d.Gate.Reasons)-i, "more reason"))
			break
		}
		lines = append(lines, "• "+code(reason, maxLine))
	}
	return lines
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func gaps(list []ci.Gap) []string {
	lines := []string{"*Not read whole*: what is not seen there is unknown, and neither missing nor resolved"}
	for i, g := range list {
		if i == maxGaps {
			return append(lines, "• and "+ci.Count(len(list)-i, "more source"))
		}
		lines = append(lines, "• "+code(g.Text, maxLine))
	}
	return lines
}

func heading(o *notify.Owner) string {
	name := "*Nobody answers for them*"
	switch o.Kind {
	case report.GroupNamed:
		name = "*Owner* " + code(o.Value, maxName)
	case report.GroupUnknown:
		name = "*Owner unknown*"
	}
	return fmt.Sprintf("%s: %d new, %d resolved", name, len(o.New), len(o.Resolved))
}

func line(f *rules.Finding) string {
	if f.State == inventory.FindingResolved {
		return "• resolved: " + code(ci.Message(f), maxLine) + " " + code(f.Rule, maxName)
	}
	return "• *" + f.Severity.String() + "*: " + code(ci.Message(f), maxLine) + " " + code(f.Rule, maxName)
}

// code returns what a stranger wrote as code in one line, of so many bytes at most and two. What would end the code becomes an apostrophe.
func code[S ~string](s S, limit int) string {
	const least = 8
	for n := limit; ; n = max(n-n/4, least) {
		one := escape(strings.ReplaceAll(quote.Line(s, n), "`", "'"))
		switch {
		case one == "":
			return ""
		case len(one) <= limit || n == least:
			return "`" + one + "`"
		}
	}
}

// escape writes the three signs that mean something to Slack wherever they stand.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func encode(m message) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // it stands in no page
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("encode message for Slack: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Reason returns the word by which Slack refuses a message, as "invalid_blocks" or "no_service"; empty if the answer is anything else.
func Reason(answer []byte) string {
	const longest = 40
	if len(answer) > longest || len(bytes.Trim(answer, "abcdefghijklmnopqrstuvwxyz_")) > 0 {
		return ""
	}
	return string(answer)
}
