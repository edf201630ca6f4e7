package messaging

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kafka"
	"github.com/aws/aws-sdk-go-v2/service/kafka/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

const serverlessCluster inventory.Type = "AWS::MSK::ServerlessCluster"

func mskListers() []lister.Lister {
	api := lister.API(kafka.ServiceID, "kafka")
	return []lister.Lister{
		{
			Type:       "AWS::MSK::Cluster",
			Also:       []inventory.Type{serverlessCluster},
			ARNs:       []string{"kafka:cluster/*"},
			Operations: api.Ops("ListClustersV2"),
			List:       listKafkaClusters,
		},
		{
			Type:       "AWS::MSK::Configuration",
			ARNs:       []string{"kafka:configuration/*"},
			Operations: api.Ops("ListConfigurations"),
			List:       listKafkaConfigurations,
		},
	}
}

func listKafkaClusters(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := kafka.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListClustersV2(ctx, &kafka.ListClustersV2Input{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.ClusterInfoList, kafkaCluster)
	})
}

func kafkaCluster(v *types.Cluster) inventory.Asset {
	a := inventory.Asset{
		Key: aws.ToString(v.ClusterArn), Name: aws.ToString(v.ClusterName), Created: lister.Time(v.CreationTime),
		Tags: inventory.TagsFromMap(v.Tags),
	}
	if v.State == types.ClusterStateDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	var p lister.Attributes
	p.String("ClusterName", v.ClusterName)
	if v.ClusterType == types.ClusterTypeServerless {
		a.Type = serverlessCluster
		serverless(&p, v.Serverless)
	} else {
		provisioned(&p, v.Provisioned)
	}
	a.Attributes = p.Known()
	return a
}

func serverless(p *lister.Attributes, v *types.Serverless) {
	if v == nil {
		return
	}
	configs := make([]any, len(v.VpcConfigs))
	for i, c := range v.VpcConfigs {
		configs[i] = map[string]any{"SubnetIds": list(c.SubnetIds), "SecurityGroups": list(c.SecurityGroupIds)}
	}
	p.Object("VpcConfigs", configs)
	var iam *bool
	if v.ClientAuthentication != nil && v.ClientAuthentication.Sasl != nil && v.ClientAuthentication.Sasl.Iam != nil {
		iam = v.ClientAuthentication.Sasl.Iam.Enabled
	}
	p.Bool("ClientAuthentication.Sasl.Iam.Enabled", iam)
}

func list(texts []string) []any {
	out := make([]any, len(texts))
	for i, s := range texts {
		out[i] = s
	}
	return out
}

func provisioned(p *lister.Attributes, v *types.Provisioned) {
	if v == nil {
		return
	}
	p.Int("NumberOfBrokerNodes", v.NumberOfBrokerNodes)
	p.Text("EnhancedMonitoring", string(v.EnhancedMonitoring))
	p.Text("StorageMode", string(v.StorageMode))
	if s := v.CurrentBrokerSoftwareInfo; s != nil {
		p.String("KafkaVersion", s.KafkaVersion)
		p.String("ConfigurationInfo.Arn", s.ConfigurationArn)
		p.Long("ConfigurationInfo.Revision", s.ConfigurationRevision)
	}
	brokers(p, v.BrokerNodeGroupInfo)
	kafkaEncryption(p, v.EncryptionInfo)
	kafkaAuthentication(p, v.ClientAuthentication)
}

func brokers(p *lister.Attributes, v *types.BrokerNodeGroupInfo) {
	if v == nil {
		return
	}
	const at = "BrokerNodeGroupInfo."
	p.String(at+"InstanceType", v.InstanceType)
	p.Strings(at+"ClientSubnets", v.ClientSubnets)
	p.Strings(at+"SecurityGroups", v.SecurityGroups)
	var size *int32
	if v.StorageInfo != nil && v.StorageInfo.EbsStorageInfo != nil {
		size = v.StorageInfo.EbsStorageInfo.VolumeSize
	}
	p.Int(at+"StorageInfo.EBSStorageInfo.VolumeSize", size)
	var public *string
	if v.ConnectivityInfo != nil && v.ConnectivityInfo.PublicAccess != nil {
		public = v.ConnectivityInfo.PublicAccess.Type
	}
	p.String(at+"ConnectivityInfo.PublicAccess.Type", public)
}

func kafkaEncryption(p *lister.Attributes, v *types.EncryptionInfo) {
	if v == nil {
		return
	}
	if rest := v.EncryptionAtRest; rest != nil {
		p.String("EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId", rest.DataVolumeKMSKeyId)
	}
	if transit := v.EncryptionInTransit; transit != nil {
		p.Text("EncryptionInfo.EncryptionInTransit.ClientBroker", string(transit.ClientBroker))
		p.Bool("EncryptionInfo.EncryptionInTransit.InCluster", transit.InCluster)
	}
}

// kafkaAuthentication tells how clients prove who they are. A way that is not named is not open.
func kafkaAuthentication(p *lister.Attributes, v *types.ClientAuthentication) {
	var none, tls, iam, scram *bool
	if v != nil && v.Unauthenticated != nil {
		none = v.Unauthenticated.Enabled
	}
	if v != nil && v.Tls != nil {
		tls = v.Tls.Enabled
	}
	if v != nil && v.Sasl != nil && v.Sasl.Iam != nil {
		iam = v.Sasl.Iam.Enabled
	}
	if v != nil && v.Sasl != nil && v.Sasl.Scram != nil {
		scram = v.Sasl.Scram.Enabled
	}
	p.Bool("ClientAuthentication.Unauthenticated.Enabled", none)
	p.Bool("ClientAuthentication.Tls.Enabled", tls)
	p.Bool("ClientAuthentication.Sasl.Iam.Enabled", iam)
	p.Bool("ClientAuthentication.Sasl.Scram.Enabled", scram)
}

func listKafkaConfigurations(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := kafka.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListConfigurations(ctx, &kafka.ListConfigurationsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Configurations, kafkaConfiguration)
	})
}

// kafkaConfiguration leaves the properties themselves alone, which a further call would tell.
func kafkaConfiguration(v *types.Configuration) inventory.Asset {
	a := inventory.Asset{
		Key: aws.ToString(v.Arn), Name: aws.ToString(v.Name), Created: lister.Time(v.CreationTime), Tags: inventory.NotTaggable(),
	}
	if v.State == types.ConfigurationStateDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Description", v.Description)
	p.Strings("KafkaVersionsList", v.KafkaVersions)
	if v.LatestRevision != nil {
		p.Long("LatestRevision.Revision", v.LatestRevision.Revision)
	}
	a.Attributes = p.Known()
	return a
}
