package security

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	identitytypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// cognitoPage is the most that a list call of either Cognito service returns.
const cognitoPage = 60

// cognitoListers read pools, each by a call of its own that has its tags too.
func cognitoListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::Cognito::UserPool",
		ARNs:       []string{"cognito-idp:userpool/*"},
		Operations: lister.API(cognitoidentityprovider.ServiceID, "cognito-idp").Ops("ListUserPools", "DescribeUserPool"),
		List:       listUserPools,
	}, {
		Type:       "AWS::Cognito::IdentityPool",
		ARNs:       []string{"cognito-identity:identitypool/*"},
		Operations: lister.API(cognitoidentity.ServiceID, "cognito-identity").Ops("ListIdentityPools", "DescribeIdentityPool"),
		List:       listIdentityPools,
	}}
}

func listUserPools(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := cognitoidentityprovider.NewFromConfig(t.Config)
	d := lister.Description[types.UserPoolDescriptionType, *types.UserPoolType]{
		Ask: func(ctx context.Context, d types.UserPoolDescriptionType) (*types.UserPoolType, error) {
			return describeUserPool(ctx, c, d.Id)
		},
		Asset: func(d types.UserPoolDescriptionType, whole *types.UserPoolType) inventory.Asset {
			return userPool(t, d, whole)
		},
		Gone: []string{"ResourceNotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListUserPools(ctx, &cognitoidentityprovider.ListUserPoolsInput{NextToken: token, MaxResults: aws.Int32(cognitoPage)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.UserPools)
	})
}

func describeUserPool(ctx context.Context, c *cognitoidentityprovider.Client, id *string) (*types.UserPoolType, error) {
	got, err := c.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: id})
	if err != nil {
		return nil, err
	}
	return got.UserPool, nil
}

// userPool makes the asset of a listed pool; whole is nil if it could not be described.
func userPool(t *lister.Target, d types.UserPoolDescriptionType, whole *types.UserPoolType) inventory.Asset {
	a := inventory.Asset{
		Key: t.ARN("cognito-idp", "userpool/"+lister.Str(d.Id)), Name: lister.Str(d.Name), Created: lister.Time(d.CreationDate),
		Identifiers: lister.ResourceID(d.Id),
	}
	if whole == nil {
		return a
	}
	if whole.Arn != nil {
		a.Key = *whole.Arn
	}
	a.Attributes, a.Tags = userPoolAttributes(whole), inventory.TagsFromMap(whole.UserPoolTags)
	return a
}

func userPoolAttributes(v *types.UserPoolType) inventory.Attributes {
	var p lister.Attributes
	p.String("UserPoolName", v.Name)
	p.Text("UserPoolTier", string(v.UserPoolTier))
	p.Text("MfaConfiguration", string(v.MfaConfiguration))
	p.Text("DeletionProtection", string(v.DeletionProtection))
	p.Strings("AutoVerifiedAttributes", lister.Texts(v.AutoVerifiedAttributes))
	p.Strings("UsernameAttributes", lister.Texts(v.UsernameAttributes))
	p.Strings("AliasAttributes", lister.Texts(v.AliasAttributes))
	if v.AdminCreateUserConfig != nil {
		p.Bool("AdminCreateUserConfig.AllowAdminCreateUserOnly", aws.Bool(v.AdminCreateUserConfig.AllowAdminCreateUserOnly))
	}
	if v.UserPoolAddOns != nil {
		p.Text("UserPoolAddOns.AdvancedSecurityMode", string(v.UserPoolAddOns.AdvancedSecurityMode))
	}
	if v.Policies != nil && v.Policies.PasswordPolicy != nil {
		passwordPolicy(&p, v.Policies.PasswordPolicy)
	}
	return p.Known()
}

func passwordPolicy(p *lister.Attributes, v *types.PasswordPolicyType) {
	const at = "Policies.PasswordPolicy."
	p.Int(at+"MinimumLength", v.MinimumLength)
	p.Int(at+"PasswordHistorySize", v.PasswordHistorySize)
	p.Int(at+"TemporaryPasswordValidityDays", aws.Int32(v.TemporaryPasswordValidityDays))
	p.Bool(at+"RequireLowercase", aws.Bool(v.RequireLowercase))
	p.Bool(at+"RequireNumbers", aws.Bool(v.RequireNumbers))
	p.Bool(at+"RequireSymbols", aws.Bool(v.RequireSymbols))
	p.Bool(at+"RequireUppercase", aws.Bool(v.RequireUppercase))
}

func listIdentityPools(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := cognitoidentity.NewFromConfig(t.Config)
	d := lister.Description[identitytypes.IdentityPoolShortDescription, *cognitoidentity.DescribeIdentityPoolOutput]{
		Ask: func(ctx context.Context, d identitytypes.IdentityPoolShortDescription) (*cognitoidentity.DescribeIdentityPoolOutput, error) {
			return c.DescribeIdentityPool(ctx, &cognitoidentity.DescribeIdentityPoolInput{IdentityPoolId: d.IdentityPoolId})
		},
		Asset: func(d identitytypes.IdentityPoolShortDescription, v *cognitoidentity.DescribeIdentityPoolOutput) inventory.Asset {
			return identityPool(t, d, v)
		},
		Gone: []string{"ResourceNotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListIdentityPools(ctx, &cognitoidentity.ListIdentityPoolsInput{NextToken: token, MaxResults: aws.Int32(cognitoPage)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.IdentityPools)
	})
}

// identityPool makes the asset of a listed pool; v is nil if it could not be described.
func identityPool(t *lister.Target, d identitytypes.IdentityPoolShortDescription, v *cognitoidentity.DescribeIdentityPoolOutput) inventory.Asset {
	a := inventory.Asset{
		Key: t.ARN("cognito-identity", "identitypool/"+lister.Str(d.IdentityPoolId)), Name: lister.Str(d.IdentityPoolName),
		Identifiers: lister.ResourceID(d.IdentityPoolId),
	}
	if v == nil {
		return a
	}
	var p lister.Attributes
	p.String("IdentityPoolName", v.IdentityPoolName)
	p.Bool("AllowUnauthenticatedIdentities", aws.Bool(v.AllowUnauthenticatedIdentities))
	p.Bool("AllowClassicFlow", v.AllowClassicFlow)
	p.String("DeveloperProviderName", v.DeveloperProviderName)
	p.Strings("OpenIdConnectProviderARNs", v.OpenIdConnectProviderARNs)
	p.Strings("SamlProviderARNs", v.SamlProviderARNs)
	p.Object("CognitoIdentityProviders", cognitoProviders(v.CognitoIdentityProviders))
	a.Attributes, a.Tags = p.Known(), inventory.TagsFromMap(v.IdentityPoolTags)
	return a
}

// cognitoProviders are the user pools' clients whose users an identity pool takes.
func cognitoProviders(list []identitytypes.CognitoIdentityProvider) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = map[string]any{
			"ClientId": lister.Str(v.ClientId), "ProviderName": lister.Str(v.ProviderName), "ServerSideTokenCheck": aws.ToBool(v.ServerSideTokenCheck),
		}
	}
	return out
}
