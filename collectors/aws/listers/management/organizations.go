package management

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func organizationsListers() []lister.Lister {
	api := lister.API(organizations.ServiceID, "organizations")
	return []lister.Lister{{
		Type:         "AWS::Organizations::Account",
		Place:        lister.Global,
		Organization: true,
		ARNs:         []string{"organizations:account/*"},
		Operations:   api.Ops("ListAccounts", "DescribeOrganization", "ListTagsForResource"),
		List:         listAccounts,
		ReadTags:     organizationsTags,
	}, {
		Type:         "AWS::Organizations::OrganizationalUnit",
		Place:        lister.Global,
		Organization: true,
		ARNs:         []string{"organizations:ou/*"},
		Operations:   api.Ops("ListOrganizationalUnitsForParent", "DescribeOrganization", "ListRoots", "ListTagsForResource"),
		List:         listUnits,
		ReadTags:     organizationsTags,
	}}
}

// manages reports whether the account manages an organisation. Only then are its accounts and units the account's own, and only then
// may it list them: a member, which may at least ask who manages it, has none, and neither has an account in no organisation.
func manages(ctx context.Context, c *organizations.Client, account string) (bool, error) {
	out, err := c.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if lister.Gone(err, "AWSOrganizationsNotInUseException") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return out.Organization != nil && lister.Str(out.Organization.MasterAccountId) == account, nil
}

func listAccounts(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := organizations.NewFromConfig(t.Config)
	if ok, err := manages(ctx, c, t.Account); err != nil || !ok {
		return err
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: token, MaxResults: aws.Int32(20)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Accounts, func(m *types.Account) inventory.Asset { return account(t, m) })
	})
}

// account makes the asset of an account. Its e-mail address is somebody's personal data and stays out.
func account(t *lister.Target, m *types.Account) inventory.Asset {
	a := inventory.Asset{
		Key: lister.Str(m.Arn), Name: lister.Str(m.Name), Created: lister.Time(m.JoinedTimestamp),
		Lifecycle:   accountLifecycle(m),
		Identifiers: lister.ResourceID(m.Id),
	}
	var p lister.Attributes
	p.String("AccountId", m.Id)
	p.String("AccountName", m.Name)
	p.Text("JoinedMethod", string(m.JoinedMethod))
	p.Text("State", accountState(m))
	if organization, parent := parentIn(m.Paths); parent != "" {
		p.Strings("ParentIds", []string{parent})
		a.Relations = []inventory.Relation{lister.To(inventory.MemberOf, parentARN(t, organization, parent))}
	}
	a.Attributes = p.Known()
	return a
}

// accountState is the state of an account, which replaces the older status.
func accountState(m *types.Account) string {
	if m.State == "" {
		return string(m.Status)
	}
	return string(m.State)
}

func accountLifecycle(m *types.Account) inventory.Lifecycle {
	switch types.AccountState(accountState(m)) {
	case types.AccountStatePendingActivation:
		return inventory.LifecyclePlanned
	case types.AccountStateSuspended, types.AccountStatePendingClosure:
		return inventory.LifecycleRetiring
	case types.AccountStateClosed:
		return inventory.LifecycleRetired
	}
	return inventory.LifecycleActive
}

// parentIn returns the ids of the organisation and of the unit or root that holds an account, from a path as
// "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/111122223333". They are empty where the service gives no path.
func parentIn(paths []string) (organization, parent string) {
	if len(paths) == 0 {
		return "", ""
	}
	for id := range strings.SplitSeq(paths[0], "/") {
		switch {
		case strings.HasPrefix(id, "o-"):
			organization = id
		case strings.HasPrefix(id, "r-"), strings.HasPrefix(id, "ou-"):
			parent = id
		}
	}
	return organization, parent
}

// parentARN names a unit or root of the organisation that the account manages.
func parentARN(t *lister.Target, organization, id string) string {
	if organization == "" {
		return ""
	}
	kind := "ou"
	if strings.HasPrefix(id, "r-") {
		kind = "root"
	}
	return t.ARNOf("organizations", "", t.Account, kind+"/"+organization+"/"+id)
}

// parent is a root or unit whose units are to be listed.
type parent struct{ id, arn string }

// listUnits walks from the roots down. A unit whose own units may not be listed is there all the same, and others may be missing.
func listUnits(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := organizations.NewFromConfig(t.Config)
	if ok, err := manages(ctx, c, t.Account); err != nil || !ok {
		return err
	}
	level, err := roots(ctx, c)
	if err != nil {
		return err
	}
	for len(level) > 0 {
		var next []parent
		units := lister.Parts[parent, types.OrganizationalUnit]{
			List: func(ctx context.Context, up parent) ([]types.OrganizationalUnit, error) {
				return unitsBelow(ctx, c, up.id)
			},
			Asset: func(up parent, u *types.OrganizationalUnit) inventory.Asset {
				next = append(next, parent{lister.Str(u.Id), lister.Str(u.Arn)})
				return unit(u, up)
			},
			Name: func(up parent) string { return up.arn },
			Gone: []string{"ParentNotFoundException"},
		}
		if err := units.Put(ctx, out, level); err != nil {
			return err
		}
		level = next
	}
	return nil
}

func roots(ctx context.Context, c *organizations.Client) ([]parent, error) {
	list, err := lister.All(ctx, func(token *string) ([]types.Root, *string, error) {
		page, err := c.ListRoots(ctx, &organizations.ListRootsInput{NextToken: token, MaxResults: aws.Int32(20)})
		if err != nil {
			return nil, nil, err
		}
		return page.Roots, page.NextToken, nil
	})
	parents := make([]parent, len(list))
	for i, r := range list {
		parents[i] = parent{lister.Str(r.Id), lister.Str(r.Arn)}
	}
	return parents, err
}

// unitsBelow lists the units right below a root or unit, as many as could be read.
func unitsBelow(ctx context.Context, c *organizations.Client, parentID string) ([]types.OrganizationalUnit, error) {
	return lister.All(ctx, func(token *string) ([]types.OrganizationalUnit, *string, error) {
		page, err := c.ListOrganizationalUnitsForParent(ctx, &organizations.ListOrganizationalUnitsForParentInput{
			ParentId: aws.String(parentID), NextToken: token, MaxResults: aws.Int32(20),
		})
		if err != nil {
			return nil, nil, err
		}
		return page.OrganizationalUnits, page.NextToken, nil
	})
}

func unit(u *types.OrganizationalUnit, up parent) inventory.Asset {
	var p lister.Attributes
	p.String("Name", u.Name)
	p.String("Id", u.Id)
	p.Text("ParentId", up.id)
	return inventory.Asset{
		Key: lister.Str(u.Arn), Name: lister.Str(u.Name), Attributes: p.Known(),
		Identifiers: lister.ResourceID(u.Id),
		Relations:   []inventory.Relation{lister.To(inventory.MemberOf, up.arn)},
	}
}

func organizationsTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := organizations.NewFromConfig(t.Config)
	tag := func(t types.Tag) (*string, *string) { return t.Key, t.Value }
	return lister.AllTags(ctx, tag, func(token *string) ([]types.Tag, *string, error) {
		page, err := c.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: aws.String(lister.IdentifierOf(a, inventory.ResourceID)), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.NextToken, nil
	})
}
