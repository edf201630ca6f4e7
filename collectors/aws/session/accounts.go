package session

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
)

// Member is an account of an organisation.
type Member struct {
	ID, Name string
	Active   bool
	Status   string // as AWS calls it: "SUSPENDED"
}

// MemberOperations are those of Members.
func MemberOperations() []lister.Operation {
	return lister.API(organizations.ServiceID, "organizations").Ops("ListAccounts")
}

// Members lists the accounts of the organisation, sorted by id.
func (s *Session) Members(ctx context.Context) ([]Member, error) {
	cfg, err := s.base(ctx)
	if err != nil {
		return nil, err
	}
	c := organizations.NewFromConfig(cfg)
	var list []Member
	err = lister.Pages(ctx, func(token *string) (*string, error) {
		out, err := c.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, a := range out.Accounts {
			list = append(list, member(a))
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the accounts of the organisation: %w", err)
	}
	slices.SortFunc(list, func(a, b Member) int { return strings.Compare(a.ID, b.ID) })
	return list, nil
}

// member reads the state of an account, which replaces its older status.
func member(a types.Account) Member {
	m := Member{ID: aws.ToString(a.Id), Name: aws.ToString(a.Name), Status: string(a.State)}
	if m.Status == "" {
		m.Status = string(a.Status)
	}
	m.Active = m.Status == "ACTIVE"
	return m
}
