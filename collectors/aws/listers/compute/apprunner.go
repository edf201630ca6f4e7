package compute

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apprunner"
	"github.com/aws/aws-sdk-go-v2/service/apprunner/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func apprunnerListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::AppRunner::Service",
		ARNs:       []string{"apprunner:service/*"},
		Operations: lister.API(apprunner.ServiceID, "apprunner").Ops("ListServices", "DescribeService", "ListTagsForResource"),
		List:       listAppServices,
		ReadTags:   appServiceTags,
	}}
}

// listAppServices asks about each service: the list does not tell whether one is open to everybody.
func listAppServices(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := apprunner.NewFromConfig(t.Config)
	d := lister.Description[types.ServiceSummary, *apprunner.DescribeServiceOutput]{
		Ask: func(ctx context.Context, s types.ServiceSummary) (*apprunner.DescribeServiceOutput, error) {
			return c.DescribeService(ctx, &apprunner.DescribeServiceInput{ServiceArn: s.ServiceArn})
		},
		Asset: appService,
		Gone:  []string{"ResourceNotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListServices(ctx, &apprunner.ListServicesInput{NextToken: token, MaxResults: aws.Int32(20)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.ServiceSummaryList)
	})
}

// appService makes the asset of a service; d is nil if it could not be read.
func appService(s types.ServiceSummary, d *apprunner.DescribeServiceOutput) inventory.Asset {
	if s.Status == types.ServiceStatusDeleted {
		return inventory.Asset{}
	}
	a := inventory.Asset{
		Key: lister.Str(s.ServiceArn), Name: lister.Str(s.ServiceName), Created: lister.Time(s.CreatedAt),
		Identifiers: []inventory.Identifier{lister.ID(inventory.ResourceID, s.ServiceArn), lister.ID(inventory.FQDN, s.ServiceUrl)},
	}
	if d == nil || d.Service == nil {
		return a
	}
	if d.Service.Status == types.ServiceStatusDeleted {
		return inventory.Asset{}
	}
	a.Attributes = appServiceAttributes(d.Service)
	return a
}

func appServiceAttributes(s *types.Service) inventory.Attributes {
	var p lister.Attributes
	p.String("ServiceName", s.ServiceName)
	p.Text("Status", string(s.Status))
	p.String("ServiceUrl", s.ServiceUrl)
	if i := s.InstanceConfiguration; i != nil {
		p.String("InstanceConfiguration.Cpu", i.Cpu)
		p.String("InstanceConfiguration.Memory", i.Memory)
		p.String("InstanceConfiguration.InstanceRoleArn", i.InstanceRoleArn)
	}
	p.Value("EncryptionConfiguration.KmsKey", inventory.Null)
	if s.EncryptionConfiguration != nil {
		p.String("EncryptionConfiguration.KmsKey", s.EncryptionConfiguration.KmsKey)
	}
	if s.AutoScalingConfigurationSummary != nil {
		p.String("AutoScalingConfigurationArn", s.AutoScalingConfigurationSummary.AutoScalingConfigurationArn)
	}
	if s.ObservabilityConfiguration != nil {
		p.Bool("ObservabilityConfiguration.ObservabilityEnabled", &s.ObservabilityConfiguration.ObservabilityEnabled)
	}
	appServiceNetwork(&p, s.NetworkConfiguration)
	appServiceSource(&p, s.SourceConfiguration)
	return p.Known()
}

func appServiceNetwork(p *lister.Attributes, n *types.NetworkConfiguration) {
	if n == nil {
		return
	}
	if n.IngressConfiguration != nil {
		p.Bool("NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible", &n.IngressConfiguration.IsPubliclyAccessible)
	}
	if n.EgressConfiguration != nil {
		p.Text("NetworkConfiguration.EgressConfiguration.EgressType", string(n.EgressConfiguration.EgressType))
		p.String("NetworkConfiguration.EgressConfiguration.VpcConnectorArn", n.EgressConfiguration.VpcConnectorArn)
	}
}

// appServiceSource keeps of the environment the names alone.
func appServiceSource(p *lister.Attributes, s *types.SourceConfiguration) {
	if s == nil {
		return
	}
	p.Bool("SourceConfiguration.AutoDeploymentsEnabled", s.AutoDeploymentsEnabled)
	if i := s.ImageRepository; i != nil {
		p.String("SourceConfiguration.ImageRepository.ImageIdentifier", i.ImageIdentifier)
		p.Text("SourceConfiguration.ImageRepository.ImageRepositoryType", string(i.ImageRepositoryType))
		if i.ImageConfiguration != nil {
			p.Object("SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables", variableNames(i.ImageConfiguration.RuntimeEnvironmentVariables))
		}
	}
	if r := s.CodeRepository; r != nil {
		p.String("SourceConfiguration.CodeRepository.RepositoryUrl", r.RepositoryUrl)
		if r.CodeConfiguration != nil && r.CodeConfiguration.CodeConfigurationValues != nil {
			p.Object("SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.RuntimeEnvironmentVariables",
				variableNames(r.CodeConfiguration.CodeConfigurationValues.RuntimeEnvironmentVariables))
		}
	}
}

func variableNames(variables map[string]string) []any {
	list := make([]any, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		list = append(list, map[string]any{"Name": name})
	}
	return list
}

func appServiceTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	answer, err := apprunner.NewFromConfig(t.Config).ListTagsForResource(ctx, &apprunner.ListTagsForResourceInput{ResourceArn: &a.Key})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(answer.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}
