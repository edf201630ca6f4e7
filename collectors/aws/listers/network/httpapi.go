package network

import (
	"context"
	"maps"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func httpAPIListers() []lister.Lister {
	return []lister.Lister{
		{
			Type: "AWS::ApiGatewayV2::Api", ARNs: []string{"apigateway:/apis/*"}, Operations: gets(apigatewayv2.ServiceID, "GetApis"),
			List: listHTTPAPIs,
		},
		{
			Type: "AWS::ApiGatewayV2::Stage", ARNs: []string{"apigateway:/apis/*/stages/*"},
			Operations: gets(apigatewayv2.ServiceID, "GetStages", "GetApis"), List: listHTTPStages,
		},
	}
}

func listHTTPAPIs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := apigatewayv2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetApis(ctx, &apigatewayv2.GetApisInput{NextToken: token, MaxResults: aws.String("500")})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Items, func(h *types.Api) inventory.Asset { return httpAPI(t, h) })
	})
}

func httpAPI(t *lister.Target, h *types.Api) inventory.Asset {
	a := inventory.Asset{
		Key: gatewayARN(t, "/apis/"+lister.Str(h.ApiId)), Name: lister.Str(h.Name), Created: lister.Time(h.CreatedDate),
		Tags: inventory.TagsFromMap(h.Tags), Identifiers: lister.ResourceID(h.ApiId),
	}
	if u, err := url.Parse(lister.Str(h.ApiEndpoint)); err == nil && u.Hostname() != "" {
		a.Identifiers = append(a.Identifiers, inventory.Identifier{Kind: inventory.FQDN, Value: u.Hostname()})
	}
	var p lister.Attributes
	p.String("Name", h.Name)
	p.String("Description", h.Description)
	p.Text("ProtocolType", string(h.ProtocolType))
	p.Bool("DisableExecuteApiEndpoint", h.DisableExecuteApiEndpoint)
	p.String("RouteSelectionExpression", h.RouteSelectionExpression)
	p.String("ApiKeySelectionExpression", h.ApiKeySelectionExpression)
	p.Text("IpAddressType", string(h.IpAddressType))
	p.String("Version", h.Version)
	p.Object("CorsConfiguration", cors(h.CorsConfiguration))
	a.Attributes = p.Known()
	return a
}

// cors says which pages of others may call an API; nil if none may.
func cors(x *types.Cors) any {
	if x == nil {
		return nil
	}
	out := map[string]any{"AllowCredentials": truth(x.AllowCredentials), "MaxAge": whole(x.MaxAge)}
	for name, list := range map[string][]string{
		"AllowHeaders": x.AllowHeaders, "AllowMethods": x.AllowMethods, "AllowOrigins": x.AllowOrigins, "ExposeHeaders": x.ExposeHeaders,
	} {
		if len(list) > 0 {
			out[name] = texts(list)
		}
	}
	return known(out)
}

// listHTTPStages asks each API for its stages: no call returns those of all.
func listHTTPStages(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := apigatewayv2.NewFromConfig(t.Config)
	stages := lister.Parts[types.Api, types.Stage]{
		List:  func(ctx context.Context, h types.Api) ([]types.Stage, error) { return httpStagesOf(ctx, c, h.ApiId) },
		Asset: func(h types.Api, s *types.Stage) inventory.Asset { return httpStage(t, &h, s) },
		Name:  func(h types.Api) string { return gatewayARN(t, "/apis/"+lister.Str(h.ApiId)) },
		Gone:  []string{"NotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetApis(ctx, &apigatewayv2.GetApisInput{NextToken: token, MaxResults: aws.String("500")})
		if err != nil {
			return nil, err
		}
		return page.NextToken, stages.Put(ctx, out, page.Items)
	})
}

func httpStagesOf(ctx context.Context, c *apigatewayv2.Client, api *string) ([]types.Stage, error) {
	return lister.All(ctx, func(token *string) ([]types.Stage, *string, error) {
		page, err := c.GetStages(ctx, &apigatewayv2.GetStagesInput{ApiId: api, NextToken: token, MaxResults: aws.String("500")})
		if err != nil {
			return nil, nil, err
		}
		return page.Items, page.NextToken, nil
	})
}

func httpStage(t *lister.Target, h *types.Api, s *types.Stage) inventory.Asset {
	api := gatewayARN(t, "/apis/"+lister.Str(h.ApiId))
	a := inventory.Asset{
		Key: api + "/stages/" + lister.Str(s.StageName), Name: lister.Str(h.Name) + "/" + lister.Str(s.StageName),
		Created: lister.Time(s.CreatedDate), Tags: inventory.TagsFromMap(s.Tags),
		Relations: []inventory.Relation{lister.To(inventory.PartOf, api)},
	}
	logs := s.AccessLogSettings
	if logs == nil {
		logs = &types.AccessLogSettings{}
	}
	var p lister.Attributes
	p.String("ApiId", h.ApiId)
	p.String("StageName", s.StageName)
	p.String("Description", s.Description)
	p.Bool("AutoDeploy", s.AutoDeploy)
	p.String("DeploymentId", s.DeploymentId)
	p.String("ClientCertificateId", s.ClientCertificateId)
	p.String("AccessLogSettings.DestinationArn", logs.DestinationArn)
	p.String("AccessLogSettings.Format", logs.Format)
	p.Strings("StageVariableNames", slices.Sorted(maps.Keys(s.StageVariables)))
	if r := s.DefaultRouteSettings; r != nil {
		p.Object("DefaultRouteSettings", known(map[string]any{
			"LoggingLevel": word(r.LoggingLevel), "DataTraceEnabled": truth(r.DataTraceEnabled), "DetailedMetricsEnabled": truth(r.DetailedMetricsEnabled),
			"ThrottlingBurstLimit": whole(r.ThrottlingBurstLimit), "ThrottlingRateLimit": number(r.ThrottlingRateLimit),
		}))
	}
	a.Attributes = p.Known()
	return a
}
