package database

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func rdsProxyListers() []lister.Lister {
	api := lister.API(rds.ServiceID, "rds")
	return []lister.Lister{{
		Type:       "AWS::RDS::EventSubscription",
		ARNs:       []string{"rds:es:*"},
		Operations: api.Ops("DescribeEventSubscriptions", "ListTagsForResource"),
		List:       listEventSubscriptions, ReadTags: readRDSTags,
	}, {
		Type:       "AWS::RDS::DBProxy",
		ARNs:       []string{"rds:db-proxy:*"},
		Operations: api.Ops("DescribeDBProxies", "ListTagsForResource"),
		List:       listDBProxies, ReadTags: readRDSTags,
	}, {
		Type:       "AWS::RDS::GlobalCluster",
		Also:       []inventory.Type{"AWS::DocDB::GlobalCluster"},
		Place:      lister.Global, // every region answers with the same
		ARNs:       []string{"rds:global-cluster:*"},
		Operations: api.Ops("DescribeGlobalClusters"),
		List:       listGlobalClusters,
	}}
}

func listEventSubscriptions(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeEventSubscriptions(ctx, &rds.DescribeEventSubscriptionsInput{Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.EventSubscriptionsList, func(v *types.EventSubscription) inventory.Asset {
			return eventSubscription(t, v)
		})
	})
}

func eventSubscription(t *lister.Target, v *types.EventSubscription) inventory.Asset {
	a := named(v.EventSubscriptionArn, v.CustSubscriptionId)
	if a.Key == "" {
		a.Key = t.ARN("rds", "es:"+a.Name)
	}
	if created, err := time.Parse(time.DateTime, lister.Str(v.SubscriptionCreationTime)); err == nil {
		a.Created = created
	}
	var p lister.Attributes
	p.String("SubscriptionName", v.CustSubscriptionId)
	p.Bool("Enabled", v.Enabled)
	p.String("SnsTopicArn", v.SnsTopicArn)
	p.String("SourceType", v.SourceType)
	p.Strings("SourceIds", v.SourceIdsList)
	p.Strings("EventCategories", v.EventCategoriesList)
	a.Attributes = p.Known()
	return a
}

func listDBProxies(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeDBProxies(ctx, &rds.DescribeDBProxiesInput{Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.DBProxies, dbProxy)
	})
}

func dbProxy(v *types.DBProxy) inventory.Asset {
	a := named(v.DBProxyArn, v.DBProxyName)
	a.Created = lister.Time(v.CreatedDate)
	a.Identifiers = append(a.Identifiers, lister.ID(inventory.FQDN, v.Endpoint))
	if v.Status == types.DBProxyStatusDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	var p lister.Attributes
	p.String("DBProxyName", v.DBProxyName)
	p.String("EngineFamily", v.EngineFamily)
	p.Bool("RequireTLS", v.RequireTLS)
	p.Bool("DebugLogging", v.DebugLogging)
	p.Int("IdleClientTimeout", v.IdleClientTimeout)
	p.String("RoleArn", v.RoleArn)
	p.Strings("VpcSecurityGroupIds", v.VpcSecurityGroupIds)
	p.Strings("VpcSubnetIds", v.VpcSubnetIds)
	a.Attributes = p.Known()
	return a
}

func listGlobalClusters(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeGlobalClusters(ctx, &rds.DescribeGlobalClustersInput{Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.GlobalClusters, globalCluster)
	})
}

func globalCluster(v *types.GlobalCluster) inventory.Asset {
	a := named(v.GlobalClusterArn, v.GlobalClusterIdentifier)
	a.Lifecycle, a.Tags = stage(v.Status), rdsTags(v.TagList)
	if lister.Str(v.Engine) == "docdb" {
		a.Type = "AWS::DocDB::GlobalCluster"
	}
	var p lister.Attributes
	p.String("GlobalClusterIdentifier", v.GlobalClusterIdentifier)
	p.String("Engine", v.Engine)
	p.String("EngineVersion", v.EngineVersion)
	p.Bool("DeletionProtection", v.DeletionProtection)
	p.Bool("StorageEncrypted", v.StorageEncrypted)
	a.Attributes = p.Known()
	return a
}
