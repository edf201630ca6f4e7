package compute

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func eksListers() []lister.Lister {
	api := lister.API(eks.ServiceID, "eks")
	return []lister.Lister{
		{
			Type: "AWS::EKS::Cluster", ARNs: []string{"eks:cluster/*"},
			Operations: api.Ops("ListClusters", "DescribeCluster"), List: listEKSClusters,
		},
		{
			Type: "AWS::EKS::Nodegroup", ARNs: []string{"eks:nodegroup/*"},
			Operations: api.Ops("ListNodegroups", "ListClusters", "DescribeNodegroup"), List: eksPart{inventory.MemberOf, nodegroupNames, describeNodegroup}.list,
		},
		{
			Type: "AWS::EKS::FargateProfile", ARNs: []string{"eks:fargateprofile/*"},
			Operations: api.Ops("ListFargateProfiles", "ListClusters", "DescribeFargateProfile"), List: eksPart{inventory.PartOf, profileNames, describeProfile}.list,
		},
		{
			Type: "AWS::EKS::Addon", ARNs: []string{"eks:addon/*"},
			Operations: api.Ops("ListAddons", "ListClusters", "DescribeAddon"), List: eksPart{inventory.PartOf, addonNames, describeAddon}.list,
		},
	}
}

// eksGone is the code by which the service says that a cluster, or a thing in it, is not there.
const eksGone = "ResourceNotFoundException"

func eachEKSCluster(ctx context.Context, c *eks.Client, fn func(names []string) error) error {
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListClusters(ctx, &eks.ListClustersInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, fn(page.Clusters)
	})
}

func clusterARN(t *lister.Target, name string) string { return t.ARN("eks", "cluster/"+name) }

func listEKSClusters(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := eks.NewFromConfig(t.Config)
	d := lister.Description[string, *eks.DescribeClusterOutput]{
		Ask: func(ctx context.Context, name string) (*eks.DescribeClusterOutput, error) {
			return c.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: &name})
		},
		Asset: func(name string, d *eks.DescribeClusterOutput) inventory.Asset {
			a := inventory.Asset{Key: clusterARN(t, name), Name: name, Identifiers: lister.ResourceID(&name)}
			if d != nil && d.Cluster != nil {
				describeEKSCluster(&a, d.Cluster)
			}
			return a
		},
		Gone: []string{eksGone},
	}
	return eachEKSCluster(ctx, c, func(names []string) error { return d.Put(ctx, out, names) })
}

func describeEKSCluster(a *inventory.Asset, v *types.Cluster) {
	if arn := lister.Str(v.Arn); arn != "" {
		a.Key = arn
	}
	a.Tags, a.Created, a.Lifecycle = inventory.TagsFromMap(v.Tags), lister.Time(v.CreatedAt), lister.Retiring(v.Status == types.ClusterStatusDeleting)
	a.Attributes = clusterAttributes(v)
	if endpoint, err := url.Parse(lister.Str(v.Endpoint)); err == nil {
		a.Identifiers = append(a.Identifiers, inventory.Identifier{Kind: inventory.FQDN, Value: endpoint.Hostname()})
	}
}

func clusterAttributes(v *types.Cluster) inventory.Attributes {
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Version", v.Version)
	p.String("RoleArn", v.RoleArn)
	p.Bool("DeletionProtection", v.DeletionProtection)
	p.Object("Logging.ClusterLogging.EnabledTypes", enabledLogs(v.Logging))
	p.Value("EncryptionConfigKeyArn", inventory.Null)
	for _, e := range v.EncryptionConfig {
		if e.Provider != nil {
			p.String("EncryptionConfigKeyArn", e.Provider.KeyArn)
		}
	}
	if n := v.ResourcesVpcConfig; n != nil {
		p.Strings("ResourcesVpcConfig.SubnetIds", n.SubnetIds)
		p.Strings("ResourcesVpcConfig.SecurityGroupIds", n.SecurityGroupIds)
		p.Bool("ResourcesVpcConfig.EndpointPublicAccess", &n.EndpointPublicAccess)
		p.Bool("ResourcesVpcConfig.EndpointPrivateAccess", &n.EndpointPrivateAccess)
		p.Strings("ResourcesVpcConfig.PublicAccessCidrs", n.PublicAccessCidrs)
		p.String("ClusterSecurityGroupId", n.ClusterSecurityGroupId)
	}
	clusterOptions(&p, v)
	return p.Known()
}

