package records

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift"
	"github.com/muster-audit/muster/rules/drift/reach"
)

var ghostMeta = rules.Meta{
	ID: "records/ghost", Severity: rules.Medium, Title: "What the register lists exists",
	Help: "The register lists it, and a full reading of what would hold it does not. Retire the row, or find out where the thing went.",
}

// ghost judges a row of a thing that should be there.
func (j *judge) ghost(ctx context.Context, e *rules.Entity) (rules.Verdict, error) {
	if len(e.Recorded) == 0 {
		return rules.Verdict{}, nil
	}
	row := inUse(e.Recorded)
	if row == nil {
		return notApplicable("the register says that it is planned or retired"), nil
	}
	if len(e.Observed) > 0 {
		if _, why := j.confirmed(e.Observed); why != "" {
			return unknown(row, why), nil
		}
		return pass(row), nil
	}
	absent := j.absence(row)
	if absent.outcome != rules.Fail {
		return verdict(absent.outcome, row, absent.reason), nil
	}
	if words := strangeStage(row); words != "" {
		return unknown(row, fmt.Sprintf("%s says %s, and nobody told which stage that is, so that it may not be in use: a status_map tells", row.Source, words)), nil
	}
	past, err := j.Past.of(ctx, e.Recorded)
	if err != nil {
		return rules.Verdict{}, err
	}
	other, err := j.namesake(ctx, e.Recorded, inventory.Observed)
	if err != nil {
		return rules.Verdict{}, err
	}
	v := failure(row)
	if other != nil && past.last.IsZero() {
		past.asked = false // an agent may have told of it under the name
	}
	v.Message = fmt.Sprintf("%s lists %s, and it is not there%s", row.Source, title(row), past.clause())
	v.Fix = "retire the row in " + row.Source + ", or find out where the thing went"
	v.Evidence = []rules.Evidence{rowEvidence(row), rules.Note("%s", absent.reason)}
	if other != nil {
		other.explainGhost(&v, row)
	}
	for _, d := range e.Declared {
		v.Evidence = append(v.Evidence, rules.Reading(d, "declared: %s in %s", title(d), cmp.Or(d.Origin.File, d.Scope)))
	}
	return v, nil
}

// explainGhost says what bears the name of a row's thing now.
func (n *namesake) explainGhost(v *rules.Verdict, row *inventory.Entry) {
	v.Evidence = append(v.Evidence, n.evidence())
	if n.mistyped() {
		v.Message = fmt.Sprintf("%s lists %s with the %s %s, and nothing that has it is there; %s", row.Source, title(row), n.differ, n.here, n.text())
		v.Fix = fmt.Sprintf("correct the %s of the row in %s, or retire the row if the machine was replaced", n.differ, row.Source)
		return
	}
	v.Message += "; " + n.text()
	v.Fix = fmt.Sprintf("retire the row in %s, or correct it if it is meant for %s", row.Source, n.entry.Key)
}

// finding says whether a row's thing is absent: Fail if it is, NotApplicable if no source observes such things, Unknown
// if nobody can tell.
type finding struct {
	outcome rules.Outcome
	reason  string
}

func (j *judge) absence(row *inventory.Entry) finding {
	t, answer := j.observers(row)
	switch {
	case answer.Covering == 0:
		return finding{rules.NotApplicable, "no observed source covers " + string(t)}
	case !answer.Complete():
		return finding{rules.Unknown, answer.Doubt()}
	case !drift.Recognisable(j.Catalog, row):
		return finding{rules.Unknown, "the row holds no identifier by which the thing could be recognised"}
	case j.undecided(row, inventory.Observed):
		return finding{rules.Unknown, "it shares an identifier with something observed, and that identifier is not unique: muster why tells which"}
	}
	if why := j.reach.Unconfirmed(row); why != "" {
		return finding{rules.Unknown, why}
	}
	return finding{rules.Fail, fmt.Sprintf("observed: not in any of the %d scopes that cover %s", answer.Covering, t)}
}

// observers asks for the type that a row's identifiers tell, or else for its own.
func (j *judge) observers(row *inventory.Entry) (inventory.Type, reach.Answer) {
	t := row.Type
	if strings.HasPrefix(string(t), registerTypes) {
		if told, ok := typeFromIdentifiers(row); ok {
			t = told
		}
	}
	account, region := row.Account, row.Region
	if !strings.HasPrefix(string(t), registerTypes) {
		account, region = providerAccount(t, account), providerRegion(region)
		arn := arnOf(row)
		account, region = cmp.Or(account, providerAccount(t, arn.Account)), cmp.Or(region, providerRegion(arn.Region))
	}
	if r, _ := j.Catalog.Type(t); r.Global {
		region = ""
	}
	return t, j.reach.Ask(inventory.Observed, t, account, region)
}

// arnOf returns the account and region that the ARNs of a row name; what two of them disagree about is not known.
func arnOf(row *inventory.Entry) catalog.ARN {
	var told catalog.ARN
	first := true
	for _, i := range globalNames(row) {
		arn, ok := catalog.ParseARN(i.Value)
		if !ok {
			continue
		}
		if first {
			told, first = arn, false
			continue
		}
		if told.Account != arn.Account {
			told.Account = ""
		}
		if told.Region != arn.Region {
			told.Region = ""
		}
	}
	return told
}

// globalNames returns what may hold a name that its provider gives out once in the world: the key, and all identifiers.
func globalNames(row *inventory.Entry) []inventory.Identifier {
	key := row.Key
	if base, ok := withoutMark(key); ok {
		key = base
	}
	return append([]inventory.Identifier{{Kind: inventory.ARN, Value: key}}, row.Identifiers...)
}

// registerTypes begin the types that registers give to things of their own.
const registerTypes = "datacenter/"

// typeFromIdentifiers tells the provider's type of a machine from an identifier that only such a machine has.
func typeFromIdentifiers(row *inventory.Entry) (inventory.Type, bool) {
	for _, i := range globalNames(row) {
		v := i.Value
		switch {
		case i.Kind == inventory.InstanceID && strings.HasPrefix(strings.ToLower(v), "i-"),
			strings.HasPrefix(v, "arn:") && strings.Contains(v, ":ec2:") && strings.Contains(v, ":instance/"):
			return "AWS::EC2::Instance", true
		case (strings.HasPrefix(v, "//compute.googleapis.com/") || strings.HasPrefix(v, "https://")) && strings.Contains(v, "/instances/"):
			return "compute.googleapis.com/Instance", true
		}
	}
	return "", false
}

// providerAccount returns the account if a provider would call it so; else "", which stands for every account.
func providerAccount(t inventory.Type, account string) string {
	if strings.HasPrefix(string(t), "AWS::") && (len(account) != 12 || strings.Trim(account, "0123456789") != "") {
		return ""
	}
	return account
}

func title(e *inventory.Entry) string { return cmp.Or(e.Origin.Address, e.Name, e.Key) }

func rowEvidence(row *inventory.Entry) rules.Evidence {
	where := cmp.Or(row.Origin.File, row.Scope)
	if row.Origin.Line > 0 {
		where += fmt.Sprintf(":%d", row.Origin.Line)
	}
	return rules.Reading(row, "recorded: %s in %s (%s)", title(row), row.Source, where)
}

func observedEvidence(o *inventory.Entry) rules.Evidence {
	return rules.Reading(o, "observed: %s by %s", o.Key, o.Source)
}
