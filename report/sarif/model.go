package sarifreport

import (
	"net/url"
	"strings"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// The objects of SARIF that a log is made of, with the members that it uses. None holds an empty string, which GitHub refuses.
type (
	message struct {
		Text string `json:"text"`
	}
	result struct {
		RuleID              string            `json:"ruleId"`
		RuleIndex           int               `json:"ruleIndex"`
		Level               string            `json:"level"`
		Message             message           `json:"message"`
		Locations           []location        `json:"locations"`
		PartialFingerprints map[string]string `json:"partialFingerprints"`
		BaselineState       string            `json:"baselineState"`
		Suppressions        []suppression     `json:"suppressions,omitempty"`
		Properties          properties        `json:"properties"`
	}
	location struct {
		Physical *physicalLocation `json:"physicalLocation,omitempty"`
		Logical  []logicalLocation `json:"logicalLocations"`
	}
	physicalLocation struct {
		Artifact artifactLocation `json:"artifactLocation"`
		Region   region           `json:"region"`
	}
	artifactLocation struct {
		URI       string `json:"uri"`
		URIBaseID string `json:"uriBaseId"`
	}
	region struct {
		StartLine int `json:"startLine"`
	}
	logicalLocation struct {
		Name               string `json:"name"`
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
	suppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	properties struct {
		Severity  string   `json:"severity"`
		Group     string   `json:"group,omitempty"`
		Detail    []string `json:"detail,omitempty"`
		Confirmed bool     `json:"confirmed"`
	}
	invocation struct {
		ExecutionSuccessful bool           `json:"executionSuccessful"`
		ExitCode            int            `json:"exitCode"`
		Start               string         `json:"startTimeUtc,omitempty"`
		End                 string         `json:"endTimeUtc,omitempty"`
		Notifications       []notification `json:"toolExecutionNotifications"`
	}
	notification struct {
		Descriptor map[string]string `json:"descriptor"`
		Level      string            `json:"level"`
		Message    message           `json:"message"`
	}
)

func (i *invocation) add(id, level, text string) {
	i.Notifications = append(i.Notifications, notification{map[string]string{"id": id}, level, message{plain(text)}})
}

func resultOf(f *rules.Finding, place ci.Place) result {
	sev := levelOf(f.Severity)
	out := result{
		RuleID: ruleID(f.Rule), Level: sev.level, Message: message{plain(messageText(f))},
		// GitHub tells alerts apart by the first; it must not hang on a line, or an edit above would close and open them.
		PartialFingerprints: map[string]string{"primaryLocationLineHash": ci.Hash(f.Fingerprint)[:16] + ":1", "muster/v1": orDash(quote.Line(f.Fingerprint, maxText))},
		Properties:          properties{Severity: f.Severity.String(), Group: quote.Line(f.Group, ci.MaxName), Detail: ci.Detail(f), Confirmed: f.Confirmed},
	}
	key := orDash(quote.Line(f.Asset.Key, maxText))
	name := quote.Line(f.Asset.Name, ci.MaxName)
	if name == "" {
		name = key
	}
	at := location{Logical: []logicalLocation{{Name: name, FullyQualifiedName: key, Kind: "resource"}}}
	if declared := quote.Line(report.Place(f.Origin), maxText); f.Origin.Address != "" && declared != "" {
		at.Logical = append(at.Logical, logicalLocation{Name: orDash(quote.Line(f.Origin.Address, ci.MaxName)), FullyQualifiedName: declared, Kind: "resource"})
	}
	if place.File != "" {
		at.Physical = &physicalLocation{artifactLocation{uri(place.File), "%SRCROOT%"}, region{place.LineOrFirst()}}
	}
	out.Locations = []location{at}
	return out
}

func messageText(f *rules.Finding) string {
	text := ci.Message(f)
	if fix := quote.Line(f.Fix, maxText); fix != "" {
		text += " Fix: " + fix
	}
	return quote.Line(text, maxText)
}

func suppressionOf(a *rules.Accepted) []suppression {
	why := "accepted by " + quote.Line(a.By, ci.MaxName) + ": " + quote.Line(a.Reason, maxText)
	if a.Owner != "" {
		why += ", owner " + quote.Line(a.Owner, ci.MaxName)
	}
	if a.Expires != "" {
		why += ", until " + quote.Line(a.Expires, ci.MaxName)
	}
	return []suppression{{"external", "accepted", why}}
}

// plain escapes what would be a link in a message of plain text (SARIF 3.11.6).
func plain(s string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(s)
}

// uri returns a relative reference to a path (RFC 3986).
func uri(file string) string {
	segments := strings.Split(file, "/")
	for i, s := range segments {
		segments[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A")
	}
	return strings.Join(segments, "/")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// levels of a severity: in SARIF, and the score by which GitHub sorts security alerts.
type levels struct{ level, score, problem string }

func levelOf(s rules.Severity) levels {
	switch s {
	case rules.Critical:
		return levels{"error", "9.5", "error"}
	case rules.High:
		return levels{"error", "8.0", "error"}
	case rules.Medium:
		return levels{"warning", "5.5", "warning"}
	case rules.Low:
		return levels{"note", "2.5", "recommendation"}
	}
	return levels{"note", "0.1", "recommendation"} // 0.0 would be no security alert at all
}

type reportingDescriptor struct {
	ID         string                 `json:"id"`
	Name       string                 `json:"name"`
	Short      message                `json:"shortDescription"`
	Full       message                `json:"fullDescription"`
	Help       multiformat            `json:"help"`
	Default    reportingConfiguration `json:"defaultConfiguration"`
	Properties reportingDescriptorBag `json:"properties"`
}

type multiformat struct {
	Text string `json:"text"`
}

type reportingConfiguration struct {
	Level string `json:"level"`
}

type reportingDescriptorBag struct {
	Tags     []string `json:"tags"`
	Score    string   `json:"security-severity"`
	Severity string   `json:"problem.severity"`
	Pass     int      `json:"pass"`
	Fail     int      `json:"fail"`
	Unknown  int      `json:"unknown"`
}

// ruleList holds the rules of a run and where each stands.
type ruleList struct {
	list  []reportingDescriptor
	index map[string]int
}

// rulesOf lists the rules that the evaluation used, and those that a finding names without it.
func rulesOf(r *report.Report) ruleList {
	out := ruleList{index: map[string]int{}}
	for _, info := range r.Rules {
		out.add(info)
	}
	for i := range r.Findings {
		out.add(report.RuleInfo{ID: r.Findings[i].Rule, Severity: r.Findings[i].Severity})
	}
	for i := range r.Accepted {
		out.add(report.RuleInfo{ID: r.Accepted[i].Finding.Rule, Severity: r.Accepted[i].Finding.Severity})
	}
	return out
}

func (l *ruleList) add(info report.RuleInfo) {
	if _, ok := l.index[info.ID]; ok {
		return
	}
	l.index[info.ID] = len(l.list)
	l.list = append(l.list, descriptorOf(info))
}

func descriptorOf(info report.RuleInfo) reportingDescriptor {
	id, sev := ruleID(info.ID), levelOf(info.Severity)
	title, help := quote.Line(info.Title, maxText), quote.Text(info.Help, maxText)
	if title == "" {
		title = id
	}
	if help == "" {
		help = title
	}
	family, _, _ := strings.Cut(id, "/")
	return reportingDescriptor{
		ID: id, Name: quote.Line(id, ci.MaxName), Short: message{plain(title)}, Full: message{plain(title)}, Help: multiformat{plain(help)},
		Default: reportingConfiguration{sev.level},
		Properties: reportingDescriptorBag{
			Tags: []string{"security", "muster", orDash(family)}, Score: sev.score, Severity: sev.problem,
			Pass: info.Pass, Fail: info.Fail, Unknown: info.Unknown,
		},
	}
}

func ruleID(id string) string { return orDash(quote.Line(id, ci.MaxName)) }
