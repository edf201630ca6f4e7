package tags

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// twentyKinds is a policy of fourteen rules of the newer kinds and the six that judge all tags of an asset.
func twentyKinds(t testing.TB) []rules.Rule {
	t.Helper()
	teams := make([]string, 2000)
	for i := range teams {
		teams[i] = fmt.Sprintf("team-%d", i)
	}
	p, err := rules.ParsePolicy("policy.yaml", []byte(`version: 1
tags:
  - {id: missing, keys: [key-0], required: true, placeholders: true}
  - {id: values, keys: [key-1], values: [b, `+strings.Join(teams, ", ")+`]}
  - {id: globs, keys: [cost-center], globs: ["cc-*", "x*"]}
  - {id: type, keys: [cost-center], case: kebab, length: {min: 2, max: 40}}
  - {id: style, keys: [env], case: lower, placeholders: true}
  - {id: secrets, secrets: true}
  - {id: spelling, keys: [env, Env], spelling: canonical}
  - {id: any, any_of: [key-1, key-9]}
  - {id: all, all_of: [key-1, key-2, key-3], case: lower}
  - {id: closed, closed: true, allowed_keys: ['key-.*']}
  - {id: naming, naming: kebab}
  - {id: equals, keys: [account], equals: asset.account}
  - {id: check, keys: [env], check: 'value == "prod" || asset.tags.team != ""'}
  - {id: length, keys: [key-4], length: {max: 3}}
builtin: [tags/duplicate-case, tags/whitespace, tags/look-alike, tags/reserved-prefix, tags/portable, tags/limits]
`), rules.PolicyEnv{Expr: expr.Env{Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	known := mustCatalog(t)
	return append(Rules(p, known, now, nil), BuiltinRules(p, known, now, nil, []string{"aws", "gcp"})...)
}

func BenchmarkTwentyKinds(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			engine := &rules.Engine{Rules: twentyKinds(b), Now: now, ScanStart: now}
			b.ReportAllocs()
			for b.Loop() {
				ev, err := engine.Evaluate(b.Context(), estate(n), nil)
				if err != nil || len(ev.Findings) != n/100 {
					b.Fatal(len(ev.Findings), err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(n)/float64(time.Microsecond), "µs/entity")
		})
	}
}

func TestTwentyKindsFindWhatIsMissing(t *testing.T) {
	engine := &rules.Engine{Rules: twentyKinds(t), Now: now, ScanStart: now}
	ev, err := engine.Evaluate(t.Context(), estate(1000), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(ev.Findings) != 10 || ev.Findings[0].Rule != "tags/missing" || ev.Findings[0].Parts[0].Name != "key-0" {
		t.Errorf("%d findings, %+v", len(ev.Findings), ev.Findings)
	}
}
