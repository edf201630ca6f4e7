package drift

import (
	"fmt"
	"strings"

	"github.com/muster-audit/muster/rules"
)

var staleMeta = rules.Meta{
	ID: "drift/stale-state", Severity: rules.Info, Title: "What the state holds is what is there",
	Help: "It is as the code says, and the state still holds what was before: somebody made the change by hand and then wrote it down. The next refresh or apply mends the state.",
}

// unappliedDifferences judges what code or a plan says otherwise than the state, where reality is still as the state has it.
func (j *judge) unappliedDifferences(e *rules.Entity, r *reading) rules.Verdict {
	about := r.wish.own()
	if about == nil {
		about = r.observed
	}
	c, v, done := j.threeWay(r)
	if done {
		return v
	}
	kept, dropped := j.dropIgnored(e, c.pending)
	switch {
	case len(kept) > 0:
		d := r.speaker(kept)
		v := failure(about)
		v.Origin, v.Diff, v.Parts, v.Unread = d.Origin, plain(kept), parts(kept), c.unread
		v.Message = "not applied yet: " + sentence(kept)
		v.Fix = fmt.Sprintf("%s, or take the change out of %s", j.apply(d), title(d))
		v.Evidence = append(j.compared(r, d, kept), letBe(dropped)...)
		return v
	case len(c.unread) > 0:
		return unknown(about, strings.Join(c.unread, ", ")+" could not be read")
	case len(dropped) > 0:
		return j.suppressedDifferences(about, dropped)
	}
	return pass(about)
}

// stale judges what a state holds otherwise than both the code and reality.
func (j *judge) stale(e *rules.Entity) rules.Verdict {
	if len(e.Declared) == 0 || len(e.Observed) == 0 || !hasWish(e) {
		return rules.Verdict{}
	}
	r := j.read(e)
	about := r.state.own()
	if about == nil || len(r.wish) == 0 {
		return rules.Verdict{}
	}
	c, v, done := j.threeWay(r)
	if done {
		return v
	}
	kept, dropped := j.dropIgnored(e, c.stale)
	switch {
	case len(kept) > 0:
		v := failure(about)
		v.Parts, v.Unread = parts(kept), c.unread // no diff: what differs is the state, and that is not what should be
		v.Message = "the state is stale: " + staleSentence(kept)
		v.Fix = j.refresh(about)
		v.Evidence = append(j.compared(r, r.first(), kept), staleNotes(kept)...)
		v.Evidence = append(v.Evidence, letBe(dropped)...)
		return v
	case len(c.unread) > 0:
		return unknown(about, strings.Join(c.unread, ", ")+" could not be read")
	case len(dropped) > 0:
		return j.suppressedDifferences(about, dropped)
	}
	return pass(about)
}

// threeWay compares, if all sides are confirmed; else done is true, with an unknown verdict.
func (j *judge) threeWay(r *reading) (c comparison, v rules.Verdict, done bool) {
	if r.doubt != "" {
		return comparison{}, unknown(r.first(), r.doubt), true
	}
	return j.compare(r.wish, r.state, r.observed), rules.Verdict{}, false
}

func staleSentence(diff []difference) string {
	if len(diff) > 1 {
		return fmt.Sprintf("%d values are as the code says, and not as the state has them: %s", len(diff), namesOf(diff))
	}
	return staleValue(diff[0])
}

// staleNotes tells the values where there are several.
func staleNotes(diff []difference) []rules.Evidence {
	var list []rules.Evidence
	for _, d := range diff {
		if len(diff) > 1 {
			list = append(list, rules.Note("%s", staleValue(d)))
		}
	}
	return list
}

func staleValue(d difference) string {
	switch {
	case d.ActualAbsent:
		return fmt.Sprintf("it holds %s as %s, which is gone", d.Attribute, quoted(d.Declared))
	case d.DeclaredAbsent:
		return fmt.Sprintf("it holds no %s, which is %s as the code says", d.Attribute, quoted(d.Actual))
	}
	return fmt.Sprintf("it holds %s as %s, and it is %s as the code says", d.Attribute, quoted(d.Declared), quoted(d.Actual))
}
