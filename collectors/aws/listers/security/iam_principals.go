package security

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// principalListers read roles, users and groups: from the authorization details, or where the source does not want that call,
// by the list calls and one call each for what these leave out, which are the tags and the permissions boundary.
func principalListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::IAM::Role",
		ARNs:       []string{"iam:role/*"},
		Operations: iamAPI().Ops("GetAccountAuthorizationDetails", "ListRoles", "GetRole", "ListRoleTags"),
		List:       listRoles,
		ReadTags:   roleTags,
	}, {
		Type:       "AWS::IAM::User",
		ARNs:       []string{"iam:user/*"},
		Operations: iamAPI().Ops("GetAccountAuthorizationDetails", "ListUsers", "GetUser", "ListUserTags"),
		List:       listUsers,
		ReadTags:   userTags,
	}, {
		Type:       "AWS::IAM::Group",
		ARNs:       []string{"iam:group/*"},
		Operations: iamAPI().Ops("GetAccountAuthorizationDetails", "ListGroups"),
		List:       listGroups,
	}}
}

// listRoles takes what the details lack from the list call. That the list is refused is told once, of one role: the
// details have all.
func listRoles(ctx context.Context, t *lister.Target, out lister.Out) error {
	if !t.Options.AuthorizationDetails {
		return listRolesSingly(ctx, t, out)
	}
	var listed map[string]types.Role
	return details(ctx, t, types.EntityTypeRole, func(page *iam.GetAccountAuthorizationDetailsOutput) error {
		if len(page.RoleDetailList) > 0 && listed == nil {
			var refused error
			listed, refused = rolesByARN(ctx, iam.NewFromConfig(t.Config))
			if err := out.Unread(lister.Str(page.RoleDetailList[0].Arn), refused); err != nil {
				return err
			}
		}
		return lister.Put(out, page.RoleDetailList, func(d *types.RoleDetail) inventory.Asset { return detailedRole(d, listed) })
	})
}

// rolesByARN lists the roles, as many as could be read.
func rolesByARN(ctx context.Context, c *iam.Client) (map[string]types.Role, error) {
	listed := map[string]types.Role{}
	err := rolePages(ctx, c, func(page []types.Role) error {
		for _, r := range page {
			listed[lister.Str(r.Arn)] = r
		}
		return nil
	})
	return listed, err
}

func rolePages(ctx context.Context, c *iam.Client, take func([]types.Role) error) error {
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListRoles(ctx, &iam.ListRolesInput{Marker: token, MaxItems: aws.Int32(iamPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, take(page.Roles)
	})
}

// detailedRole makes the asset of a role. The details lack the description and the length of sessions, which the list call has.
func detailedRole(d *types.RoleDetail, listed map[string]types.Role) inventory.Asset {
	r, known := listed[lister.Str(d.Arn)]
	r.Arn, r.RoleName, r.RoleId, r.Path, r.CreateDate = d.Arn, d.RoleName, d.RoleId, d.Path, d.CreateDate
	r.AssumeRolePolicyDocument = d.AssumeRolePolicyDocument
	a, p := role(r)
	p.String("PermissionsBoundary", boundary(d.PermissionsBoundary))
	p.Strings("ManagedPolicyArns", attachedARNs(d.AttachedManagedPolicies))
	p.Strings("InlinePolicyNames", inlineNames(d.RolePolicyList))
	p.Object("Policies", inlinePolicies(d.RolePolicyList))
	if known {
		listedAttributes(&p, r)
	} else {
		p.Unread("Description", "MaxSessionDuration")
	}
	a.Attributes, a.Tags = p.Known(), iamTags(d.Tags)
	return a
}

// role makes what every call tells of a role.
func role(r types.Role) (inventory.Asset, lister.Attributes) {
	var p lister.Attributes
	p.String("RoleName", r.RoleName)
	p.String("RoleId", r.RoleId)
	p.String("Path", r.Path)
	p.JSON("AssumeRolePolicyDocument", policyDocument(r.AssumeRolePolicyDocument))
	return inventory.Asset{
		Key: lister.Str(r.Arn), Name: lister.Str(r.RoleName), Created: lister.Time(r.CreateDate),
		Identifiers: lister.ResourceID(r.RoleName),
	}, p
}

func listedAttributes(p *lister.Attributes, r types.Role) {
	p.String("Description", r.Description)
	p.Int("MaxSessionDuration", r.MaxSessionDuration)
}

func listRolesSingly(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := iam.NewFromConfig(t.Config)
	d := lister.Description[types.Role, *types.Role]{
		Ask:   func(ctx context.Context, r types.Role) (*types.Role, error) { return getRole(ctx, c, r) },
		Asset: singleRole,
		Gone:  []string{noSuchEntity},
	}
	return rolePages(ctx, c, func(page []types.Role) error { return d.Put(ctx, out, page) })
}

func getRole(ctx context.Context, c *iam.Client, r types.Role) (*types.Role, error) {
	got, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: r.RoleName})
	if err != nil {
		return nil, err
	}
	return got.Role, nil
}

// singleRole makes the asset of a listed role; whole is nil if it could not be read by itself.
func singleRole(listed types.Role, whole *types.Role) inventory.Asset {
	a, p := role(listed)
	listedAttributes(&p, listed)
	if whole == nil {
		p.Unread("PermissionsBoundary")
	} else {
		p.String("PermissionsBoundary", boundary(whole.PermissionsBoundary))
		a.Tags = iamTags(whole.Tags)
	}
	a.Attributes, a.Origin.Call = p.Known(), "iam:ListRoles"
	return a
}

func roleTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := iam.NewFromConfig(t.Config)
	return readIAMTags(ctx, func(marker *string) ([]types.Tag, *string, error) {
		page, err := c.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: aws.String(a.Name), Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.Marker, nil
	})
}

func listUsers(ctx context.Context, t *lister.Target, out lister.Out) error {
	if !t.Options.AuthorizationDetails {
		return listUsersSingly(ctx, t, out)
	}
	return details(ctx, t, types.EntityTypeUser, func(page *iam.GetAccountAuthorizationDetailsOutput) error {
		return lister.Put(out, page.UserDetailList, detailedUser)
	})
}

func detailedUser(d *types.UserDetail) inventory.Asset {
	a, p := user(types.User{Arn: d.Arn, UserName: d.UserName, UserId: d.UserId, Path: d.Path, CreateDate: d.CreateDate})
	groups := slices.Clone(d.GroupList)
	slices.Sort(groups)
	p.Strings("Groups", groups)
	p.String("PermissionsBoundary", boundary(d.PermissionsBoundary))
	p.Strings("ManagedPolicyArns", attachedARNs(d.AttachedManagedPolicies))
	p.Strings("InlinePolicyNames", inlineNames(d.UserPolicyList))
	p.Object("Policies", inlinePolicies(d.UserPolicyList))
	a.Attributes, a.Tags = p.Known(), iamTags(d.Tags)
	return a
}

// user makes what every call tells of a user.
func user(u types.User) (inventory.Asset, lister.Attributes) {
	var p lister.Attributes
	p.String("UserName", u.UserName)
	p.String("UserId", u.UserId)
	p.String("Path", u.Path)
	return inventory.Asset{
		Key: lister.Str(u.Arn), Name: lister.Str(u.UserName), Created: lister.Time(u.CreateDate),
		Identifiers: lister.ResourceID(u.UserName),
	}, p
}

func listUsersSingly(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := iam.NewFromConfig(t.Config)
	d := lister.Description[types.User, *types.User]{
		Ask:   func(ctx context.Context, u types.User) (*types.User, error) { return getUser(ctx, c, u) },
		Asset: singleUser,
		Gone:  []string{noSuchEntity},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListUsers(ctx, &iam.ListUsersInput{Marker: token, MaxItems: aws.Int32(iamPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, d.Put(ctx, out, page.Users)
	})
}

func getUser(ctx context.Context, c *iam.Client, u types.User) (*types.User, error) {
	got, err := c.GetUser(ctx, &iam.GetUserInput{UserName: u.UserName})
	if err != nil {
		return nil, err
	}
	return got.User, nil
}

// singleUser makes the asset of a listed user; whole is nil if it could not be read by itself.
func singleUser(listed types.User, whole *types.User) inventory.Asset {
	a, p := user(listed)
	if whole == nil {
		p.Unread("PermissionsBoundary")
	} else {
		p.String("PermissionsBoundary", boundary(whole.PermissionsBoundary))
		a.Tags = iamTags(whole.Tags)
	}
	a.Attributes, a.Origin.Call = p.Known(), "iam:ListUsers"
	return a
}

func userTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := iam.NewFromConfig(t.Config)
	return readIAMTags(ctx, func(marker *string) ([]types.Tag, *string, error) {
		page, err := c.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: aws.String(a.Name), Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.Marker, nil
	})
}

func listGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	if !t.Options.AuthorizationDetails {
		return listGroupsSingly(ctx, t, out)
	}
	return details(ctx, t, types.EntityTypeGroup, func(page *iam.GetAccountAuthorizationDetailsOutput) error {
		return lister.Put(out, page.GroupDetailList, detailedGroup)
	})
}

func detailedGroup(d *types.GroupDetail) inventory.Asset {
	a, p := group(types.Group{Arn: d.Arn, GroupName: d.GroupName, GroupId: d.GroupId, Path: d.Path, CreateDate: d.CreateDate})
	p.Strings("ManagedPolicyArns", attachedARNs(d.AttachedManagedPolicies))
	p.Strings("InlinePolicyNames", inlineNames(d.GroupPolicyList))
	p.Object("Policies", inlinePolicies(d.GroupPolicyList))
	a.Attributes = p.Known()
	return a
}

func group(g types.Group) (inventory.Asset, lister.Attributes) {
	var p lister.Attributes
	p.String("GroupName", g.GroupName)
	p.String("GroupId", g.GroupId)
	p.String("Path", g.Path)
	return inventory.Asset{
		Key: lister.Str(g.Arn), Name: lister.Str(g.GroupName), Created: lister.Time(g.CreateDate), Tags: inventory.NotTaggable(),
		Identifiers: lister.ResourceID(g.GroupName),
	}, p
}

func listGroupsSingly(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := iam.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListGroups(ctx, &iam.ListGroupsInput{Marker: token, MaxItems: aws.Int32(iamPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.Groups, singleGroup)
	})
}

func singleGroup(g *types.Group) inventory.Asset {
	a, p := group(*g)
	a.Attributes, a.Origin.Call = p.Known(), "iam:ListGroups"
	return a
}
