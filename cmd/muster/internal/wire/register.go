package wire

import (
	"context"
	"fmt"
	"iter"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/records"
)

// recordsInputs is what the rules about the register need to know of the estate.
func (e *estate) recordsInputs() records.Inputs {
	return records.Inputs{
		Catalog: e.app.catalog, Scopes: e.scopes, Links: e.links, Started: e.scan.Started, Policy: e.judge.policy, TagKeys: e.tagKeys,
		Past: &records.Past{
			Rows: func(ctx context.Context) iter.Seq2[inventory.Identity, error] {
				return e.store.Identities(ctx, e.scan.ID)
			},
			Ended: func(ctx context.Context) iter.Seq2[inventory.Ended, error] {
				return e.store.Ended(ctx, e.scan.ID, inventory.Observed)
			},
		},
	}
}

// indexTags reads which tags the registers keep, if the policy's trust makes that matter.
func (e *estate) indexTags(ctx context.Context) (*records.TagIndex, error) {
	if !e.judge.policy.TrustsRegister() {
		return nil, nil
	}
	rows := inventory.AssetQuery{At: e.scan.ID, Books: []inventory.Book{inventory.Recorded}}
	index, err := records.IndexTags(ctx, e.store.Assets(ctx, rows))
	if err != nil {
		return nil, fmt.Errorf("read tags of the registers: %w", err)
	}
	return index, nil
}
