package azurereport

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

// form is that of a command: the agent looks for the first "##vso[" of a line, wherever it stands, and takes what stands
// behind the first "]" as the message.
var form = regexp.MustCompile(`^##vso\[task\.logissue type=(error|warning);(?:sourcepath=([^;\]]+);linenumber=([1-9][0-9]*);)?(?:code=([^;\]]+);)?\](.+)$`)

func lines(t *testing.T, r *report.Report) []string {
	t.Helper()
	return strings.Split(strings.TrimSuffix(string(reporttest.Encode(t, encoder(), r)), "\n"), "\n")
}

// TestEveryLineIsOneCommand: what strangers wrote neither ends a command nor begins another.
func TestEveryLineIsOneCommand(t *testing.T) {
	for name, build := range reporttest.Fixtures() {
		for _, passed := range []bool{false, true} {
			r := build()
			r.Gate.Passed = passed
			for _, line := range lines(t, r) {
				if line != "muster: gate passed" && !form.MatchString(line) {
					t.Errorf("%s: %q is no command", name, line)
				}
			}
		}
	}
}

func TestTheWorstTen(t *testing.T) {
	levels := map[string]int{}
	more := 0
	for _, line := range lines(t, reporttest.Big(1000)) {
		m := form.FindStringSubmatch(line)
		levels[m[1]]++
		if strings.Contains(m[5], " more like these are not shown here") {
			more++
		}
	}
	if d := cmp.Diff(map[string]int{"error": 10, "warning": 10}, levels); d != "" || more != 2 {
		t.Errorf("%d say that there are more; levels (-want +got):\n%s", more, d)
	}
}

func TestWhatIsUnknownIsSaid(t *testing.T) {
	text := string(reporttest.Encode(t, encoder(), reporttest.Small()))
	for _, want := range []string{
		"##vso[task.logissue type=error;sourcepath=muster.yaml;linenumber=1;]gate failed%0A6 findings",
		"##vso[task.logissue type=warning;sourcepath=muster.yaml;linenumber=1;code=muster/unread;]source aws-prod: 1 of 4 scopes could not be read",
		"##vso[task.logissue type=warning;sourcepath=muster.yaml;linenumber=1;code=muster/unknown;]drift/missing could not judge 4 assets", "%0Atags/owner could not judge 6 assets",
		"##vso[task.logissue type=error;sourcepath=infra/payments/main.tf;linenumber=48;code=drift/changed;]payments-api-1",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if got := string(reporttest.Encode(t, encoder(), reporttest.Clean())); got != "muster: gate passed\n" {
		t.Errorf("clean: %q", got)
	}
}

func FuzzEscapes(f *testing.F) {
	for _, p := range reporttest.Payloads() {
		f.Add(p)
	}
	// The agent unescapes in this order, the percent sign last.
	undo := func(s string, pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			s = strings.ReplaceAll(s, pairs[i], pairs[i+1])
		}
		return s
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, "%AZP25") || strings.Contains(data(s), "%AZP25AZP25") {
			return // the escape of an escape reads as one, which changes what is shown but ends no command
		}
		d, p := data(s), property(s)
		if strings.ContainsAny(d, "\r\n") || strings.ContainsAny(p, "\r\n;]") {
			t.Errorf("%q is written %q and %q", s, d, p)
		}
		if got := undo(d, "%0D", "\r", "%0A", "\n", "%AZP25", "%"); got != s {
			t.Errorf("data %q reads as %q", s, got)
		}
		if got := undo(p, "%0D", "\r", "%0A", "\n", "%5D", "]", "%3B", ";", "%AZP25", "%"); got != s {
			t.Errorf("property %q reads as %q", s, got)
		}
	})
}
