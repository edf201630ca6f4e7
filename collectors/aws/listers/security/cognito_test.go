package security

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestUserPools(t *testing.T) {
	o := run(t, "AWS::Cognito::UserPool", listertest.Answers{
		"ListUserPools": listertest.Bodies(
			`{"UserPools":[{"Id":"eu-west-1_aaa","Name":"customers","CreationDate":1767225600}],"NextToken":"more"}`,
			`{"UserPools":[{"Id":"eu-west-1_bbb","Name":"shut","CreationDate":1767225600},{"Id":"eu-west-1_ccc","Name":"gone"}]}`,
		),
		"DescribeUserPool": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "_aaa"):
				return listertest.Response{Body: `{"UserPool":{"Id":"eu-west-1_aaa","Arn":"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_aaa","Name":"customers",
					"MfaConfiguration":"OPTIONAL","DeletionProtection":"ACTIVE","UserPoolTier":"ESSENTIALS","AutoVerifiedAttributes":["email"],"EstimatedNumberOfUsers":7,
					"AdminCreateUserConfig":{"AllowAdminCreateUserOnly":true},"UserPoolAddOns":{"AdvancedSecurityMode":"AUDIT"},
					"Policies":{"PasswordPolicy":{"MinimumLength":12,"RequireNumbers":true}},"UserPoolTags":{"owner":"payments"}}}`}
			case strings.Contains(request, "_ccc"):
				return listertest.Response{Code: "ResourceNotFoundException"}
			}
			return listertest.Response{Code: "AccessDeniedException"}
		},
	})
	wantCounts(t, o, 2, 1)
	a := o.Asset(t, "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_aaa")
	wantTag(t, a, "owner", "payments")
	wantIdentifier(t, a, inventory.ResourceID, "eu-west-1_aaa")
	wantAttributes(t, a, map[string]string{
		"UserPoolName": `"customers"`, "MfaConfiguration": `"OPTIONAL"`, "DeletionProtection": `"ACTIVE"`, "AutoVerifiedAttributes": `["email"]`, "UsernameAttributes": "[]",
		"AdminCreateUserConfig.AllowAdminCreateUserOnly": "true", "UserPoolAddOns.AdvancedSecurityMode": `"AUDIT"`,
		"Policies.PasswordPolicy.MinimumLength": "12", "Policies.PasswordPolicy.RequireNumbers": "true",
	})
	shut := o.Asset(t, "shut")
	wantTags(t, shut, inventory.Unknown)
	if shut.Attributes.IsKnown() {
		t.Error("attributes that were refused are known")
	}
}

func TestIdentityPools(t *testing.T) {
	o := run(t, "AWS::Cognito::IdentityPool", listertest.Answers{
		"ListIdentityPools": listertest.Bodies(
			`{"IdentityPools":[{"IdentityPoolId":"eu-west-1:aaa","IdentityPoolName":"guests"}],"NextToken":"more"}`,
			`{"IdentityPools":[{"IdentityPoolId":"eu-west-1:bbb","IdentityPoolName":"shut"},{"IdentityPoolId":"eu-west-1:ccc","IdentityPoolName":"gone"}]}`,
		),
		"DescribeIdentityPool": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, ":aaa"):
				return listertest.Response{Body: `{"IdentityPoolId":"eu-west-1:aaa","IdentityPoolName":"guests","AllowUnauthenticatedIdentities":true,
					"CognitoIdentityProviders":[{"ProviderName":"cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aaa","ClientId":"c1","ServerSideTokenCheck":false}]}`}
			case strings.Contains(request, ":ccc"):
				return listertest.Response{Code: "ResourceNotFoundException"}
			}
			return listertest.Response{Code: "NotAuthorizedException"}
		},
	})
	wantCounts(t, o, 2, 1)
	a := o.Asset(t, "arn:aws:cognito-identity:eu-west-1:111122223333:identitypool/eu-west-1:aaa")
	wantTags(t, a, inventory.Known)
	wantAttributes(t, a, map[string]string{
		"AllowUnauthenticatedIdentities": "true", "AllowClassicFlow": "null",
		"CognitoIdentityProviders": `[{"ClientId":"c1","ProviderName":"cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aaa","ServerSideTokenCheck":false}]`,
	})
	wantTags(t, o.Asset(t, "shut"), inventory.Unknown)
}
