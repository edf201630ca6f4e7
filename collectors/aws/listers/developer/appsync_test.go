package developer

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const (
	apiARN = "arn:aws:appsync:eu-west-1:111122223333:apis/"
	apiID  = "abcdefghijklmnopqrstuvwxy" // and one more
)

// graphQLAnswer answers for standard APIs by the pages, and for merged ones by merged.
func graphQLAnswer(merged listertest.Response, pages ...string) listertest.Answer {
	return func(_ int, request string) listertest.Response {
		switch {
		case strings.Contains(request, "apiType=MERGED"):
			return merged
		case strings.Contains(request, "nextToken="):
			return listertest.Response{Body: pages[1]}
		}
		return listertest.Response{Body: pages[0]}
	}
}

func TestAPIs(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::AppSync::GraphQLApi")
	o := listertest.Run(t, l, listertest.Answers{
		"ListGraphqlApis": graphQLAnswer(
			listertest.Response{Body: `{"graphqlApis":[{"apiId":"` + apiID + `3","arn":"` + apiARN + apiID + `3","name":"all","apiType":"MERGED",
				"mergedApiExecutionRoleArn":"arn:aws:iam::111122223333:role/merge"}]}`},
			`{"graphqlApis":[{"apiId":"`+apiID+`1","arn":"`+apiARN+apiID+`1","name":"shop","apiType":"GRAPHQL","visibility":"GLOBAL","authenticationType":"API_KEY",
				"additionalAuthenticationProviders":[{"authenticationType":"AWS_IAM"}],"introspectionConfig":"ENABLED","xrayEnabled":true,"queryDepthLimit":5,
				"logConfig":{"fieldLogLevel":"ERROR","cloudWatchLogsRoleArn":"arn:aws:iam::111122223333:role/logs","excludeVerboseContent":true},
				"ownerContact":"someone@example.com","dns":{"GRAPHQL":"x.appsync-api.eu-west-1.amazonaws.com"},
				"wafWebAclArn":"arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/w/1","tags":{"owner":"payments"}}],"nextToken":"more"}`,
			`{"graphqlApis":[{"apiId":"`+apiID+`2","arn":"`+apiARN+apiID+`2","name":"bare","apiType":"GRAPHQL","authenticationType":"AWS_IAM"}]}`,
		),
		"ListApis": listertest.Bodies(
			`{"apis":[{"apiId":"`+apiID+`4","apiArn":"`+apiARN+apiID+`4","name":"chat","created":1767225600,"xrayEnabled":false,
				"eventConfig":{"authProviders":[{"authType":"API_KEY"}]},"tags":{"owner":"web"}}],"nextToken":"more"}`,
			`{"apis":[]}`,
		),
	})
	if o.Err != nil || len(o.Assets) != 4 || len(o.Unread) != 0 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, apiARN+apiID+"1")
	listertest.Attributes(t, a, map[string]string{
		"Name": `"shop"`, "ApiType": `"GRAPHQL"`, "AuthenticationType": `"API_KEY"`, "AdditionalAuthenticationTypes": `["AWS_IAM"]`, "XrayEnabled": "true",
		"QueryDepthLimit": "5", "LogConfig.FieldLogLevel": `"ERROR"`, "LogConfig.ExcludeVerboseContent": "true", "Visibility": `"GLOBAL"`,
		"WafWebAclArn": `"arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/w/1"`, "UserPoolConfig.UserPoolId": "null",
	})
	listertest.Nowhere(t, a, "example.com")
	listertest.Tag(t, a, "owner", "payments")
	bare := o.Asset(t, "bare")
	listertest.Attributes(t, bare, map[string]string{"LogConfig.FieldLogLevel": "null", "WafWebAclArn": "null"})
	if bare.Tags.State() != inventory.Known || bare.Tags.Len() != 0 {
		t.Errorf("tags of an API without tags: %v", bare.Tags)
	}
	listertest.Attributes(t, o.Asset(t, "all"), map[string]string{"ApiType": `"MERGED"`})
	chat := o.Asset(t, "chat")
	listertest.Attributes(t, chat, map[string]string{"AuthenticationTypes": `["API_KEY"]`, "XrayEnabled": "false"})
	listertest.Tag(t, chat, "owner", "web")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); chat.Type != "AWS::AppSync::Api" || !chat.Created.Equal(want) {
		t.Errorf("event API of type %s, created %s", chat.Type, chat.Created)
	}
}

// TestAPIsOfOneKind checks that what may be listed is there, once, and that the rest is told unless the region has no such thing.
func TestAPIsOfOneKind(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::AppSync::GraphQLApi")
	for code, unread := range map[string]int{"AccessDeniedException": 2, "UnknownOperationException": 1} {
		o := listertest.Run(t, l, listertest.Answers{
			"ListGraphqlApis": graphQLAnswer(listertest.Response{Code: "AccessDeniedException"}, `{"graphqlApis":[{"arn":"`+apiARN+apiID+`1","name":"shop"}]}`),
			"ListApis":        listertest.Refuse(code),
		})
		if o.Err != nil || len(o.Assets) != 1 || len(o.Unread) != unread {
			t.Errorf("%s: error %v, %d assets, unread %v", code, o.Err, len(o.Assets), o.Unread)
		}
	}
	o := listertest.Run(t, l, listertest.Answers{
		"ListGraphqlApis": listertest.Bodies(`{"graphqlApis":[{"arn":"` + apiARN + apiID + `1","name":"shop"}]}`), "ListApis": listertest.Bodies(`{}`),
	})
	if o.Err != nil || len(o.Assets) != 1 {
		t.Errorf("an API that is given twice: error %v, %d assets", o.Err, len(o.Assets))
	}
	o = listertest.Run(t, l, listertest.Answers{"ListGraphqlApis": listertest.Refuse("AccessDeniedException")})
	if o.Err == nil {
		t.Error("a refused list is no error")
	}
}