func clusterOptions(p *lister.Attributes, v *types.Cluster) {
	if v.AccessConfig != nil {
		p.Text("AccessConfig.AuthenticationMode", string(v.AccessConfig.AuthenticationMode))
	}
	if v.UpgradePolicy != nil {
		p.Text("UpgradePolicy.SupportType", string(v.UpgradePolicy.SupportType))
	}
	if n := v.KubernetesNetworkConfig; n != nil {
		p.Text("KubernetesNetworkConfig.IpFamily", string(n.IpFamily))
		p.String("KubernetesNetworkConfig.ServiceIpv4Cidr", n.ServiceIpv4Cidr)
	}
	if v.ComputeConfig != nil {
		p.Bool("ComputeConfig.Enabled", v.ComputeConfig.Enabled)
	}
}

// enabledLogs are the kinds of logs that the control plane writes, as CloudFormation writes them.
func enabledLogs(l *types.Logging) []any {
	list := []any{}
	if l == nil {
		return list
	}
	for _, s := range l.ClusterLogging {
		for _, kind := range s.Types {
			if aws.ToBool(s.Enabled) {
				list = append(list, map[string]any{"Type": string(kind)})
			}
		}
	}
	return list
}

// eksPart is a kind of thing that is in a cluster.
type eksPart struct {
	relation inventory.RelationKind // to the cluster
	names    func(ctx context.Context, c *eks.Client, cluster string, token *string) (names []string, next *string, err error)
	describe func(ctx context.Context, c *eks.Client, cluster, name string) (inventory.Asset, error)
}

// list lists what is in every cluster. Each thing takes a call: the list has but names, and an ARN has a part that no name tells, so
// that a thing whose description is refused has no key and is only told as unread.
func (p eksPart) list(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := eks.NewFromConfig(t.Config)
	return eachEKSCluster(ctx, c, func(clusters []string) error {
		for _, cluster := range clusters {
			if err := p.listIn(ctx, c, t, out, cluster); err != nil {
				return err
			}
		}
		return nil
	})
}

// listIn lists what is in one cluster. That one refuses does not keep the others from being read.
func (p eksPart) listIn(ctx context.Context, c *eks.Client, t *lister.Target, out lister.Out, cluster string) error {
	return lister.Pages(ctx, func(token *string) (*string, error) {
		names, next, err := p.names(ctx, c, cluster, token)
		switch {
		case lister.Gone(err, eksGone):
			return nil, nil
		case err != nil:
			return nil, lister.Unlisted(out, clusterARN(t, cluster), err)
		}
		for i, r := range lister.Each(ctx, names, func(ctx context.Context, name string) (inventory.Asset, error) {
			return p.describe(ctx, c, cluster, name)
		}) {
			if err := p.put(t, out, cluster, names[i], r); err != nil {
				return nil, err
			}
		}
		return next, nil
	})
}

func (p eksPart) put(t *lister.Target, out lister.Out, cluster, name string, r lister.Result[inventory.Asset]) error {
	switch {
	case lister.Gone(r.Err, eksGone):
		return nil
	case r.Err != nil:
		return out.Unread(clusterARN(t, cluster)+" "+name, r.Err)
	}
	a := r.Value
	a.Name, a.Identifiers = name, []inventory.Identifier{{Kind: inventory.ResourceID, Value: cluster + ":" + name}}
	a.Relations = []inventory.Relation{lister.To(p.relation, clusterARN(t, cluster))}
	return out.Asset(a)
}
