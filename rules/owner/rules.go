package owner

import (
	"context"
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// The rules about owners. Each tells of one owner once, whatever they own.
const (
	UnknownID = "owner/unknown"
	LeftID    = "owner/left"
)

// Metas describes the rules about owners that there are, whatever the policy.
func Metas() []rules.Meta {
	return []rules.Meta{
		{
			ID: LeftID, Severity: rules.High, Title: "Owners are still there",
			Help: "The directory says that the owner is there no more: nobody answers for what is theirs. Hand it over, and change the tag, the map or the register that names them.",
		},
		{
			ID: UnknownID, Severity: rules.Medium, Title: "Owners are in the directory",
			Help: "The directory does not name the owner: a misspelling, another form of the name, or somebody long gone. Write the name as the directory has it, or add it there.",
		},
	}
}

// Rules returns the rules about owners, or none if the policy names no directory. They belong to one evaluation: they count while it goes on.
// unconfirmed is that of the Engine.
func Rules(c *Chain, unconfirmed func(*inventory.Entry) string) ([]rules.Rule, []rules.EstateRule) {
	if c.policy == nil || c.policy.Directory == nil {
		return nil, nil
	}
	var single []rules.Rule
	var estate []rules.EstateRule
	for _, meta := range Metas() {
		r := &rule{
			chain: c, directory: c.policy.Directory, meta: meta, unconfirmed: unconfirmed, tally: newTally(),
			reason: fmt.Sprintf("its owner is at fault: a finding of %s about that owner tells of all that is theirs", meta.ID),
		}
		single, estate = append(single, r), append(estate, r)
	}
	return single, estate
}

// rule is both halves of a rule: it counts what it is shown, and then judges each owner.
type rule struct {
	chain       *Chain
	directory   *rules.Directory
	meta        rules.Meta
	unconfirmed func(*inventory.Entry) string
	tally       *tally
	reason      string
}

// Meta implements rules.Rule and rules.EstateRule.
func (r *rule) Meta() rules.Meta { return r.meta }

// Check implements rules.Rule. An owner at fault is counted, and told when all is read.
func (r *rule) Check(_ context.Context, e *rules.Entity) (rules.Verdict, error) {
	subject := e.Subject()
	switch {
	case subject.Book == inventory.Recorded && subject.Lifecycle == inventory.LifecycleRetired:
		return notApplicable("the register calls it retired"), nil
	case subject.Book == inventory.Declared && (subject.Lifecycle == inventory.LifecycleRetiring || subject.Lifecycle == inventory.LifecycleRetired):
		return notApplicable("it is to be destroyed"), nil
	}
	a, by := r.chain.ask(e)
	switch a.state {
	case expr.Unknown:
		if a.lost {
			r.tally.lose(a.why)
		}
		return rules.Verdict{Outcome: rules.Unknown, Reason: "its owner is not known: " + a.why}, nil
	case expr.No:
		return notApplicable("nobody is named as its owner"), nil
	}
	return r.judge(e, &a, by), nil
}

func (r *rule) judge(e *rules.Entity, a *answer, by Link) rules.Verdict {
	state := r.directory.Find(a.name)
	left, atFault := r.meta.ID == LeftID, rules.Absent
	if left {
		atFault = rules.Left
	}
	switch {
	case state == rules.Doubtful && left:
		return rules.Verdict{Outcome: rules.Unknown, Reason: fmt.Sprintf("%s does not say in words that are known whether its owner is still there", r.directory.Name)}
	case state == rules.Absent && left:
		return notApplicable("its owner is not in the directory")
	case state != atFault:
		return rules.Verdict{Outcome: rules.Pass}
	}
	confirmed := !a.earlier && (r.unconfirmed == nil || r.unconfirmed(e.Subject()) == "")
	r.tally.add(a.name, e.Subject().Key, by, confirmed)
	return notApplicable(r.reason)
}

func notApplicable(reason string) rules.Verdict {
	return rules.Verdict{Outcome: rules.NotApplicable, Reason: reason}
}
