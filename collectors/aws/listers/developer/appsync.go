package developer

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// The ARNs of GraphQL and of event APIs do not differ, which is why one lister has both.
func appsyncListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::AppSync::GraphQLApi",
		Also:       []inventory.Type{"AWS::AppSync::Api"},
		ARNs:       []string{"appsync:apis/??????????????????????????"}, // of 26 characters, so that what belongs to an API is left to the sweep
		Operations: lister.API(appsync.ServiceID, "appsync").Ops("ListGraphqlApis", "ListApis"),
		List:       listAPIs,
	}}
}

// apiPage is the largest page that the service gives.
const apiPage = 25

// listAPIs lists standard, merged and event APIs. One kind that may not be listed does not hide the others.
func listAPIs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := appsync.NewFromConfig(t.Config)
	standard, err := graphQLs(ctx, c, types.GraphQLApiTypeGraphql)
	if stop := lister.Put(out, standard, graphQL); stop != nil || err != nil {
		return cmp.Or(stop, err)
	}
	merged, err := graphQLs(ctx, c, types.GraphQLApiTypeMerged)
	merged = slices.DeleteFunc(merged, func(m types.GraphqlApi) bool { // where the service takes no notice of the kind, it gives all APIs twice
		return slices.ContainsFunc(standard, func(s types.GraphqlApi) bool { return lister.Str(s.Arn) == lister.Str(m.Arn) })
	})
	if stop := lister.Put(out, merged, graphQL); stop != nil {
		return stop
	}
	if stop := lister.Unlisted(out, "the merged APIs", err); stop != nil {
		return stop
	}
	return listEventAPIs(ctx, c, out)
}

func graphQLs(ctx context.Context, c *appsync.Client, kind types.GraphQLApiType) ([]types.GraphqlApi, error) {
	return lister.All(ctx, func(token *string) ([]types.GraphqlApi, *string, error) {
		page, err := c.ListGraphqlApis(ctx, &appsync.ListGraphqlApisInput{NextToken: token, MaxResults: apiPage, ApiType: kind})
		if err != nil {
			return nil, nil, err
		}
		return page.GraphqlApis, page.NextToken, nil
	})
}

// graphQL makes the asset of a GraphQL API, without the address of its owner.
func graphQL(m *types.GraphqlApi) inventory.Asset {
	var p lister.Attributes
	p.String("Name", m.Name)
	p.Text("ApiType", string(m.ApiType))
	p.Text("Visibility", string(m.Visibility))
	p.Text("AuthenticationType", string(m.AuthenticationType))
	p.Strings("AdditionalAuthenticationTypes", additionalAuth(m.AdditionalAuthenticationProviders))
	p.Text("IntrospectionConfig", string(m.IntrospectionConfig))
	p.Bool("XrayEnabled", aws.Bool(m.XrayEnabled))
	p.Int("QueryDepthLimit", aws.Int32(m.QueryDepthLimit))
	p.Int("ResolverCountLimit", aws.Int32(m.ResolverCountLimit))
	p.String("MergedApiExecutionRoleArn", m.MergedApiExecutionRoleArn)
	p.String("WafWebAclArn", m.WafWebAclArn)
	logs := lister.OrEmpty(m.LogConfig)
	p.Text("LogConfig.FieldLogLevel", string(logs.FieldLogLevel))
	p.String("LogConfig.CloudWatchLogsRoleArn", logs.CloudWatchLogsRoleArn)
	p.Bool("LogConfig.ExcludeVerboseContent", aws.Bool(logs.ExcludeVerboseContent))
	p.String("UserPoolConfig.UserPoolId", lister.OrEmpty(m.UserPoolConfig).UserPoolId)
	p.Text("UserPoolConfig.DefaultAction", string(lister.OrEmpty(m.UserPoolConfig).DefaultAction))
	p.String("LambdaAuthorizerConfig.AuthorizerUri", lister.OrEmpty(m.LambdaAuthorizerConfig).AuthorizerUri)
	return api(m.Arn, m.ApiId, m.Name, m.Dns, m.Tags, p.Known())
}

func additionalAuth(list []types.AdditionalAuthenticationProvider) []string {
	kinds := make([]string, len(list))
	for i, p := range list {
		kinds[i] = string(p.AuthenticationType)
	}
	return kinds
}

// listEventAPIs lists the event APIs, which some regions do not have yet.
func listEventAPIs(ctx context.Context, c *appsync.Client, out lister.Out) error {
	list, err := lister.All(ctx, func(token *string) ([]types.Api, *string, error) {
		page, err := c.ListApis(ctx, &appsync.ListApisInput{NextToken: token, MaxResults: apiPage})
		if err != nil {
			return nil, nil, err
		}
		return page.Apis, page.NextToken, nil
	})
	if stop := lister.Put(out, list, eventAPI); stop != nil || lister.Gone(err, "UnknownOperationException") {
		return stop
	}
	return lister.Unlisted(out, "the event APIs", err)
}

func eventAPI(m *types.Api) inventory.Asset {
	var p lister.Attributes
	p.String("Name", m.Name)
	p.Bool("XrayEnabled", aws.Bool(m.XrayEnabled))
	p.String("WafWebAclArn", m.WafWebAclArn)
	p.Strings("AuthenticationTypes", eventAuth(lister.OrEmpty(m.EventConfig).AuthProviders))
	a := api(m.ApiArn, m.ApiId, m.Name, m.Dns, m.Tags, p.Known())
	a.Type, a.Created = "AWS::AppSync::Api", lister.Time(m.Created)
	return a
}

func eventAuth(list []types.AuthProvider) []string {
	kinds := make([]string, len(list))
	for i, p := range list {
		kinds[i] = string(p.AuthType)
	}
	return kinds
}

// api is what all kinds of API have in common.
func api(arn, id, name *string, dns, tags map[string]string, attributes inventory.Attributes) inventory.Asset {
	a := inventory.Asset{
		Key: lister.Str(arn), Name: lister.Str(name), Attributes: attributes, Tags: inventory.TagsFromMap(tags),
		Identifiers: lister.ResourceID(id),
	}
	for _, host := range dns {
		a.Identifiers = append(a.Identifiers, inventory.Identifier{Kind: inventory.FQDN, Value: host})
	}
	return a
}
