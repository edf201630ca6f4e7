package security

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// policyListers read the policies that are the account's own, with the document of the version in force. No list call has
// their tags, whatever the model says.
func policyListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::IAM::ManagedPolicy",
		ARNs:       []string{"iam:policy/*"},
		Operations: iamAPI().Ops("GetAccountAuthorizationDetails", "ListPolicies", "GetPolicyVersion", "ListPolicyTags"),
		List:       listPolicies,
		ReadTags:   policyTags,
	}}
}

func listPolicies(ctx context.Context, t *lister.Target, out lister.Out) error {
	if !t.Options.AuthorizationDetails {
		return listPoliciesSingly(ctx, t, out)
	}
	return details(ctx, t, types.EntityTypeLocalManagedPolicy, func(page *iam.GetAccountAuthorizationDetailsOutput) error {
		return lister.Put(out, page.Policies, detailedPolicy)
	})
}

func detailedPolicy(d *types.ManagedPolicyDetail) inventory.Asset {
	a, p := policy(types.Policy{Arn: d.Arn, PolicyName: d.PolicyName, PolicyId: d.PolicyId, Path: d.Path, CreateDate: d.CreateDate})
	if d.Description != nil { // that it is left out says nothing: no call that lists policies is sure to have it
		p.String("Description", d.Description)
	}
	setDocument(&p, inForce(d.PolicyVersionList))
	a.Attributes = p.Known()
	return a
}

// inForce returns the document of the version that counts.
func inForce(versions []types.PolicyVersion) string {
	for _, v := range versions {
		if v.IsDefaultVersion {
			return policyDocument(v.Document)
		}
	}
	return ""
}

// setDocument sets the document of a policy. Every policy has one, so that an empty one was not read.
func setDocument(p *lister.Attributes, text string) {
	if text == "" {
		p.Unread("PolicyDocument")
		return
	}
	p.JSON("PolicyDocument", text)
}

// policy makes what every call tells of a policy.
func policy(d types.Policy) (inventory.Asset, lister.Attributes) {
	name := lister.Str(d.PolicyName)
	if name == "" {
		name = afterSlash(d.Arn)
	}
	var p lister.Attributes
	p.Text("ManagedPolicyName", name)
	p.String("PolicyId", d.PolicyId)
	p.String("Path", d.Path)
	return inventory.Asset{
		Key: lister.Str(d.Arn), Name: name, Created: lister.Time(d.CreateDate),
		Identifiers: lister.ResourceID(d.Arn),
	}, p
}

func listPoliciesSingly(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := iam.NewFromConfig(t.Config)
	d := lister.Description[types.Policy, string]{
		Ask:   func(ctx context.Context, d types.Policy) (string, error) { return defaultDocument(ctx, c, d) },
		Asset: singlePolicy,
		Gone:  []string{noSuchEntity},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListPolicies(ctx, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal, Marker: token, MaxItems: aws.Int32(iamPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, d.Put(ctx, out, page.Policies)
	})
}

func defaultDocument(ctx context.Context, c *iam.Client, d types.Policy) (string, error) {
	got, err := c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: d.Arn, VersionId: d.DefaultVersionId})
	if err != nil || got.PolicyVersion == nil {
		return "", err
	}
	return policyDocument(got.PolicyVersion.Document), nil
}

// singlePolicy makes the asset of a listed policy; document is empty if it could not be read. The list call leaves the description out, which is not asked for.
func singlePolicy(d types.Policy, document string) inventory.Asset {
	a, p := policy(d)
	setDocument(&p, document)
	a.Attributes, a.Origin.Call = p.Known(), "iam:ListPolicies"
	return a
}

func policyTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := iam.NewFromConfig(t.Config)
	return readIAMTags(ctx, func(marker *string) ([]types.Tag, *string, error) {
		page, err := c.ListPolicyTags(ctx, &iam.ListPolicyTagsInput{PolicyArn: aws.String(a.Key), Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.Marker, nil
	})
}
