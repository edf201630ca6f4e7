package wire

import (
	"context"
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// changes names the last complete scan of a trend and counts what was open then and is settled now; nil without such a scan. What was
// new is for the report to count.
func changes(ctx context.Context, store inventory.FindingStore, trend []report.TrendPoint, now *rules.Evaluation) (*report.Changes, error) {
	last := len(trend) - 1
	at := last
	for at >= 0 && !trend[at].Complete {
		at--
	}
	if at < 0 {
		return nil, nil
	}
	c := &report.Changes{Scan: trend[at].Scan, Started: trend[at].Started}
	if at < last { // what incomplete scans between resolved stands in none of this scan's findings
		var err error
		c.Resolved, err = settledSince(ctx, store, c.Scan, now)
		return c, err
	}
	for i := range now.Findings {
		if now.Findings[i].State == inventory.FindingResolved {
			c.Resolved++
		}
	}
	return c, nil
}

// settledSince counts the findings that were open after an earlier scan and are neither open nor accepted now, of rules that are
// still asked.
func settledSince(ctx context.Context, store inventory.FindingStore, then inventory.ScanID, now *rules.Evaluation) (int, error) {
	asked := map[string]bool{}
	for _, t := range now.Tallies {
		asked[t.ID] = true
	}
	stands := make(map[string]bool, len(now.Findings)+len(now.Accepted))
	for i := range now.Findings {
		stands[now.Findings[i].Fingerprint] = now.Findings[i].State != inventory.FindingResolved
	}
	for i := range now.Accepted {
		stands[now.Accepted[i].Finding.Fingerprint] = true
	}
	settled := 0
	for f, err := range store.Findings(ctx, then) {
		if err != nil {
			return 0, fmt.Errorf("read findings of scan %d: %w", then, err)
		}
		if (f.State == inventory.FindingNew || f.State == inventory.FindingOpen) && asked[f.Rule] && !stands[f.Fingerprint] {
			settled++
		}
	}
	return settled, nil
}
