package githubreport

import (
	"flag"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func encoder() *Encoder {
	return New(ci.Files{Root: "/repo", Dir: "/repo", Config: "/repo/muster.yaml", Policies: []string{"/repo/policy.yaml"}})
}

func TestSuite(t *testing.T) { reporttest.Run(t, encoder()) }

func TestGolden(t *testing.T) {
	reporttest.Golden(t, "small.txt", reporttest.Encode(t, encoder(), reporttest.Small()), *update)
}

// form is that of a command: GitHub takes what stands behind the second "::" as the message, whatever it holds.
var form = regexp.MustCompile(`^::(error|warning|notice) (?:file=([^:,]+),line=([1-9][0-9]*),)?title=([^:,]+)::(.+)$`)

func lines(t *testing.T, r *report.Report) []string {
	t.Helper()
	return strings.Split(strings.TrimSuffix(string(reporttest.Encode(t, encoder(), r)), "\n"), "\n")
}

// TestEveryLineIsOneCommand: what strangers wrote neither ends a command nor begins another.
func TestEveryLineIsOneCommand(t *testing.T) {
	for name, build := range reporttest.Fixtures() {
		for _, line := range lines(t, build()) {
			if !form.MatchString(line) {
				t.Errorf("%s: %q is no command", name, line)
			}
		}
	}
}

// TestTheWorstTen: of each level at most ten, and what is not there is counted.
func TestTheWorstTen(t *testing.T) {
	r := reporttest.Big(1000)
	levels, shown, more := map[string]int{}, 0, 0
	for _, line := range lines(t, r) {
		m := form.FindStringSubmatch(line)
		levels[m[1]]++
		if n, _, ok := strings.Cut(m[5], " more like these"); ok {
			more += atoi(t, n)
		} else if !strings.HasPrefix(m[5], "gate ") && !strings.Contains(m[5], "source ") && !strings.Contains(m[5], "could not judge") {
			shown++
		}
	}
	if d := cmp.Diff(map[string]int{"error": 10, "warning": 10, "notice": 10}, levels); d != "" {
		t.Errorf("levels (-want +got):\n%s", d)
	}
	open := 0
	for range ci.Open(r) {
		open++
	}
	if shown+more != open {
		t.Errorf("%d shown and %d counted of %d findings", shown, more, open)
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n := 0
	for _, c := range s {
		n = 10*n + int(c-'0')
	}
	return n
}

func TestWhatIsUnknownIsSaid(t *testing.T) {
	text := string(reporttest.Encode(t, encoder(), reporttest.Small()))
	for _, want := range []string{
		"::error file=muster.yaml,line=1,title=muster::gate failed%0A6 findings",
		"::warning file=muster.yaml,line=1,title=muster muster/unread::source aws-prod: 1 of 4 scopes could not be read",
		"%0Asource infra: 1 of 2 scopes could not be read", "::notice file=muster.yaml,line=1,title=muster muster/unknown::drift/missing could not judge 4 assets",
		"%0Atags/owner could not judge 6 assets",
		"::error file=infra/payments/main.tf,line=48,title=muster drift/changed::payments-api-1",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if got := string(reporttest.Encode(t, encoder(), reporttest.Clean())); !strings.HasPrefix(got, "::notice file=muster.yaml,line=1,title=muster::gate passed%0A") || strings.Count(got, "\n") != 1 {
		t.Errorf("clean: %q", got)
	}
}

func FuzzEscapes(f *testing.F) {
	for _, p := range reporttest.Payloads() {
		f.Add(p)
	}
	// The runner unescapes in this order, the percent sign last.
	undo := func(s string, pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			s = strings.ReplaceAll(s, pairs[i], pairs[i+1])
		}
		return s
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, p := data(s), property(s)
		if strings.ContainsAny(d, "\r\n") || strings.ContainsAny(p, "\r\n:,") {
			t.Errorf("%q is written %q and %q", s, d, p)
		}
		if got := undo(d, "%0D", "\r", "%0A", "\n", "%25", "%"); got != s {
			t.Errorf("data %q reads as %q", s, got)
		}
		if got := undo(p, "%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%"); got != s {
			t.Errorf("property %q reads as %q", s, got)
		}
	})
}
