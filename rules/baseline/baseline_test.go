package baseline

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/strictyaml"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	instanceKey = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"
	bucketKey   = "arn:aws:s3:::acme-logs"
)

func finding(rule, key string, state inventory.FindingState, parts ...string) rules.Finding {
	f := rules.Finding{Fingerprint: rules.Fingerprint(rule, key), Rule: rule, State: state, Asset: rules.AssetRef{Key: key}}
	for _, p := range parts {
		f.Parts = append(f.Parts, rules.Part{Name: p})
	}
	return f
}

func note(owner string, expires rules.Date) Note {
	return Note{Reason: "resized for the sale", Owner: owner, Expires: expires}
}

// sample accepts two findings of one asset and one of another, whose day is over.
func sample() *Baseline {
	b := New("muster-baseline.yaml").Accept([]rules.Finding{
		finding("drift/changed", instanceKey, inventory.FindingNew, "InstanceType", "EbsOptimized"),
		finding("drift/unmanaged", instanceKey, inventory.FindingOpen),
	}, note("payments", "2026-03-01"), now)
	return b.Accept([]rules.Finding{finding("tags/owner", bucketKey, inventory.FindingOpen, "owner")}, note("search", "2026-02-28"), now)
}

func encode(t testing.TB, b *Baseline) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Encode(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGolden(t *testing.T) {
	got := encode(t, sample())
	path := filepath.Join("testdata", "baseline.yaml")
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, b := range []*Baseline{New("b.yaml"), sample()} {
		text := encode(t, b)
		parsed, err := Parse("b.yaml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(string(text), string(encode(t, parsed))); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAccepts(t *testing.T) {
	b := sample()
	a, ok := b.Accepts(rules.Fingerprint("drift/changed", instanceKey), now)
	want := rules.Acceptance{
		By: "baseline", Reason: "resized for the sale", Owner: "payments", Expires: "2026-03-01",
		Parts: []string{"EbsOptimized", "InstanceType"},
	}
	if !ok || a.By != want.By || a.Reason != want.Reason || a.Owner != want.Owner || a.Expires != want.Expires || !cmp.Equal(a.Parts, want.Parts) {
		t.Errorf("got %+v, %v", a, ok)
	}
	if _, ok := b.Accepts(rules.Fingerprint("drift/changed", instanceKey), now.Add(12*time.Hour)); ok {
		t.Error("accepts after its last day")
	}
	if _, ok := b.Accepts(rules.Fingerprint("tags/owner", bucketKey), now); ok {
		t.Error("an expired entry accepts")
	}
	if _, ok := b.Accepts(rules.Fingerprint("drift/changed", bucketKey), now); ok {
		t.Error("accepts what is not there")
	}
}

func TestExpired(t *testing.T) {
	b, err := Parse("muster-baseline.yaml", encode(t, sample()))
	if err != nil {
		t.Fatal(err)
	}
	got := b.Expired(now)
	if len(got) != 1 || got[0].Key != "muster-baseline.yaml#"+rules.Fingerprint("tags/owner", bucketKey) || got[0].Origin.Line == 0 {
		t.Errorf("got %+v", got)
	}
	if all := b.Expired(now.AddDate(1, 0, 0)); len(all) != 3 {
		t.Errorf("a year later: %+v", all)
	}
}

func TestAccept(t *testing.T) {
	b := sample().Accept([]rules.Finding{
		finding("drift/changed", instanceKey, inventory.FindingNew, "ImageId"),    // a further part
		finding("tags/owner", bucketKey, inventory.FindingOpen, "owner", "Owner"), // expired before
		finding("tags/env", bucketKey, inventory.FindingResolved),
		finding("policy/expired-exemption", "policy.yaml#exempt[0]", inventory.FindingNew),
	}, note("platform", "2027-01-31"), now)
	var got []string
	for _, e := range b.Entries() {
		got = append(got, fmt.Sprintf("%s %s %s %s", e.Rule, e.Owner, e.Expires, strings.Join(e.Parts, "+")))
	}
	want := []string{
		"drift/changed payments 2026-03-01 EbsOptimized+ImageId+InstanceType", "drift/unmanaged payments 2026-03-01 ",
		"tags/owner platform 2027-01-31 Owner+owner",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(sample().Entries()[0].Parts) != 2 {
		t.Error("the receiver was changed")
	}
}

func TestPrune(t *testing.T) {
	ev := &rules.Evaluation{
		Findings: []rules.Finding{
			finding("drift/unmanaged", instanceKey, inventory.FindingResolved),
			finding("tags/owner", bucketKey, inventory.FindingOpen),
		},
		Accepted: []rules.Accepted{{By: By, Finding: finding("drift/changed", instanceKey, inventory.FindingAccepted)}},
	}
	kept, dropped := sample().Prune(ev, now)
	if len(kept.Entries()) != 1 || kept.Entries()[0].Rule != "drift/changed" {
		t.Errorf("kept %+v", kept.Entries())
	}
	if len(dropped) != 2 || dropped[0].Rule != "drift/unmanaged" || dropped[1].Rule != "tags/owner" {
		t.Errorf("dropped %+v", dropped)
	}
}

// TestUnconfirmedIsNotPruned holds the promise that ignorance takes nothing away: what could not be judged again is
// still there.
func TestUnconfirmedIsNotPruned(t *testing.T) {
	unconfirmed := finding("drift/changed", instanceKey, inventory.FindingOpen)
	unconfirmed.Confirmed = false
	kept, _ := sample().Prune(&rules.Evaluation{Findings: []rules.Finding{unconfirmed}}, now)
	if len(kept.Entries()) != 1 {
		t.Errorf("kept %+v", kept.Entries())
	}
}

func TestProblems(t *testing.T) {
	print := rules.Fingerprint("tags/owner", bucketKey)
	text := `version: 1
accepted:
  - fingerprint: ` + print + `
    rule: tags/owner
    key: ` + bucketKey + `
    parts: [owner, owner, ""]
    reason: legacy
    owner: payments
    expires: 2027-01-31
  - fingerprint: ` + print + `
    rule: tags/owner
    key: ` + bucketKey + `
    resaon: legacy
  - fingerprint: ` + print + `
    rule: tags/env
    key: ` + bucketKey + `
    reason: legacy
    owner: payments
    expires: tomorrow
  - {fingerprint: abc, rule: tags/env, key: x, reason: legacy, owner: payments, expires: 2027-01-31}
`
	want := []string{
		`b.yaml:6:20: accepted[0].parts[1]: "owner" is there twice: keep one`,
		`b.yaml:6:27: accepted[0].parts[2]: missing: the name of an attribute or tag`,
		`b.yaml:10:5: accepted[1].reason: missing: why it is accepted`,
		`b.yaml:10:5: accepted[1].owner: missing: who answers for it`,
		`b.yaml:10:5: accepted[1].expires: missing: the last day on which it holds, such as 2027-01-31`,
		`b.yaml:10:18: accepted[1].fingerprint: the same finding is accepted on line 3: keep one`,
		`b.yaml:13:5: accepted[1].resaon: unknown key: did you mean "reason"?`,
		`b.yaml:14:18: accepted[2].fingerprint: it does not belong to this rule and key: ` + rules.Fingerprint("tags/env", bucketKey) + ` does`,
		`b.yaml:19:14: accepted[2].expires: "tomorrow" is no date: write YYYY-MM-DD, such as 2027-01-31`,
		`b.yaml:20:19: accepted[3].fingerprint: "abc" is no fingerprint: write the 32 digits that reports show`,
	}
	_, err := Parse("b.yaml", []byte(text))
	if err == nil {
		t.Fatal("no problems")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Error(diff)
	}
	if _, err := Parse("b.yaml", nil); err == nil || !strings.Contains(err.Error(), "write version: 1") {
		t.Errorf("an empty file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(encode(f, sample())))
	f.Add("version: 1\naccepted: [{fingerprint: x}]\n")
	f.Add("[]")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := Parse("b.yaml", []byte(text))
		if err != nil {
			var problems strictyaml.Problems
			if b != nil || !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		first := encode(t, b)
		again, err := Parse("b.yaml", first)
		if err != nil {
			t.Fatalf("%q is written as %q: %v", text, first, err)
		}
		if second := encode(t, again); !bytes.Equal(first, second) {
			t.Fatalf("%q and then %q", first, second)
		}
	})
}
