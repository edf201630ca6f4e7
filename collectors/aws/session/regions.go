package session

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Region is a region of a partition as an account sees it.
type Region struct {
	Name    string
	Enabled bool
}

func regionOperations() []lister.Operation {
	return lister.API(ec2.ServiceID, "ec2").Ops("DescribeRegions")
}

// Regions lists all regions of an account's partition, sorted by name.
func Regions(ctx context.Context, cfg aws.Config) ([]Region, error) {
	out, err := ec2.NewFromConfig(cfg).DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("list the regions of the account: %w", err)
	}
	var list []Region
	for _, r := range out.Regions {
		list = append(list, Region{Name: aws.ToString(r.RegionName), Enabled: aws.ToString(r.OptInStatus) != "not-opted-in"})
	}
	slices.SortFunc(list, func(a, b Region) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// partitionOf returns the partition in an ARN, "aws" if there is none.
func partitionOf(arn string) string {
	if a, ok := catalog.ParseARN(arn); ok {
		return a.Partition
	}
	return "aws"
}

// Home returns the region in which a partition's global services are called. Source: "AWS service endpoints".
func Home(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-northwest-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	}
	return "us-east-1"
}

// Reachable reports whether a region has an address for a service that every region has. If it has, the name of another service's
// endpoint that is not known says that the region lacks this service.
func Reachable(ctx context.Context, partition, region string) bool {
	suffix := "amazonaws.com"
	switch partition {
	case "aws-cn":
		suffix = "amazonaws.com.cn"
	case "aws-eusc":
		suffix = "amazonaws.eu"
	}
	addrs, err := net.DefaultResolver.LookupHost(ctx, "ec2."+region+"."+suffix)
	return err == nil && len(addrs) > 0
}
