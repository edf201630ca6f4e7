package aws

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/aws/listers"
	"github.com/muster-audit/muster/collectors/aws/sweep"
	"github.com/muster-audit/muster/inventory/catalog"
)

// policyDocument is an IAM policy. Reference: "IAM JSON policy element reference" of the IAM user guide.
type policyDocument struct {
	Version   string
	Statement []policyStatement
}

type policyStatement struct {
	Sid      string
	Effect   string
	Action   []string
	Resource string
}

// Permissions returns the least policy that lets every lister read, and no more: it is made of the operations that may be sent.
// Only the account of an organisation's root or delegate needs the statement about organisations.
func Permissions() ([]byte, error) {
	var read, organization []string
	known, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	all := listers.All()
	for _, op := range Operations(append(all, sweep.Lister(all, known))) {
		switch {
		case op.Action == "sts:AssumeRole": // is given by the role's trust policy, and in the caller's own account alone
		case strings.HasPrefix(op.Action, "organizations:"):
			organization = append(organization, op.Action)
		default:
			read = append(read, op.Action)
		}
	}
	text, err := json.MarshalIndent(policyDocument{Version: "2012-10-17", Statement: []policyStatement{
		{Sid: "MusterReads", Effect: "Allow", Action: unique(read), Resource: "*"},
		{Sid: "MusterReadsOrganization", Effect: "Allow", Action: unique(organization), Resource: "*"},
	}}, "", "  ")
	return append(text, '\n'), err
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
