package tags

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// twentyRules is a policy of 20 rules of all kinds, half of them with a condition.
func twentyRules(t testing.TB) []rules.Rule {
	t.Helper()
	var b strings.Builder
	b.WriteString("version: 1\ntags:\n")
	for i := range 5 {
		fmt.Fprintf(&b, "  - {id: required-%d, keys: [key-%d, Key-%d], required: true}\n", i, i, i)
		fmt.Fprintf(&b, "  - {id: values-%d, keys: [env], required: true, values: [dev, prod], when: 'asset.class in [\"compute\", \"database\"]'}\n", i)
		fmt.Fprintf(&b, "  - {id: pattern-%d, keys: [cost-center], pattern: 'cc-[0-9]{4}', when: 'asset.tags.env == \"prod\" && asset.account != \"x\"'}\n", i)
		fmt.Fprintf(&b, "  - {id: prohibited-%d, prohibited: ['(?i).*password.*']}\n", i)
	}
	class := func(inventory.Type) string { return "compute" }
	p, err := rules.ParsePolicy("policy.yaml", []byte(b.String()), rules.PolicyEnv{Expr: expr.Env{Now: now, Class: class}})
	if err != nil {
		t.Fatal(err)
	}
	return Rules(p, mustCatalog(t), now, nil)
}

// estate yields n tagged assets of which one in a hundred lacks a tag.
func estate(n int) iter.Seq2[*rules.Entity, error] {
	return func(yield func(*rules.Entity, error) bool) {
		good := known("key-0", "a", "key-1", "b", "key-2", "c", "key-3", "d", "key-4", "e", "env", "prod", "cost-center", "cc-1234")
		bad := known("key-1", "b", "key-2", "c", "key-3", "d", "key-4", "e", "env", "prod", "cost-center", "cc-1234")
		for i := range n {
			tags := good
			if i%100 == 0 {
				tags = bad
			}
			e := instance(tags)
			e.LastSeen = now
			e.Key = fmt.Sprintf("arn:aws:ec2:eu-west-1:111122223333:instance/i-%08x", i)
			if !yield(observed(e), nil) {
				return
			}
		}
	}
}

func TestEvaluationAllocatesLittle(t *testing.T) {
	const n = 2000
	engine := &rules.Engine{Rules: twentyRules(t), Now: now, ScanStart: now, Workers: 1}
	perRun := testing.AllocsPerRun(3, func() {
		if _, err := engine.Evaluate(context.Background(), estate(n), nil); err != nil {
			t.Fatal(err)
		}
	})
	source := testing.AllocsPerRun(3, func() {
		for range estate(n) {
			continue
		}
	})
	// Ten conditions at about 3 allocations each; the rest of a verdict allocates nothing.
	if perEntity := (perRun - source) / n; perEntity > 40 {
		t.Errorf("%.1f allocations for one entity and 20 rules, want at most 40", perEntity)
	}
}

func BenchmarkTwentyRules(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			engine := &rules.Engine{Rules: twentyRules(b), Now: now, ScanStart: now}
			b.ReportAllocs()
			for b.Loop() {
				ev, err := engine.Evaluate(context.Background(), estate(n), nil)
				if err != nil || len(ev.Findings) != n/100 {
					b.Fatal(len(ev.Findings), err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(n)/float64(time.Microsecond), "µs/entity")
		})
	}
}

func TestTwentyRulesFindWhatIsMissing(t *testing.T) {
	engine := &rules.Engine{Rules: twentyRules(t), Now: now, ScanStart: now}
	ev, err := engine.Evaluate(t.Context(), estate(1000), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(ev.Findings) != 10 || ev.Findings[0].Rule != "tags/required-0" || ev.Findings[0].Parts[0].Name != "key-0" {
		t.Errorf("%d findings", len(ev.Findings))
	}
	for _, c := range ev.Coverage {
		if c.Name == "" && c.Group == "all" && (c.Pass != 990 || c.Fail != 10 || c.Unknown != 0) {
			t.Errorf("coverage %+v", c)
		}
	}
}
