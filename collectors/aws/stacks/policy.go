package stacks

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/aws/session"
)

// Permissions returns the least policy for reading stacks. Only the account of an organisation's root or delegate needs the statement
// about organisations. Reference: "IAM JSON policy element reference" of the IAM user guide.
func Permissions() ([]byte, error) {
	type statement struct {
		Sid, Effect string
		Action      []string
		Resource    string
	}
	var read, organization []string
	for _, op := range append(session.Operations(), Operations()...) {
		switch {
		case op.Action == "sts:AssumeRole": // is given by the role's trust policy, and in the caller's own account alone
		case strings.HasPrefix(op.Action, "organizations:"):
			organization = append(organization, op.Action)
		default:
			read = append(read, op.Action)
		}
	}
	slices.Sort(read)
	text, err := json.MarshalIndent(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{
		{"MusterReadsStacks", "Allow", slices.Compact(read), "*"},
		{"MusterReadsOrganization", "Allow", organization, "*"},
	}}, "", "  ")
	return append(text, '\n'), err
}
