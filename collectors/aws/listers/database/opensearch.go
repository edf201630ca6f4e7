package database

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
	"github.com/aws/aws-sdk-go-v2/service/opensearch/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func opensearchListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::OpenSearchService::Domain",
		ARNs:       []string{"es:domain/*"},
		Operations: lister.API(opensearch.ServiceID, "es").Ops("ListDomainNames", "DescribeDomains", "ListTags"),
		List:       listDomains, ReadTags: domainTags,
	}}
}

func domainTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := opensearch.NewFromConfig(t.Config).ListTags(ctx, &opensearch.ListTagsInput{ARN: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.TagList, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}

// listDomains lists the domains of all engines, those of Elasticsearch too: by name, and what they are like five at a time.
func listDomains(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := opensearch.NewFromConfig(t.Config)
	list, err := c.ListDomainNames(ctx, &opensearch.ListDomainNamesInput{})
	if err != nil {
		return err
	}
	names := texts(list.DomainNames, func(d types.DomainInfo) *string { return d.DomainName })
	return lister.Chunks(names, 5, func(names []string) error { return describeDomains(ctx, c, t, out, names) })
}

// describeDomains hands over domains with what they are like, or by name only where that is refused.
func describeDomains(ctx context.Context, c *opensearch.Client, t *lister.Target, out lister.Out, names []string) error {
	page, err := c.DescribeDomains(ctx, &opensearch.DescribeDomainsInput{DomainNames: names})
	if lister.Gone(err, "ResourceNotFoundException") {
		if len(names) == 1 {
			return nil
		}
		return lister.Chunks(names, 1, func(one []string) error { return describeDomains(ctx, c, t, out, one) })
	}
	bare := func(name *string) inventory.Asset { return named(aws.String(t.ARN("es", "domain/"+*name)), name) }
	if err != nil {
		return lister.PutBare(out, names, err, bare)
	}
	if err := lister.Put(out, page.DomainStatusList, domain); err != nil {
		return err
	}
	told := texts(page.DomainStatusList, func(d types.DomainStatus) *string { return d.DomainName })
	return lister.PutBare(out, lister.Untold(names, told), lister.ErrNotDescribed, bare)
}

func domain(v *types.DomainStatus) inventory.Asset {
	a := named(v.ARN, v.DomainName)
	if aws.ToBool(v.Deleted) {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	a.Identifiers = append(a.Identifiers, lister.ID(inventory.FQDN, v.Endpoint), lister.ID(inventory.FQDN, v.EndpointV2))
	for _, address := range v.Endpoints {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.FQDN, &address))
	}
	var p lister.Attributes
	p.String("DomainName", v.DomainName)
	p.String("EngineVersion", v.EngineVersion)
	p.JSON("AccessPolicies", lister.Str(v.AccessPolicies))
	p.Text("IPAddressType", string(v.IPAddressType))
	domainCluster(&p, v)
	domainEncryption(&p, v)
	domainAccess(&p, v)
	a.Attributes = p.Known()
	return a
}

func domainCluster(p *lister.Attributes, v *types.DomainStatus) {
	if c := v.ClusterConfig; c != nil {
		p.Text("ClusterConfig.InstanceType", string(c.InstanceType))
		p.Int("ClusterConfig.InstanceCount", c.InstanceCount)
		p.Bool("ClusterConfig.ZoneAwarenessEnabled", c.ZoneAwarenessEnabled)
		p.Bool("ClusterConfig.DedicatedMasterEnabled", c.DedicatedMasterEnabled)
	}
	if e := v.EBSOptions; e != nil {
		p.Bool("EBSOptions.EBSEnabled", e.EBSEnabled)
		p.Int("EBSOptions.VolumeSize", e.VolumeSize)
		p.Text("EBSOptions.VolumeType", string(e.VolumeType))
	}
}

func domainEncryption(p *lister.Attributes, v *types.DomainStatus) {
	if e := v.EncryptionAtRestOptions; e != nil {
		p.Bool("EncryptionAtRestOptions.Enabled", e.Enabled)
		p.String("EncryptionAtRestOptions.KmsKeyId", e.KmsKeyId)
	}
	if e := v.NodeToNodeEncryptionOptions; e != nil {
		p.Bool("NodeToNodeEncryptionOptions.Enabled", e.Enabled)
	}
	if e := v.DomainEndpointOptions; e != nil {
		p.Bool("DomainEndpointOptions.EnforceHTTPS", e.EnforceHTTPS)
		p.Text("DomainEndpointOptions.TLSSecurityPolicy", string(e.TLSSecurityPolicy))
		p.String("DomainEndpointOptions.CustomEndpoint", e.CustomEndpoint)
	}
}

// domainAccess sets who may reach a domain. One outside of a network has no network options.
func domainAccess(p *lister.Attributes, v *types.DomainStatus) {
	var subnets, groups []string
	if v.VPCOptions != nil {
		subnets, groups = v.VPCOptions.SubnetIds, v.VPCOptions.SecurityGroupIds
	}
	p.Strings("VPCOptions.SubnetIds", subnets)
	p.Strings("VPCOptions.SecurityGroupIds", groups)
	if s := v.AdvancedSecurityOptions; s != nil {
		p.Bool("AdvancedSecurityOptions.Enabled", s.Enabled)
		p.Bool("AdvancedSecurityOptions.InternalUserDatabaseEnabled", s.InternalUserDatabaseEnabled)
	}
	if c := v.CognitoOptions; c != nil {
		p.Bool("CognitoOptions.Enabled", c.Enabled)
	}
}
