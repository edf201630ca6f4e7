package analytics

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/emr/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func emrListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::EMR::Cluster",
		ARNs:       []string{"elasticmapreduce:cluster/*"},
		Operations: lister.API(emr.ServiceID, "elasticmapreduce").Ops("ListClusters", "DescribeCluster"),
		List:       listClusters,
	}}
}

// listClusters lists the clusters that run or are about to. Those that ended stay in the list for two months.
func listClusters(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := emr.NewFromConfig(t.Config)
	d := lister.Description[types.ClusterSummary, *types.Cluster]{
		Ask: func(ctx context.Context, v types.ClusterSummary) (*types.Cluster, error) {
			out, err := c.DescribeCluster(ctx, &emr.DescribeClusterInput{ClusterId: v.Id})
			if err != nil {
				return nil, err
			}
			return out.Cluster, nil
		},
		Asset: cluster,
	}
	return lister.Pages(ctx, func(marker *string) (*string, error) {
		page, err := c.ListClusters(ctx, &emr.ListClustersInput{Marker: marker, ClusterStates: []types.ClusterState{
			types.ClusterStateStarting, types.ClusterStateBootstrapping, types.ClusterStateRunning, types.ClusterStateWaiting,
		}})
		if err != nil {
			return nil, err
		}
		return page.Marker, d.Put(ctx, out, page.Clusters)
	})
}

// cluster makes the asset of a cluster; d is nil if it could not be read. Configurations and Kerberos settings hold passwords.
func cluster(v types.ClusterSummary, d *types.Cluster) inventory.Asset {
	a := inventory.Asset{Key: aws.ToString(v.ClusterArn), Name: aws.ToString(v.Name), Identifiers: lister.ResourceID(v.Id)}
	if v.Status != nil && v.Status.Timeline != nil {
		a.Created = lister.Time(v.Status.Timeline.CreationDateTime)
	}
	var p lister.Attributes
	p.String("Name", v.Name)
	if d != nil {
		a.Tags = lister.TagsOf(d.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
		if ended(d.Status) {
			a.Lifecycle = inventory.LifecycleRetiring
		}
		clusterSettings(&p, d)
		if in := d.Ec2InstanceAttributes; in != nil {
			a.Zone = aws.ToString(in.Ec2AvailabilityZone)
			clusterMachines(&p, in)
		}
	}
	a.Attributes = p.Known()
	return a
}

// ended reports whether a cluster stopped since it was listed.
func ended(s *types.ClusterStatus) bool {
	return s != nil && strings.HasPrefix(string(s.State), "TERMINAT") // TERMINATING, TERMINATED and TERMINATED_WITH_ERRORS
}

func clusterSettings(p *lister.Attributes, d *types.Cluster) {
	p.String("ReleaseLabel", d.ReleaseLabel)
	p.String("OSReleaseLabel", d.OSReleaseLabel)
	p.String("CustomAmiId", d.CustomAmiId)
	p.String("ServiceRole", d.ServiceRole)
	p.String("AutoScalingRole", d.AutoScalingRole)
	p.String("SecurityConfiguration", d.SecurityConfiguration)
	p.String("LogEncryptionKmsKeyId", d.LogEncryptionKmsKeyId)
	p.Text("LogUri", logURI(aws.ToString(d.LogUri)))
	p.Int("EbsRootVolumeSize", d.EbsRootVolumeSize)
	p.Int("StepConcurrencyLevel", d.StepConcurrencyLevel)
	p.Text("ScaleDownBehavior", string(d.ScaleDownBehavior))
	p.Bool("VisibleToAllUsers", d.VisibleToAllUsers)
	p.Bool("Instances.TerminationProtected", d.TerminationProtected)
	p.String("MasterPublicDNS", d.MasterPublicDnsName)
	applications := make([]any, len(d.Applications))
	for i, app := range d.Applications {
		applications[i] = map[string]any{"Name": aws.ToString(app.Name), "Version": aws.ToString(app.Version)}
	}
	p.Object("Applications", applications)
}

// logURI writes the address of the logs as people declare it. The service has a scheme of its own for buckets.
func logURI(uri string) string {
	if path, ok := strings.CutPrefix(uri, "s3n://"); ok {
		return "s3://" + path
	}
	return uri
}

func clusterMachines(p *lister.Attributes, in *types.Ec2InstanceAttributes) {
	p.String("JobFlowRole", in.IamInstanceProfile)
	p.String("Instances.Ec2SubnetId", in.Ec2SubnetId)
	p.String("Instances.Ec2KeyName", in.Ec2KeyName)
	p.String("Instances.EmrManagedMasterSecurityGroup", in.EmrManagedMasterSecurityGroup)
	p.String("Instances.EmrManagedSlaveSecurityGroup", in.EmrManagedSlaveSecurityGroup)
	p.String("Instances.ServiceAccessSecurityGroup", in.ServiceAccessSecurityGroup)
}
