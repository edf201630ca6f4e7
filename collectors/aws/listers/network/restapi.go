package network

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func restAPIListers() []lister.Lister {
	return []lister.Lister{
		{
			Type: "AWS::ApiGateway::RestApi", ARNs: []string{"apigateway:/restapis/*"}, Operations: gets(apigateway.ServiceID, "GetRestApis"),
			List: listRestAPIs,
		},
		{
			Type: "AWS::ApiGateway::Stage", ARNs: []string{"apigateway:/restapis/*/stages/*"},
			Operations: gets(apigateway.ServiceID, "GetStages", "GetRestApis"), List: listRestStages,
		},
	}
}

// gets are operations of API Gateway, whose permissions are those of HTTP methods.
func gets(service string, names ...string) []lister.Operation {
	var list []lister.Operation
	for _, n := range names {
		list = append(list, lister.API(service, "apigateway").As(n, "apigateway:GET"))
	}
	return list
}

// gatewayARN names a thing of API Gateway, whose names bear no account.
func gatewayARN(t *lister.Target, path string) string {
	return t.ARNOf("apigateway", t.Region, "", path)
}

func listRestAPIs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := apigateway.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetRestApis(ctx, &apigateway.GetRestApisInput{Position: token, Limit: aws.Int32(500)})
		if err != nil {
			return nil, err
		}
		return page.Position, lister.Put(out, page.Items, func(r *types.RestApi) inventory.Asset { return restAPI(t, r) })
	})
}

func restAPI(t *lister.Target, r *types.RestApi) inventory.Asset {
	a := inventory.Asset{
		Key: gatewayARN(t, "/restapis/"+lister.Str(r.Id)), Name: lister.Str(r.Name), Created: lister.Time(r.CreatedDate),
		Tags: inventory.TagsFromMap(r.Tags), Identifiers: lister.ResourceID(r.Id),
	}
	var p lister.Attributes
	p.String("Name", r.Name)
	p.String("Description", r.Description)
	p.Text("ApiKeySourceType", string(r.ApiKeySource))
	p.Strings("BinaryMediaTypes", r.BinaryMediaTypes)
	p.Value("DisableExecuteApiEndpoint", inventory.BoolValue(r.DisableExecuteApiEndpoint))
	p.Int("MinimumCompressionSize", r.MinimumCompressionSize)
	p.Text("SecurityPolicy", string(r.SecurityPolicy))
	p.Text("EndpointAccessMode", string(r.EndpointAccessMode))
	p.JSON("Policy", unescape(lister.Str(r.Policy)))
	placed(&p, r.EndpointConfiguration)
	a.Attributes = p.Known()
	return a
}

// placed sets where an API or name is served.
func placed(p *lister.Attributes, e *types.EndpointConfiguration) {
	if e == nil {
		return
	}
	p.Object("EndpointConfiguration.Types", texts(e.Types))
	p.Strings("EndpointConfiguration.VpcEndpointIds", e.VpcEndpointIds)
	p.Text("EndpointConfiguration.IpAddressType", string(e.IpAddressType))
}

// unescape undoes the escapes of a policy, which the service returns as the inside of a JSON string.
func unescape(policy string) string {
	var plain string
	if json.Valid([]byte(policy)) || json.Unmarshal([]byte(`"`+policy+`"`), &plain) != nil {
		return policy
	}
	return plain
}

// listRestStages asks each API for its stages: no call returns those of all.
func listRestStages(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := apigateway.NewFromConfig(t.Config)
	stages := lister.Parts[types.RestApi, types.Stage]{
		List:  func(ctx context.Context, r types.RestApi) ([]types.Stage, error) { return restStagesOf(ctx, c, r.Id) },
		Asset: func(r types.RestApi, s *types.Stage) inventory.Asset { return restStage(t, &r, s) },
		Name:  func(r types.RestApi) string { return gatewayARN(t, "/restapis/"+lister.Str(r.Id)) },
		Gone:  []string{"NotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetRestApis(ctx, &apigateway.GetRestApisInput{Position: token, Limit: aws.Int32(500)})
		if err != nil {
			return nil, err
		}
		return page.Position, stages.Put(ctx, out, page.Items)
	})
}

func restStagesOf(ctx context.Context, c *apigateway.Client, api *string) ([]types.Stage, error) {
	answer, err := c.GetStages(ctx, &apigateway.GetStagesInput{RestApiId: api})
	if err != nil {
		return nil, err
	}
	return answer.Item, nil
}

func restStage(t *lister.Target, r *types.RestApi, s *types.Stage) inventory.Asset {
	api := gatewayARN(t, "/restapis/"+lister.Str(r.Id))
	a := inventory.Asset{
		Key: api + "/stages/" + lister.Str(s.StageName), Name: lister.Str(r.Name) + "/" + lister.Str(s.StageName),
		Created: lister.Time(s.CreatedDate), Tags: inventory.TagsFromMap(s.Tags),
		Relations: []inventory.Relation{lister.To(inventory.PartOf, api)},
	}
	var p lister.Attributes
	p.String("RestApiId", r.Id)
	p.String("StageName", s.StageName)
	p.String("Description", s.Description)
	p.String("DeploymentId", s.DeploymentId)
	p.Value("CacheClusterEnabled", inventory.BoolValue(s.CacheClusterEnabled))
	p.Text("CacheClusterSize", string(s.CacheClusterSize))
	p.Value("TracingEnabled", inventory.BoolValue(s.TracingEnabled))
	p.String("ClientCertificateId", s.ClientCertificateId)
	p.String("WebAclArn", s.WebAclArn)
	p.Strings("VariableNames", slices.Sorted(maps.Keys(s.Variables)))
	logs := s.AccessLogSettings
	if logs == nil {
		logs = &types.AccessLogSettings{}
	}
	p.String("AccessLogSetting.DestinationArn", logs.DestinationArn)
	p.String("AccessLogSetting.Format", logs.Format)
	p.Object("MethodSettings", methods(s.MethodSettings))
	a.Attributes = p.Known()
	return a
}

// methods are the settings of a stage's methods, by path and verb. "*/*" is all of them.
func methods(settings map[string]types.MethodSetting) []any {
	out := []any{}
	for _, path := range slices.Sorted(maps.Keys(settings)) {
		m := settings[path]
		resource, verb := cutLast(path)
		out = append(out, known(map[string]any{
			"ResourcePath": resource, "HttpMethod": verb, "LoggingLevel": text(m.LoggingLevel), "DataTraceEnabled": m.DataTraceEnabled,
			"MetricsEnabled": m.MetricsEnabled, "CachingEnabled": m.CachingEnabled, "CacheDataEncrypted": m.CacheDataEncrypted,
			"ThrottlingBurstLimit": whole(&m.ThrottlingBurstLimit), "ThrottlingRateLimit": number(&m.ThrottlingRateLimit),
		}))
	}
	return out
}

// cutLast cuts "~1orders~1{id}/GET" into "/~1orders~1{id}" and "GET", as CloudFormation has them.
func cutLast(path string) (resource, verb string) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return path, ""
	}
	return "/" + strings.TrimPrefix(path[:i], "/"), path[i+1:]
}
