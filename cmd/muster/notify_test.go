//go:build unix

package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	// notifyKey signs the messages of these tests; notifyPath is what nobody may read but the server.
	notifyKey  = "0123456789abcdef0123456789abcdef"
	notifyPath = "/services/T000/B000/planted-secret"

	notifyConfig = `sources:
  - {name: live, collector: exec, paths: [live.ndjson]}
policy: [policy.yaml]
gate: {fail_on: never, incomplete: warn}
reports: [{format: json, output: muster.json}]
notify:
  - {type: webhook, url_env: HOOK_URL, secret_env: HOOK_SECRET}
  - {type: slack, url_env: SLACK_URL, owners: [payments]}
`
	notifyPolicy = "version: 1\ntags:\n  - {id: env, keys: [env], required: true, severity: high}\n"
	queueA       = `{"key":"arn:aws:sqs:eu-west-1:111122223333:a","type":"AWS::SQS::Queue","name":"a","tags":{"owner":"payments"}}` + "\n"
	queueB       = `{"key":"arn:aws:sqs:eu-west-1:111122223333:b","type":"AWS::SQS::Queue","name":"<!channel> b","tags":{"owner":"search"}}` + "\n"
	taggedB      = `{"key":"arn:aws:sqs:eu-west-1:111122223333:b","type":"AWS::SQS::Queue","name":"b","tags":{"owner":"search","env":"prod"}}` + "\n"
)

// posted is a request that a hook got.
type posted struct {
	path   string
	header http.Header
	body   string
}

// hook is a server that takes messages.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	got    []posted
}

func newHook(t *testing.T) *hook {
	h := &hook{status: http.StatusOK}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.got = append(h.got, posted{r.URL.Path, r.Header, string(body)})
		w.WriteHeader(h.status)
		_, _ = io.WriteString(w, "planted-secret is no_service")
	}))
	t.Cleanup(h.Close)
	t.Setenv("HOOK_URL", h.URL+"/hook"+notifyPath)
	t.Setenv("SLACK_URL", h.URL+"/slack"+notifyPath)
	t.Setenv("HOOK_SECRET", "whsec_"+base64.StdEncoding.EncodeToString([]byte(notifyKey)))
	return h
}

func (h *hook) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

// take returns what came to a path since the last time.
func (h *hook) take(t *testing.T) map[string]posted {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[string]posted{}
	for _, p := range h.got {
		name := strings.TrimSuffix(p.path, notifyPath)
		if _, twice := out[name]; twice || name == p.path {
			t.Errorf("unexpected message to %s: %s", p.path, p.body)
		}
		out[name] = p
	}
	h.got = nil
	return out
}

