package drift

import (
	"fmt"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
)

// BenchmarkRules judges 100,000 declared against 100,000 observed machines, of which one in a hundred differs.
func BenchmarkRules(b *testing.B) {
	const n = 100_000
	w := estate{scopes: bothRead()}
	for i := range n {
		key := fmt.Sprintf("arn:aws:ec2:eu-west-1:111122223333:instance/i-%017x", i)
		size := "t3.micro"
		if i%100 == 0 {
			size = "t3.large"
		}
		common := []string{"ImageId", "ami-1", "SubnetId", "subnet-1", "SecurityGroupIds", `["sg-1","sg-2"]`, "EbsOptimized", "true", "KeyName", "ops"}
		w.entries = append(w.entries,
			declared(key, has(append(common[:10:10], "InstanceType", "t3.micro")...), tagged("owner", "payments", "env", "prod")),
			seen(key, has(append(common[:10:10], "InstanceType", size)...), tagged("owner", "payments", "env", "prod")))
	}
	links, err := link.Build(b.Context(), w.identities())
	if err != nil {
		b.Fatal(err)
	}
	list := Rules(Inputs{Catalog: loadCatalog(b), Scopes: w.scopes, Links: links, Started: night})
	for b.Loop() {
		failed := 0
		for i := 0; i < len(w.entries); i += 2 {
			e := &rules.Entity{Declared: []*inventory.Entry{w.entries[i]}, Observed: []*inventory.Entry{w.entries[i+1]}}
			for _, r := range list {
				v, err := r.Check(b.Context(), e)
				if err != nil {
					b.Fatal(err)
				}
				if v.Outcome == rules.Fail {
					failed++
				}
			}
		}
		if failed != n/100 {
			b.Fatalf("%d findings, want %d", failed, n/100)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/entity")
}
