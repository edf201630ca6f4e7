package database

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func rdsGroupListers() []lister.Lister {
	api := lister.API(rds.ServiceID, "rds")
	return []lister.Lister{{
		Type:       "AWS::RDS::DBSubnetGroup",
		ARNs:       []string{"rds:subgrp:*"},
		Operations: api.Ops("DescribeDBSubnetGroups", "ListTagsForResource"),
		List:       listDBSubnetGroups, ReadTags: readRDSTags,
	}, {
		Type:       "AWS::RDS::DBParameterGroup",
		Also:       []inventory.Type{"AWS::Neptune::DBParameterGroup"},
		ARNs:       []string{"rds:pg:*"},
		Operations: api.Ops("DescribeDBParameterGroups", "ListTagsForResource"),
		List:       listDBParameterGroups, ReadTags: readRDSTags,
	}, {
		Type:       "AWS::RDS::DBClusterParameterGroup",
		Also:       []inventory.Type{"AWS::Neptune::DBClusterParameterGroup", "AWS::DocDB::DBClusterParameterGroup"},
		ARNs:       []string{"rds:cluster-pg:*"},
		Operations: api.Ops("DescribeDBClusterParameterGroups", "ListTagsForResource"),
		List:       listDBClusterParameterGroups, ReadTags: readRDSTags,
	}, {
		Type:       "AWS::RDS::OptionGroup",
		ARNs:       []string{"rds:og:*"},
		Operations: api.Ops("DescribeOptionGroups", "ListTagsForResource"),
		List:       listOptionGroups, ReadTags: readRDSTags,
	}}
}

// readRDSTags reads the tags of whatever the service does not return them with.
func readRDSTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := rds.NewFromConfig(t.Config).ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return rdsTags(out.TagList), nil
}

// listDBSubnetGroups lists those of graph and document databases too, from which nothing tells them apart.
func listDBSubnetGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.DBSubnetGroups, dbSubnetGroup)
	})
}

func dbSubnetGroup(v *types.DBSubnetGroup) inventory.Asset {
	a := named(v.DBSubnetGroupArn, v.DBSubnetGroupName)
	var p lister.Attributes
	p.String("DBSubnetGroupName", v.DBSubnetGroupName)
	p.String("DBSubnetGroupDescription", v.DBSubnetGroupDescription)
	p.Strings("SubnetIds", texts(v.Subnets, func(s types.Subnet) *string { return s.SubnetIdentifier }))
	a.Attributes = p.Known()
	return a
}

func listDBParameterGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeDBParameterGroups(ctx, &rds.DescribeDBParameterGroupsInput{Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.DBParameterGroups, dbParameterGroup)
	})
}

func dbParameterGroup(v *types.DBParameterGroup) inventory.Asset {
	a := named(v.DBParameterGroupArn, v.DBParameterGroupName)
	name := "DBParameterGroupName"
	if strings.HasPrefix(lister.Str(v.DBParameterGroupFamily), "neptune") {
		a.Type, name = "AWS::Neptune::DBParameterGroup", "Name"
	}
	a.Attributes = parameterGroup(name, v.DBParameterGroupName, v.DBParameterGroupFamily, v.Description)
	return a
}

func parameterGroup(nameProperty string, name, family, description *string) inventory.Attributes {
	var p lister.Attributes
	p.String(nameProperty, name)
	p.String("Family", family)
	p.String("Description", description)
	return p.Known()
}

func listDBClusterParameterGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeDBClusterParameterGroups(ctx, &rds.DescribeDBClusterParameterGroupsInput{Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.DBClusterParameterGroups, dbClusterParameterGroup)
	})
}

func dbClusterParameterGroup(v *types.DBClusterParameterGroup) inventory.Asset {
	a := named(v.DBClusterParameterGroupArn, v.DBClusterParameterGroupName)
	a.Type = ofEngine(v.DBParameterGroupFamily, "DBClusterParameterGroup")
	name := "Name"
	if a.Type == "AWS::RDS::DBClusterParameterGroup" {
		name = "DBClusterParameterGroupName"
	}
	a.Attributes = parameterGroup(name, v.DBClusterParameterGroupName, v.DBParameterGroupFamily, v.Description)
	return a
}

func listOptionGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeOptionGroups(ctx, &rds.DescribeOptionGroupsInput{Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.OptionGroupsList, optionGroup)
	})
}

func optionGroup(v *types.OptionGroup) inventory.Asset {
	a := named(v.OptionGroupArn, v.OptionGroupName)
	var p lister.Attributes
	p.String("OptionGroupName", v.OptionGroupName)
	p.String("OptionGroupDescription", v.OptionGroupDescription)
	p.String("EngineName", v.EngineName)
	p.String("MajorEngineVersion", v.MajorEngineVersion)
	a.Attributes = p.Known()
	return a
}
