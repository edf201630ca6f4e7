package security

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// iamPage is the most that a list call of IAM returns.
const iamPage = 1000

// noSuchEntity is IAM's word for a thing that is not there any more.
const noSuchEntity = "NoSuchEntity"

func iamListers() []lister.Lister {
	list := slices.Concat(principalListers(), policyListers(), iamThingListers())
	for i := range list {
		list[i].Place = lister.Global
	}
	return list
}

func iamAPI() lister.Service { return lister.API(iam.ServiceID, "iam") }

// details pages through the one call that returns all of IAM, for one kind of entity.
func details(ctx context.Context, t *lister.Target, kind types.EntityType, take func(*iam.GetAccountAuthorizationDetailsOutput) error) error {
	c := iam.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetAccountAuthorizationDetails(ctx, &iam.GetAccountAuthorizationDetailsInput{
			Filter: []types.EntityType{kind}, Marker: token, MaxItems: aws.Int32(iamPage),
		})
		if err != nil {
			return nil, err
		}
		return page.Marker, take(page)
	})
}

// policyDocument opens a policy, which IAM escapes as a part of a URL.
func policyDocument(text *string) string {
	plain, err := url.PathUnescape(lister.Str(text))
	if err != nil {
		return lister.Str(text)
	}
	return plain
}

func iamTags(list []types.Tag) inventory.Tags {
	return lister.TagsOf(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

// readIAMTags joins the pages of a tag call.
func readIAMTags(ctx context.Context, fetch func(marker *string) ([]types.Tag, *string, error)) (inventory.Tags, error) {
	return lister.AllTags(ctx, func(t types.Tag) (*string, *string) { return t.Key, t.Value }, fetch)
}

// boundary is the ARN of the policy that bounds an entity's permissions, nil if there is none.
func boundary(b *types.AttachedPermissionsBoundary) *string {
	if b == nil {
		return nil
	}
	return b.PermissionsBoundaryArn
}

// attachedARNs returns the ARNs of attached policies, sorted since IAM gives them in any order.
func attachedARNs(list []types.AttachedPolicy) []string {
	arns := make([]string, len(list))
	for i, p := range list {
		arns[i] = lister.Str(p.PolicyArn)
	}
	slices.Sort(arns)
	return arns
}

// inlinePolicies returns the inline policies as CloudFormation has them, by name.
func inlinePolicies(list []types.PolicyDetail) []any {
	list = slices.SortedFunc(slices.Values(list), func(a, b types.PolicyDetail) int {
		return strings.Compare(lister.Str(a.PolicyName), lister.Str(b.PolicyName))
	})
	out := make([]any, len(list))
	for i, p := range list {
		var document any = policyDocument(p.PolicyDocument)
		if v, err := inventory.ParseValue([]byte(policyDocument(p.PolicyDocument))); err == nil {
			document = v.Decode()
		}
		out[i] = map[string]any{"PolicyName": lister.Str(p.PolicyName), "PolicyDocument": document}
	}
	return out
}

// inlineNames returns the names of inline policies.
func inlineNames(list []types.PolicyDetail) []string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = lister.Str(p.PolicyName)
	}
	slices.Sort(names)
	return names
}
