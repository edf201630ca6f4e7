package wire

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/records"
	"github.com/muster-audit/muster/rules/tags"
)

// recordsInputs is what the rules about the register need to know of the estate.
func (e *estate) recordsInputs() records.Inputs {
	return records.Inputs{
		Namesakes: &records.Namesakes{
			Identities: func(ctx context.Context) iter.Seq2[inventory.Identity, error] {
				return e.store.Identities(ctx, e.scan.ID)
			},
			Entries: func(ctx context.Context, ids []int64) ([]*inventory.Entry, error) {
				return read(ctx, e.store, e.scan.ID, ids)
			},
		},
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
	return e.readTagKeys(ctx)
}

func (e *estate) readTagKeys(ctx context.Context) (*records.TagIndex, error) {
	rows := inventory.AssetQuery{At: e.scan.ID, Books: []inventory.Book{inventory.Recorded}}
	index, err := records.IndexTags(ctx, e.store.Assets(ctx, rows))
	if err != nil {
		return nil, fmt.Errorf("read tags of the registers: %w", err)
	}
	return index, nil
}

// keeps tells whether a register keeps a tag: its config names the tag, or some row bears it. Rows that say themselves which tags they
// have, as those of other collectors than cmdb, keep all. The rows are read once, when a config leaves it open.
func (e *estate) keeps() tags.Keeps {
	mapped := map[string]map[string]string{}
	for _, s := range e.app.Config.Sources {
		if o, ok := s.Options.(*cmdb.Options); ok {
			mapped[s.Name] = o.Tags
		}
	}
	var once sync.Once
	index, err := e.tagKeys, error(nil)
	return func(ctx context.Context, row *inventory.Entry, keys []string) (bool, error) {
		own, register := mapped[row.Source]
		if !register || slices.ContainsFunc(keys, func(k string) bool { return own[k] != "" }) {
			return true, nil
		}
		once.Do(func() {
			if index == nil {
				index, err = e.readTagKeys(context.WithoutCancel(ctx))
			}
		})
		return err == nil && index.Keeps(row, keys), err
	}
}
