package messaging

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mq"
	"github.com/aws/aws-sdk-go-v2/service/mq/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func mqListers() []lister.Lister {
	api := lister.API(mq.ServiceID, "mq")
	return []lister.Lister{
		{
			Type:       "AWS::AmazonMQ::Broker",
			ARNs:       []string{"mq:broker:*"},
			Operations: api.Ops("ListBrokers", "DescribeBroker"),
			List:       listBrokers,
		},
		{
			Type:       "AWS::AmazonMQ::Configuration",
			ARNs:       []string{"mq:configuration:*"},
			Operations: api.Ops("ListConfigurations", "ListTags"),
			List:       listBrokerConfigurations,
			ReadTags:   mqTags,
		},
	}
}

// listBrokers describes every broker, which tells its tags too.
func listBrokers(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := mq.NewFromConfig(t.Config)
	d := lister.Description[types.BrokerSummary, *mq.DescribeBrokerOutput]{
		Ask: func(ctx context.Context, v types.BrokerSummary) (*mq.DescribeBrokerOutput, error) {
			return c.DescribeBroker(ctx, &mq.DescribeBrokerInput{BrokerId: v.BrokerId})
		},
		Asset: broker,
		Gone:  []string{"NotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListBrokers(ctx, &mq.ListBrokersInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.BrokerSummaries)
	})
}

// broker makes the asset of a broker; b is nil if it could not be read.
func broker(v types.BrokerSummary, b *mq.DescribeBrokerOutput) inventory.Asset {
	a := inventory.Asset{
		Key: aws.ToString(v.BrokerArn), Name: aws.ToString(v.BrokerName), Created: lister.Time(v.Created),
		Identifiers: lister.ResourceID(v.BrokerId),
	}
	if v.BrokerState == types.BrokerStateDeletionInProgress {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	var p lister.Attributes
	p.String("BrokerName", v.BrokerName)
	p.Text("EngineType", string(v.EngineType))
	p.String("HostInstanceType", v.HostInstanceType)
	p.Text("DeploymentMode", string(v.DeploymentMode))
	if b != nil {
		a.Tags = inventory.TagsFromMap(b.Tags)
		a.Identifiers = append(a.Identifiers, brokerAddresses(b.BrokerInstances)...)
		describedBroker(&p, b)
	}
	a.Attributes = p.Known()
	return a
}

func describedBroker(p *lister.Attributes, b *mq.DescribeBrokerOutput) {
	p.String("EngineVersion", b.EngineVersion)
	p.String("EngineVersionCurrent", b.EngineVersion)
	p.Bool("PubliclyAccessible", b.PubliclyAccessible)
	p.Bool("AutoMinorVersionUpgrade", b.AutoMinorVersionUpgrade)
	p.Text("AuthenticationStrategy", string(b.AuthenticationStrategy))
	p.Text("StorageType", string(b.StorageType))
	p.Strings("SubnetIds", b.SubnetIds)
	p.Strings("SecurityGroups", b.SecurityGroups)
	if e := b.EncryptionOptions; e != nil {
		p.Bool("EncryptionOptions.UseAwsOwnedKey", e.UseAwsOwnedKey)
		p.String("EncryptionOptions.KmsKeyId", e.KmsKeyId)
	}
	if c := b.Configurations; c != nil && c.Current != nil {
		p.String("Configuration.Id", c.Current.Id)
		p.Int("Configuration.Revision", c.Current.Revision)
	}
	if l := b.Logs; l != nil {
		p.Bool("Logs.General", l.General)
		p.Bool("Logs.Audit", l.Audit)
	}
}

// brokerAddresses are the names and addresses under which the machines of a broker are reached.
func brokerAddresses(instances []types.BrokerInstance) []inventory.Identifier {
	var out []inventory.Identifier
	for _, i := range instances {
		out = append(out, lister.ID(inventory.PrivateIP, i.IpAddress))
		if u, err := url.Parse(aws.ToString(i.ConsoleURL)); err == nil {
			out = append(out, inventory.Identifier{Kind: inventory.FQDN, Value: u.Hostname()})
		}
	}
	return out
}

func listBrokerConfigurations(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := mq.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListConfigurations(ctx, &mq.ListConfigurationsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Configurations, brokerConfiguration)
	})
}

func brokerConfiguration(v *types.Configuration) inventory.Asset {
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Description", v.Description)
	p.Text("EngineType", string(v.EngineType))
	p.String("EngineVersion", v.EngineVersion)
	p.Text("AuthenticationStrategy", string(v.AuthenticationStrategy))
	return inventory.Asset{
		Key: aws.ToString(v.Arn), Name: aws.ToString(v.Name), Created: lister.Time(v.Created), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.Id),
	}
}

func mqTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := mq.NewFromConfig(t.Config).ListTags(ctx, &mq.ListTagsInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return inventory.TagsFromMap(out.Tags), nil
}
