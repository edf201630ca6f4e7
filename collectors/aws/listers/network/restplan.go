package network

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func restAPIPlanListers() []lister.Lister {
	return []lister.Lister{
		{
			Type: "AWS::ApiGateway::ApiKey", ARNs: []string{"apigateway:/apikeys/*"}, Operations: gets(apigateway.ServiceID, "GetApiKeys"),
			List: listAPIKeys,
		},
		{
			Type: "AWS::ApiGateway::UsagePlan", ARNs: []string{"apigateway:/usageplans/*"}, Operations: gets(apigateway.ServiceID, "GetUsagePlans"),
			List: listUsagePlans,
		},
		{
			// Both generations of the API list the same names, and one name must not be two assets: it has the type of the call
			// that returns all.
			Type: "AWS::ApiGateway::DomainName", Also: []inventory.Type{"AWS::ApiGatewayV2::DomainName"},
			ARNs: []string{"apigateway:/domainnames/*"}, Operations: gets(apigateway.ServiceID, "GetDomainNames"),
			List: listDomainNames,
		},
	}
}

// listAPIKeys lists keys without what they are: the value is not asked for.
func listAPIKeys(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := apigateway.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetApiKeys(ctx, &apigateway.GetApiKeysInput{Position: token, Limit: aws.Int32(500), IncludeValues: aws.Bool(false)})
		if err != nil {
			return nil, err
		}
		return page.Position, lister.Put(out, page.Items, func(k *types.ApiKey) inventory.Asset { return apiKey(t, k) })
	})
}

func apiKey(t *lister.Target, k *types.ApiKey) inventory.Asset {
	a := inventory.Asset{
		Key: gatewayARN(t, "/apikeys/"+lister.Str(k.Id)), Name: lister.Str(k.Name), Created: lister.Time(k.CreatedDate),
		Tags: inventory.TagsFromMap(k.Tags), Identifiers: lister.ResourceID(k.Id),
	}
	stages := make([]any, len(k.StageKeys))
	for i, s := range k.StageKeys {
		api, name, _ := strings.Cut(s, "/")
		stages[i] = map[string]any{"RestApiId": api, "StageName": name}
	}
	var p lister.Attributes
	p.String("Name", k.Name)
	p.String("Description", k.Description)
	p.Value("Enabled", inventory.BoolValue(k.Enabled))
	p.String("CustomerId", k.CustomerId)
	p.Object("StageKeys", stages)
	a.Attributes = p.Known()
	return a
}

func listUsagePlans(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := apigateway.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetUsagePlans(ctx, &apigateway.GetUsagePlansInput{Position: token, Limit: aws.Int32(500)})
		if err != nil {
			return nil, err
		}
		return page.Position, lister.Put(out, page.Items, func(u *types.UsagePlan) inventory.Asset { return usagePlan(t, u) })
	})
}

func usagePlan(t *lister.Target, u *types.UsagePlan) inventory.Asset {
	a := inventory.Asset{
		Key: gatewayARN(t, "/usageplans/"+lister.Str(u.Id)), Name: lister.Str(u.Name),
		Tags: inventory.TagsFromMap(u.Tags), Identifiers: lister.ResourceID(u.Id),
	}
	stages := make([]any, len(u.ApiStages))
	for i, s := range u.ApiStages {
		stages[i] = known(map[string]any{"ApiId": text(s.ApiId), "Stage": text(s.Stage)})
	}
	var p lister.Attributes
	p.String("UsagePlanName", u.Name)
	p.String("Description", u.Description)
	p.Object("ApiStages", stages)
	if q := u.Quota; q != nil {
		p.Object("Quota", known(map[string]any{"Limit": whole(&q.Limit), "Offset": whole(&q.Offset), "Period": word(q.Period)}))
	}
	if h := u.Throttle; h != nil {
		p.Object("Throttle", known(map[string]any{"BurstLimit": whole(&h.BurstLimit), "RateLimit": number(&h.RateLimit)}))
	}
	a.Attributes = p.Known()
	return a
}

func listDomainNames(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := apigateway.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetDomainNames(ctx, &apigateway.GetDomainNamesInput{Position: token, Limit: aws.Int32(500)})
		if err != nil {
			return nil, err
		}
		return page.Position, lister.Put(out, page.Items, func(d *types.DomainName) inventory.Asset { return domainName(t, d) })
	})
}

// domainName makes the asset of a name. The same private name may be there several times, and its ARN bears an id and the owner.
func domainName(t *lister.Target, d *types.DomainName) inventory.Asset {
	a := inventory.Asset{
		Key: gatewayARN(t, "/domainnames/"+lister.Str(d.DomainName)), Name: lister.Str(d.DomainName),
		Tags: inventory.TagsFromMap(d.Tags),
		Identifiers: []inventory.Identifier{
			lister.ID(inventory.FQDN, d.RegionalDomainName), lister.ID(inventory.FQDN, d.DistributionDomainName),
		},
	}
	if d.DomainNameId != nil && d.DomainNameArn != nil {
		a.Key = *d.DomainNameArn
	} else {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.ResourceID, d.DomainName))
	}
	var p lister.Attributes
	p.String("DomainName", d.DomainName)
	p.String("CertificateArn", d.CertificateArn)
	p.String("RegionalCertificateArn", d.RegionalCertificateArn)
	p.String("OwnershipVerificationCertificateArn", d.OwnershipVerificationCertificateArn)
	p.Text("SecurityPolicy", string(d.SecurityPolicy))
	p.Text("EndpointAccessMode", string(d.EndpointAccessMode))
	p.Text("RoutingMode", string(d.RoutingMode))
	placed(&p, d.EndpointConfiguration)
	mutual := d.MutualTlsAuthentication
	if mutual == nil {
		mutual = &types.MutualTlsAuthentication{}
	}
	p.String("MutualTlsAuthentication.TruststoreUri", mutual.TruststoreUri)
	p.String("MutualTlsAuthentication.TruststoreVersion", mutual.TruststoreVersion)
	a.Attributes = p.Known()
	return a
}
