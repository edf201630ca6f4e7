package inventorytest

import (
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// finding builds a record as an evaluation of a scan gives it.
func finding(scan inventory.Scan, fingerprint string, state inventory.FindingState, first time.Time) inventory.FindingRecord {
	return inventory.FindingRecord{
		Fingerprint: fingerprint, Rule: "tags/owner", Severity: "high", State: state, Source: "aws", Book: inventory.Observed,
		Type: "AWS::EC2::Instance", Key: "key of " + fingerprint, Name: "name", Account: "111122223333", Region: "eu-west-1",
		Message: "owner is missing", FirstSeen: first, LastSeen: scan.Started, Confirmed: true, Body: []byte(`{"parts":["owner"]}`),
	}
}

func sequence(list []inventory.FindingRecord) iter.Seq2[inventory.FindingRecord, error] {
	return func(yield func(inventory.FindingRecord, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func evaluation(scan inventory.Scan) inventory.Evaluation {
	return inventory.Evaluation{
		Scan: scan.ID, At: scan.Started.Add(time.Minute), PolicyDigest: "sha256:1", Complete: true, Summary: []byte(`{"entities":3}`),
		Coverage: []inventory.CoverageRow{
			{Measure: "tag", Name: "owner", Group: "account", Value: "111122223333", Pass: 3, Fail: 1, Unknown: 2},
			{Measure: "iac", Group: "all", Pass: 1},
		},
	}
}

// save stores an evaluation and checks that it reads back as it was given.
func save(t *testing.T, s inventory.Store, scan inventory.Scan, list ...inventory.FindingRecord) {
	t.Helper()
	if err := s.SaveEvaluation(t.Context(), evaluation(scan), sequence(list)); err != nil {
		t.Fatalf("save evaluation of scan %d: %v", scan.ID, err)
	}
	got, err := s.Evaluation(t.Context(), scan.ID)
	want(t, "evaluation error", err, nil)
	want(t, "evaluation", got, evaluation(scan))
	want(t, fmt.Sprintf("findings of scan %d", scan.ID), records(t, s.Findings(t.Context(), scan.ID)), append([]inventory.FindingRecord{}, list...))
}

func records(t *testing.T, list iter.Seq2[inventory.FindingRecord, error]) []inventory.FindingRecord {
	t.Helper()
	out := []inventory.FindingRecord{}
	for r, err := range list {
		if err != nil {
			t.Fatalf("read findings: %v", err)
		}
		out = append(out, r)
	}
	return out
}

// states renders findings as fingerprints and states.
func states(t *testing.T, list iter.Seq2[inventory.FindingRecord, error]) []string {
	t.Helper()
	out := []string{}
	for _, r := range records(t, list) {
		out = append(out, r.Fingerprint+" "+string(r.State))
	}
	return out
}

// scans runs empty scans and returns them.
func scans(t *testing.T, s inventory.Store, n int) []inventory.Scan {
	t.Helper()
	var list []inventory.Scan
	for range n {
		list = append(list, Finish(t, Begin(t, s)))
	}
	return list
}

func checkFindings(t *testing.T, s inventory.Store) {
	sc := scans(t, s, 5)
	_, err := s.Evaluation(t.Context(), 1)
	want(t, "no evaluation", errors.Is(err, inventory.ErrNotFound), true)
	for _, err := range s.Findings(t.Context(), 1) {
		want(t, "no findings", errors.Is(err, inventory.ErrNotFound), true)
	}
	first := sc[0].Started
	save(t, s, sc[0], finding(sc[0], "f1", inventory.FindingNew, first), finding(sc[0], "f2", inventory.FindingNew, first),
		finding(sc[0], "f3", inventory.FindingAccepted, first))
	want(t, "open before 1", states(t, s.OpenFindings(t.Context(), 1)), []string{})
	want(t, "open before 2", states(t, s.OpenFindings(t.Context(), 2)), []string{"f1 new", "f2 new", "f3 accepted"})

	steady := finding(sc[1], "f1", inventory.FindingOpen, first)
	resolved := finding(sc[1], "f2", inventory.FindingResolved, first)
	resolved.LastSeen = sc[0].Started
	save(t, s, sc[1], finding(sc[1], "f0", inventory.FindingNew, sc[1].Started), steady, resolved, finding(sc[1], "f3", inventory.FindingAccepted, first))
	want(t, "open before 3", states(t, s.OpenFindings(t.Context(), 3)), []string{"f0 new", "f1 open", "f3 accepted"})
	want(t, "open before 99", states(t, s.OpenFindings(t.Context(), 99)), []string{"f0 new", "f1 open", "f3 accepted"})
	want(t, "still open before 2", states(t, s.OpenFindings(t.Context(), 2)), []string{"f1 new", "f2 new", "f3 accepted"})

	// Scan 3 is not evaluated. In scan 4 one cannot be judged again, one is back, one changed.
	stale := finding(sc[3], "f1", inventory.FindingOpen, first)
	stale.Confirmed, stale.LastSeen = false, sc[1].Started
	changed := finding(sc[3], "f3", inventory.FindingAccepted, first)
	changed.Message, changed.Severity = "worse", "critical"
	save(t, s, sc[3], finding(sc[3], "f0", inventory.FindingOpen, sc[1].Started), stale, finding(sc[3], "f2", inventory.FindingNew, sc[3].Started), changed)
	stale.State = inventory.FindingOpen
	save(t, s, sc[4], finding(sc[4], "f0", inventory.FindingOpen, sc[1].Started), stale)
	want(t, "open before 6", states(t, s.OpenFindings(t.Context(), 6)), []string{"f0 open", "f1 open"})
	want(t, "scan 1 as it was", states(t, s.Findings(t.Context(), 1)), []string{"f1 new", "f2 new", "f3 accepted"})
	want(t, "scan 2 as it was", states(t, s.Findings(t.Context(), 2)), []string{"f0 new", "f1 open", "f2 resolved", "f3 accepted"})

	err = s.SaveEvaluation(t.Context(), evaluation(sc[4]), sequence([]inventory.FindingRecord{finding(sc[4], "b", inventory.FindingNew, first), finding(sc[4], "a", inventory.FindingNew, first)}))
	want(t, "unsorted findings are refused", err != nil, true)
	want(t, "and change nothing", states(t, s.Findings(t.Context(), 5)), []string{"f0 open", "f1 open"})
	err = s.SaveEvaluation(t.Context(), inventory.Evaluation{Scan: 77}, sequence(nil))
	want(t, "no such scan", errors.Is(err, inventory.ErrNotFound), true)
}

func checkEvaluationAgain(t *testing.T, s inventory.Store) {
	sc := scans(t, s, 3)
	one := finding(sc[0], "f1", inventory.FindingNew, sc[0].Started)
	save(t, s, sc[0], one)
	open := finding(sc[1], "f1", inventory.FindingOpen, sc[0].Started)
	resolved := finding(sc[1], "f1", inventory.FindingResolved, sc[0].Started)
	fresh := finding(sc[1], "f2", inventory.FindingNew, sc[1].Started)
	for _, list := range [][]inventory.FindingRecord{{open}, {resolved}, {resolved, fresh}, {}, {open, fresh}, {open}} {
		save(t, s, sc[1], list...)
		want(t, "scan 1 as it was", records(t, s.Findings(t.Context(), 1)), []inventory.FindingRecord{one})
	}
	want(t, "open", states(t, s.OpenFindings(t.Context(), 3)), []string{"f1 open"})
	save(t, s, sc[2], finding(sc[2], "f1", inventory.FindingOpen, sc[0].Started))
}

func checkEvaluationEarlier(t *testing.T, s inventory.Store) {
	sc := scans(t, s, 3)
	save(t, s, sc[0], finding(sc[0], "f1", inventory.FindingNew, sc[0].Started), finding(sc[0], "f2", inventory.FindingNew, sc[0].Started))
	last := []inventory.FindingRecord{finding(sc[2], "f1", inventory.FindingOpen, sc[0].Started), finding(sc[2], "f2", inventory.FindingOpen, sc[0].Started)}
	save(t, s, sc[2], last...)
	for _, list := range [][]inventory.FindingRecord{
		{},
		{finding(sc[1], "f3", inventory.FindingNew, sc[1].Started)},
		{finding(sc[1], "f2", inventory.FindingOpen, sc[0].Started)},
		{finding(sc[1], "f1", inventory.FindingResolved, sc[0].Started), finding(sc[1], "f2", inventory.FindingAccepted, sc[0].Started)},
	} {
		save(t, s, sc[1], list...)
		want(t, "scan 3 as it was", records(t, s.Findings(t.Context(), 3)), last)
		want(t, "scan 1 as it was", states(t, s.Findings(t.Context(), 1)), []string{"f1 new", "f2 new"})
	}
}
