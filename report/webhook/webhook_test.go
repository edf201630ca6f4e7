package webhook

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/notify"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/rules"
)

var update = flag.Bool("update", false, "write golden files anew")

func body(t testing.TB, r *report.Report) []byte {
	t.Helper()
	d, _ := notify.Of(r, notify.Filter{Always: true})
	text, err := Body(d)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func decode(t testing.TB, text []byte) message {
	t.Helper()
	var m message
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return m
}

func TestGolden(t *testing.T) {
	var b bytes.Buffer
	if err := json.Indent(&b, body(t, reporttest.Small()), "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	reporttest.Golden(t, "small.json", b.Bytes(), *update)
}

func TestSameDigestSameBytesSameID(t *testing.T) {
	for name, build := range reporttest.Fixtures() {
		one, two := body(t, build()), body(t, build())
		if !bytes.Equal(one, two) || ID(one) != ID(two) {
			t.Errorf("%s: two bodies", name)
		}
	}
	r := reporttest.Small()
	r.Scan.ID++
	if ID(body(t, r)) == ID(body(t, reporttest.Small())) {
		t.Error("two scans have one id")
	}
}

// crowd is a report of very many findings of very many owners, with names of megabytes.
func crowd(owners, findings int) *report.Report {
	r := reporttest.Hostile()
	long := strings.Repeat(`"\<&`, 1<<20)
	for i := range findings {
		name := fmt.Sprint("team-", i%owners)
		if i < 3 {
			name = long
		}
		r.Findings = append(r.Findings, rules.Finding{
			State: inventory.FindingNew, Severity: rules.High, Owner: name, Rule: long, Message: long, Fingerprint: long,
			Asset: rules.AssetRef{Key: long, Type: inventory.Type(long), Name: long, Account: long, Region: long, Source: long},
		})
	}
	for i := range r.Scopes {
		r.Scopes[i].State, r.Scopes[i].Error, r.Scopes[i].Source = inventory.RunFailed, long, fmt.Sprint(i, long)
	}
	r.Gate.Reasons = []string{long, long, long, long, long, long, long}
	return r
}

func TestSizeIsBounded(t *testing.T) {
	reports := reporttest.Fixtures()
	reports["crowd"] = func() *report.Report { return crowd(1000, 3000) }
	reports["one owner"] = func() *report.Report { return crowd(1, 3000) }
	for name, build := range reports {
		r := build()
		text := body(t, r)
		if len(text) > MaxBody {
			t.Errorf("%s: %d bytes", name, len(text))
		}
		m := decode(t, text)
		listed := m.Data.LeftOff.Findings
		for _, o := range m.Data.Owners {
			listed += len(o.Findings)
		}
		if all := m.Data.New.Total + m.Data.Resolved.Total; listed != all {
			t.Errorf("%s: %d listed or counted, of %d", name, listed, all)
		}
		if strings.HasPrefix(name, "o") || name == "crowd" {
			if len(m.Data.Owners) == 0 || len(m.Data.Owners[0].Findings) == 0 {
				t.Errorf("%s: no room for any finding", name)
			}
		}
	}
}

// TestNobodyIsNull: who answers for nothing, or whom nobody can tell, is not somebody with an empty name.
func TestNobodyIsNull(t *testing.T) {
	r := &report.Report{Findings: []rules.Finding{
		{State: inventory.FindingNew, Severity: rules.High}, {State: inventory.FindingNew, Severity: rules.High, OwnerUnknown: "x"},
	}}
	if text := body(t, r); !bytes.Contains(text, []byte(`{"kind":"none","owner":null,"new":1,`)) || !bytes.Contains(text, []byte(`{"kind":"unknown","owner":null,"new":1,`)) {
		t.Errorf("%s", text)
	}
}

func TestUnreadIsTold(t *testing.T) {
	m := decode(t, body(t, reporttest.Small()))
	if m.Data.Unread.Sources != 3 || len(m.Data.Unread.Texts) != 3 || m.Data.Scan.Complete {
		t.Errorf("%+v", m.Data.Unread)
	}
}

func FuzzBody(f *testing.F) {
	for _, p := range reporttest.Payloads() {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := &report.Report{
			Gate: report.Gate{Reasons: []string{s}}, Scopes: []report.Scope{{Source: s, Scope: s, Error: s, State: inventory.RunFailed}},
			Findings: []rules.Finding{{
				State: inventory.FindingNew, Severity: rules.High, Owner: s, Rule: s, Message: s,
				Asset: rules.AssetRef{Key: s, Name: s, Type: inventory.Type(s), Account: s, Region: s},
			}},
		}
		text := body(t, r)
		decode(t, text)
		if len(text) > MaxBody || !utf8.Valid(text) {
			t.Errorf("%d bytes: %q", len(text), text)
		}
		for _, c := range string(text) {
			if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
				t.Errorf("raw %U in %q", c, text)
			}
		}
	})
}

// The example that implementations of Standard Webhooks test themselves with.
const (
	exampleSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	exampleID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	exampleTime      = 1614265330
	exampleBody      = `{"test": 2432232314}`
	exampleSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func TestSignature(t *testing.T) {
	one, err := ParseSecrets(exampleSecret + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := one.Sign(exampleID, time.Unix(exampleTime, 999), []byte(exampleBody)); got != exampleSignature {
		t.Errorf("signature %s, want %s", got, exampleSignature)
	}
	two, err := ParseSecrets("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA " + exampleSecret)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(two.Sign(exampleID, time.Unix(exampleTime, 0), []byte(exampleBody)))
	if len(got) != 2 || got[0] == got[1] || got[1] != exampleSignature {
		t.Errorf("signatures %v", got)
	}
}

func TestHeader(t *testing.T) {
	s, err := ParseSecrets(exampleSecret)
	if err != nil {
		t.Fatal(err)
	}
	at, text := time.Unix(exampleTime, 0), []byte(exampleBody)
	h := Header(s, at, text)
	for name, want := range map[string]string{
		"content-type": "application/json", "webhook-id": ID(text), "webhook-timestamp": "1614265330", "webhook-signature": s.Sign(ID(text), at, text),
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if h := Header(Secrets{}, at, text); h.Get("webhook-signature") != "" || len(h["Webhook-Signature"]) > 0 {
		t.Error("a signature without a secret")
	}
}

func TestBadSecrets(t *testing.T) {
	for _, text := range []string{
		"", "  ", "planted", "whsec_", "whsec_planted!", "whsec_cGxhbnRlZA==", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		exampleSecret + " planted", "whsec_" + strings.Repeat("AAAA", 22),
	} {
		_, err := ParseSecrets(text)
		if err == nil {
			t.Errorf("%q is taken", text)
			continue
		}
		for _, word := range strings.Fields(text) {
			if word != Prefix && strings.Contains(err.Error(), word) {
				t.Errorf("the error quotes %q: %v", word, err)
			}
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	s, err := ParseSecrets(exampleSecret)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, s); got != "(secret)" {
			t.Errorf("%s prints %s", format, got)
		}
	}
}