// verified reports whether the signature of a message is that of its key, as a receiver finds it out.
func verified(p posted) bool {
	mac := hmac.New(sha256.New, []byte(notifyKey))
	mac.Write([]byte(p.header.Get("webhook-id") + "." + p.header.Get("webhook-timestamp") + "." + p.body))
	return p.header.Get("webhook-signature") == "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// digest is what a test looks at of a webhook.
type digest struct {
	Type string
	Data struct {
		New, Resolved struct{ Total int }
		Unread        struct{ Sources int }
	}
}

func (p posted) digest(t *testing.T) digest {
	t.Helper()
	var d digest
	if err := json.Unmarshal([]byte(p.body), &d); err != nil || d.Type != "muster.digest" {
		t.Fatalf("%v: %s", err, p.body)
	}
	return d
}

func notifyHouse(t *testing.T) *house {
	return newHouse(t, map[string]string{"muster.yaml": notifyConfig, "policy.yaml": notifyPolicy, "live.ndjson": queueA + queueB})
}

// TestNotify goes through four nights: all is new, nothing is, one thing is mended, and nothing can be read.
func TestNotify(t *testing.T) {
	server, h := newHook(t), notifyHouse(t)
	_, errText := h.run(0, "audit", "--format", "none")
	got := server.take(t)
	first, slack := got["/hook"], got["/slack"]
	if d := first.digest(t); len(got) != 2 || d.Data.New.Total != 2 || d.Data.Resolved.Total != 0 || !verified(first) {
		t.Errorf("first night: %+v, signed %v\n%s", d, verified(first), first.body)
	}
	for _, want := range []string{"*Owner* `payments`: 1 new, 0 resolved", "*1 new* (1 high)"} {
		if !strings.Contains(slack.body, want) || strings.Contains(slack.body, "search") || slack.header.Get("Webhook-Signature") != "" {
			t.Errorf("Slack is told %s", slack.body)
		}
	}
	if !strings.Contains(errText, "notify[0] (webhook): sent: gate passed, 2 new, 0 resolved") {
		t.Errorf("standard error: %s", errText)
	}

	printed, _ := h.run(0, "notify", "--dry-run")
	if want := first.body + "\n" + slack.body + "\n"; printed != want || len(server.take(t)) > 0 {
		t.Errorf("the dry run prints %s, want %s", printed, want)
	}
	h.run(0, "notify")
	if again := server.take(t)["/hook"]; again.body != first.body || again.header.Get("webhook-id") != first.header.Get("webhook-id") {
		t.Errorf("sent again: %s, %v", again.body, again.header)
	}

	_, errText = h.run(0, "audit", "--format", "none")
	if got := server.take(t); len(got) > 0 || !strings.Contains(errText, "notify[0] (webhook): nothing sent: there is nothing to tell") {
		t.Errorf("second night: %v\n%s", got, errText)
	}
	h.write("live.ndjson", queueA+taggedB)
	h.run(0, "audit", "--format", "none")
	got = server.take(t)
	if d := got["/hook"].digest(t); len(got) != 1 || d.Data.New.Total != 0 || d.Data.Resolved.Total != 1 || got["/hook"].header.Get("webhook-id") == first.header.Get("webhook-id") {
		t.Errorf("third night: %+v of %d", d, len(got))
	}
	notifyUnread(t, server, h)
}

// notifyUnread: what could not be read is not resolved, and of those who want to know of it nobody is left out.
func notifyUnread(t *testing.T, server *hook, h *house) {
	t.Helper()
	if err := os.Remove(h.path("live.ndjson")); err != nil {
		t.Fatal(err)
	}
	h.run(0, "audit", "--format", "none")
	if got := server.take(t); len(got) > 0 {
		t.Errorf("a source that cannot be read makes a message: %v", got)
	}
	h.write("muster.yaml", strings.Replace(notifyConfig, "secret_env: HOOK_SECRET", "secret_env: HOOK_SECRET, on: [resolved, unread]", 1))
	h.run(0, "notify")
	if d := server.take(t)["/hook"].digest(t); d.Data.Resolved.Total != 0 || d.Data.Unread.Sources != 1 {
		t.Errorf("%+v", d)
	}
}

// TestNotifyFails: a target that takes nothing changes no exit code unless it is required, and no part of its address is told.
func TestNotifyFails(t *testing.T) {
	server := newHook(t)
	server.answer(http.StatusNotFound)
	gated := strings.Replace(notifyConfig, "fail_on: never", "fail_on: high", 1)
	required := strings.Replace(notifyConfig, "secret_env: HOOK_SECRET", "secret_env: HOOK_SECRET, required: true", 1)
	for _, tt := range []struct {
		name, config string
		code         int
	}{{"passed", notifyConfig, 0}, {"gate failed", gated, 1}, {"required", required, 2}} {
		t.Run(tt.name, func(t *testing.T) {
			h := notifyHouse(t)
			h.write("muster.yaml", tt.config)
			out, errText := h.run(tt.code, "audit", "--log-level", "debug", "--log-format", "json")
			for _, want := range []string{"notify[0] (webhook): HTTP status 404: nothing takes messages there any more", "notify[1] (slack): HTTP status 404", "muster notify sends it again"} {
				if !strings.Contains(errText, want) {
					t.Errorf("no %q in\n%s", want, errText)
				}
			}
			if len(server.take(t)) != 2 {
				t.Error("not every target was asked")
			}
			_, again := h.run(2, "notify")
			server.take(t)
			h.tellsNothing(out, errText, again)
		})
	}
}

// tellsNothing holds that no secret of the targets is in any text, nor in any file that the program wrote.
func (h *house) tellsNothing(texts ...string) {
	h.t.Helper()
	if err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			texts = append(texts, string(h.read(strings.TrimPrefix(path, h.dir))))
		}
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	for _, text := range texts {
		for _, secret := range []string{"planted-secret", "T000", "127.0.0.1", base64.StdEncoding.EncodeToString([]byte(notifyKey)), notifyKey} {
			if at := strings.Index(text, secret); at >= 0 {
				h.t.Errorf("%q is told: %.200q", secret, text[max(0, at-100):])
			}
		}
	}
}

// TestNotifyChecksFirst: what a required target lacks is told before anything is read; what another one lacks, at the end.
func TestNotifyChecksFirst(t *testing.T) {
	newHook(t)
	for name, value := range map[string]string{"HOOK_URL": "", "HOOK_SECRET": "planted-secret"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			h := notifyHouse(t)
			_, errText := h.run(0, "audit", "--format", "none")
			if !strings.Contains(errText, "notify[0] (webhook): "+map[string]string{"HOOK_URL": "url_env: the environment", "HOOK_SECRET": "secret_env: no secret of"}[name]) {
				t.Errorf("standard error: %s", errText)
			}
			h.tellsNothing(errText)
			h = notifyHouse(t)
			h.write("muster.yaml", strings.ReplaceAll(notifyConfig, "notify:\n  - {", "notify:\n  - {required: true, "))
			_, errText = h.run(2, "audit", "--format", "none")
			if _, err := os.Stat(h.path("muster.db")); err == nil || !strings.HasPrefix(errText, "muster: notify[0] (webhook): ") {
				t.Errorf("store: %v, standard error: %s", err, errText)
			}
			h.run(0, "audit", "--format", "none", "--no-notify")
		})
	}
}

// TestNotifyAfterReports: whoever is told finds the reports of the same scan.
func TestNotifyAfterReports(t *testing.T) {
	h := notifyHouse(t)
	var seen []byte
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen, _ = os.ReadFile(h.path("muster.json")) }))
	t.Cleanup(s.Close)
	h.write("muster.yaml", notifyConfig[:strings.Index(notifyConfig, "notify:")]+"notify:\n  - {type: webhook, url: \""+s.URL+"\"}\n")
	_, errText := h.run(0, "audit", "--format", "none")
	if !bytes.Contains(seen, []byte("muster.report/v1")) {
		t.Error("the report was not there yet")
	}
	if want := "notify[0] (webhook, " + strings.TrimPrefix(s.URL, "http://") + "): sent: "; !strings.Contains(errText, want) {
		t.Errorf("no %q in %s", want, errText)
	}
}
