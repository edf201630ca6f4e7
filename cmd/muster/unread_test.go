//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
)

// The estate of TestUnread: every source holds something that is found at fault, and something that would be found at
// fault, or would no longer be, if what another source says were forgotten.
const (
	unreadConfig = `sources:
  - {name: live, collector: exec, paths: [live.ndjson], covers: {types: ["AWS::*"], accounts: ["111122223333"]}}
  - {name: agent, collector: exec, command: [sh, agent.sh], timeout: TIMEOUT, covers: {types: ["datacenter/*"], accounts: [dc1]}}
  - {name: infra, collector: terraform, paths: ["*.tfstate"]}
  - name: dc
    collector: cmdb
    paths: [register.csv]
    columns: {name: Hostname, serial: Serial, account: Site}
    tags: {owner: Owner}
    covers: {types: ["datacenter/*"], accounts: [dc1]}
policy: [policy.yaml]
gate: {fail_on: never}
scan: {attempts: 1}
`
	unreadPolicy = "version: 1\ntags:\n  - {id: owner, keys: [owner], required: true}\n"
	unreadAgent  = "head -40 agent.ndjson\ncat half 2>/dev/null && exit 1\n[ -e stuck ] && sleep 600\ntail -n +41 agent.ndjson\n"
)

func unreadState(names ...string) string {
	var list []string
	for _, n := range names {
		list = append(list, fmt.Sprintf(`{"mode":"managed","type":"aws_sqs_queue","name":%[1]q,"provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"schema_version":0,"attributes":{"arn":"arn:aws:sqs:eu-west-1:111122223333:%[1]s","id":"https://sqs.eu-west-1.amazonaws.com/111122223333/%[1]s","name":%[1]q,"visibility_timeout_seconds":30,"tags":{"owner":"payments"},"tags_all":{"owner":"payments"}}}]}`, n))
	}
	return fmt.Sprintf(`{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"lineage-of-%s","outputs":{},"resources":[`+"\n%s\n]}\n", names[0], strings.Join(list, ",\n"))
}

func unreadHouse(t *testing.T) *house {
	var live, agent, register strings.Builder
	for i, name := range []string{"orders", "byhand", "refunds"} {
		fmt.Fprintf(&live, `{"key":"arn:aws:sqs:eu-west-1:111122223333:%s","type":"AWS::SQS::Queue","name":%q,"account":"111122223333","region":"eu-west-1","tags":{%s},"attributes":{"VisibilityTimeout":%d}}`+"\n",
			name, name, []string{`"owner":"payments"`, "", `"owner":"payments"`}[i], []int{60, 30, 30}[i])
	}
	register.WriteString("Hostname,Serial,Site,Owner\n")
	for i := range 60 {
		owner := []string{"platform", ""}[i%2]
		if i < 58 { // two in the register alone
			fmt.Fprintf(&agent, `{"key":"agent/h%02d","type":"datacenter/server","name":"h%02d","account":"dc1","tags":{%s},"identifiers":[{"kind":"serial","value":"SN%05dX"}]}`+"\n",
				i, i, strings.TrimSuffix(`"owner":"`+owner+`"`, `"owner":""`), i)
		}
		if i > 1 { // two seen, and not in the register
			fmt.Fprintf(&register, "h%02d,SN%05dX,dc1,%s\n", i, i, owner)
		}
	}
	return newHouse(t, map[string]string{
		"muster.yaml": strings.Replace(unreadConfig, "TIMEOUT", "1m", 1), "policy.yaml": unreadPolicy, "agent.sh": unreadAgent,
		"live.ndjson": live.String(), "agent.ndjson": agent.String(), "register.csv": register.String(),
		"a.tfstate": unreadState("orders", "gone"), "b.tfstate": unreadState("refunds", "lost"),
	})
}

// audit audits and returns the report.
func (h *house) audit(code int, args ...string) *report.Report {
	h.t.Helper()
	out, _ := h.run(code, append([]string{"audit", "--format", "json"}, args...)...)
	var r report.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		h.t.Fatal(err)
	}
	return &r
}

func (h *house) replace(name, old, new string) {
	h.t.Helper()
	text := string(h.read(name))
	if !strings.Contains(text, old) {
		h.t.Fatalf("%s lacks %q", name, old)
	}
	h.write(name, strings.Replace(text, old, new, 1))
}

func (h *house) remove(name string) {
	h.t.Helper()
	if err := os.Remove(h.path(name)); err != nil {
		h.t.Fatal(err)
	}
}

// cut leaves the first part of a file.
func (h *house) cut(name string, part float64) {
	h.t.Helper()
	text := h.read(name)
	h.write(name, string(text[:int(float64(len(text))*part)]))
}

