package tags

import (
	"context"
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// Keeps tells whether the register from which a row was read keeps a tag under one of the keys: one without such a column does not say
// that the tag is missing. It is used by several goroutines.
type Keeps func(ctx context.Context, row *inventory.Entry, keys []string) (bool, error)

func inUse(row *inventory.Entry) bool { return row.Lifecycle != inventory.LifecycleRetired }

// checkRows judges what registers alone hold. A value that is wrong in one of them is wrong; a tag is missing if no row has it, and a
// register that keeps it has a row.
func (r *rule) checkRows(ctx context.Context, e *rules.Entity, subject *inventory.Entry) (rules.Verdict, error) {
	list := judged(e.Recorded, subject)
	if len(list) == 0 {
		return unknown("its tags could not be read"), nil
	}
	if len(r.AnyOf)+len(r.AllOf) > 0 {
		return r.checkSeveralRows(ctx, e, subject, list)
	}
	best := verdict{Verdict: notApplicable(r.absent)}
	var missing []rowVerdict
	for _, row := range list {
		found := row.CurrentTags()
		if found.State() != inventory.Known {
			return unknown("its tags could not be read"), nil
		}
		v, err := r.judge(e, row, found)
		switch {
		case err != nil:
			return rules.Verdict{}, err
		case v.absent:
			missing = append(missing, rowVerdict{row, v})
		case v.Outcome == rules.Fail:
			return r.failRow(e, subject, rowVerdict{row, v}), nil
		case best.Outcome == rules.NotApplicable || v.Outcome == rules.Pass:
			best = v
		}
	}
	if best.Outcome != rules.NotApplicable || len(missing) == 0 {
		return best.Verdict, nil
	}
	for _, m := range missing {
		if kept, err := r.kept(ctx, m.row); kept || err != nil {
			return r.failRow(e, subject, m), err
		}
	}
	return unknown(fmt.Sprintf("no row of %s bears the tag %q: the register seems not to keep it", missing[0].row.Source, r.Keys[0])), nil
}

type rowVerdict struct {
	row *inventory.Entry
	verdict
}

// judged returns the rows of things in use whose registers keep tags, the subject first.
func judged(rows []*inventory.Entry, subject *inventory.Entry) []*inventory.Entry {
	speaks := func(e *inventory.Entry) bool {
		return inUse(e) && (e.Tags.State() == inventory.Known || e.Tags.State() == inventory.Unknown && e.TagsUnconfirmed)
	}
	var list []*inventory.Entry
	if speaks(subject) {
		list = append(list, subject)
	}
	for _, e := range rows {
		if e.ID != subject.ID && speaks(e) {
			list = append(list, e)
		}
	}
	return list
}

func (r *rule) kept(ctx context.Context, row *inventory.Entry) (bool, error) {
	if r.keeps == nil {
		return true, nil
	}
	return r.keeps(ctx, row, r.Keys)
}

func (r *rule) failRow(e *rules.Entity, subject *inventory.Entry, m rowVerdict) rules.Verdict {
	v := m.verdict
	if m.row.ID != subject.ID {
		ref := rules.RefTo(m.row)
		v.Asset = &ref
	}
	r.complete(&v, e, m.row)
	return v.Verdict
}