// TestUnread breaks each source in each way in which it may break. No finding may come or go for it, the report shows what
// was not read, and the exit code is 3; mended, all is as before.
func TestUnread(t *testing.T) {
	for _, tt := range []struct {
		name   string
		break_ func(h *house)
		args   []string
		code   int
		source string
		state  inventory.RunState // "" if the source has no scope any more
	}{
		{name: "file gone", break_: func(h *house) { h.remove("live.ndjson") }, code: 3, source: "live", state: inventory.RunFailed},
		{name: "file empty", break_: func(h *house) { h.write("live.ndjson", "") }, code: 3, source: "live", state: inventory.RunFailed},
		{name: "file cut", break_: func(h *house) { h.cut("live.ndjson", 0.9) }, code: 3, source: "live", state: inventory.RunPartial},
		{name: "glob matches nothing", break_: func(h *house) { h.remove("a.tfstate"); h.remove("b.tfstate") }, code: 3, source: "infra", state: inventory.RunFailed},
		{name: "state cut", break_: func(h *house) { h.cut("b.tfstate", 0.7) }, code: 3, source: "infra", state: inventory.RunPartial},
		{name: "state is no JSON", break_: func(h *house) { h.write("b.tfstate", "<html>") }, code: 3, source: "infra", state: inventory.RunFailed},
		{name: "program fails half-way", break_: func(h *house) { h.write("half", "") }, code: 3, source: "agent", state: inventory.RunPartial},
		{name: "program fails at once", break_: func(h *house) { h.write("agent.sh", "echo no credentials >&2; exit 1") }, code: 3, source: "agent", state: inventory.RunFailed},
		{name: "program gone", break_: func(h *house) { h.replace("muster.yaml", "sh, agent.sh", "./no-such-program") }, code: 3, source: "agent", state: inventory.RunFailed},
		{name: "program hangs", break_: func(h *house) {
			h.write("stuck", "")
			h.replace("muster.yaml", "timeout: 1m", "timeout: 300ms")
		}, code: 3, source: "agent", state: inventory.RunPartial},
		{name: "program prints too much", break_: func(h *house) { h.replace("muster.yaml", "timeout: 1m", "timeout: 1m, max_output: 2KB") }, code: 3, source: "agent", state: inventory.RunPartial},
		{name: "register cut in mid-row", break_: func(h *house) { h.cut("register.csv", 0.94) }, code: 3, source: "dc", state: inventory.RunPartial},
		{name: "register lost 60 % of its rows", break_: func(h *house) { h.cut("register.csv", 0.4) }, code: 3, source: "dc", state: inventory.RunPartial},
		{name: "register lost its columns", break_: func(h *house) { h.replace("register.csv", "Serial", "SN") }, code: 3, source: "dc", state: inventory.RunFailed},
		{name: "register gone", break_: func(h *house) { h.remove("register.csv") }, code: 3, source: "dc", state: inventory.RunFailed},
		{name: "other sources alone", args: []string{"--source", "live", "--source", "infra"}, code: 0, source: "agent", state: inventory.RunSkipped},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := unreadHouse(t)
			first := h.audit(0)
			if n := first.Summary.New; n < 8 {
				t.Fatalf("%d findings: the estate tests little", n)
			}
			before := h.files()
			if tt.break_ != nil {
				tt.break_(h)
			}
			broken := h.audit(tt.code, tt.args...)
			unchanged(t, "broken", broken)
			shown(t, broken, tt.source, tt.state)
			for name, text := range before {
				h.write(name, text)
			}
			if err := os.RemoveAll(h.path("stuck")); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(h.path("half")); err != nil {
				t.Fatal(err)
			}
			unchanged(t, "mended", h.audit(0))
		})
	}
}

// files returns the sources and the config.
func (h *house) files() map[string]string {
	out := map[string]string{}
	for _, name := range []string{"muster.yaml", "agent.sh", "live.ndjson", "register.csv", "a.tfstate", "b.tfstate"} {
		out[name] = string(h.read(name))
	}
	return out
}

// unchanged checks that no finding about an asset came or went. One about the broken export itself may.
func unchanged(t *testing.T, when string, r *report.Report) {
	t.Helper()
	for _, f := range r.Findings {
		if f.Asset.Book != "" && f.State != inventory.FindingOpen {
			t.Errorf("%s: %s %s of %s: %s", when, f.State, f.Rule, f.Asset.Key, f.Message)
		}
	}
}

// shown checks that the report says what was not read.
func shown(t *testing.T, r *report.Report, source string, state inventory.RunState) {
	t.Helper()
	for _, s := range r.Scopes {
		if s.Source == source && s.State == state && s.Error != "" {
			return
		}
	}
	t.Errorf("the report does not show that %s is %s: %+v", source, state, r.Scopes)
}

// TestRetired takes one of several files, then a source, out of what is read. Their assets are retired, which is the
// end of what is known of them and not of the things: nothing is called missing or a ghost for it.
func TestRetired(t *testing.T) {
	h := unreadHouse(t)
	h.audit(0)
	h.remove("b.tfstate")
	noLoss(t, h.audit(0))
	wantRetired(t, h, "lost")
	h.replace("muster.yaml", "  - {name: live, collector: exec, paths: [live.ndjson], covers: {types: [\"AWS::*\"], accounts: [\"111122223333\"]}}\n", "")
	noLoss(t, h.audit(0))
	wantRetired(t, h, "byhand")
}

func noLoss(t *testing.T, r *report.Report) {
	t.Helper()
	for _, f := range r.Findings {
		if f.State == inventory.FindingNew && f.Rule != "drift/unmanaged" {
			t.Errorf("%s of %s is new: %s", f.Rule, f.Asset.Key, f.Message)
		}
	}
}

// wantRetired checks that the last scan retired an asset and ended none.
func wantRetired(t *testing.T, h *house, name string) {
	t.Helper()
	changes, _ := h.run(0, "diff", "--format", "csv")
	if !strings.Contains(changes, name) || !strings.Contains(changes, "retired,") || strings.Contains(changes, "ended,") {
		t.Errorf("%s is not retired:\n%s", name, changes)
	}
}
