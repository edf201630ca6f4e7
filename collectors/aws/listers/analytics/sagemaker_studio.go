package analytics

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// studioListers are those of where people work: notebooks and the domains of SageMaker Studio.
func studioListers() []lister.Lister {
	return []lister.Lister{
		sagemakerLister("AWS::SageMaker::NotebookInstance", "notebook-instance", listNotebooks, "ListNotebookInstances", "DescribeNotebookInstance"),
		sagemakerLister("AWS::SageMaker::Domain", "domain", listDomains, "ListDomains", "DescribeDomain"),
	}
}

func listNotebooks(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := sagemaker.NewFromConfig(t.Config)
	d := lister.Description[types.NotebookInstanceSummary, *sagemaker.DescribeNotebookInstanceOutput]{
		Ask: func(ctx context.Context, v types.NotebookInstanceSummary) (*sagemaker.DescribeNotebookInstanceOutput, error) {
			out, err := c.DescribeNotebookInstance(ctx, &sagemaker.DescribeNotebookInstanceInput{NotebookInstanceName: v.NotebookInstanceName})
			return out, sagemakerError(err)
		},
		Asset: notebook,
		Gone:  []string{sagemakerGone},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListNotebookInstances(ctx, &sagemaker.ListNotebookInstancesInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.NotebookInstances)
	})
}

// notebook makes the asset of a notebook; d is nil if it could not be read.
func notebook(v types.NotebookInstanceSummary, d *sagemaker.DescribeNotebookInstanceOutput) inventory.Asset {
	var p lister.Attributes
	p.String("NotebookInstanceName", v.NotebookInstanceName)
	p.Text("InstanceType", string(v.InstanceType))
	p.String("LifecycleConfigName", v.NotebookInstanceLifecycleConfigName)
	if d != nil {
		p.String("RoleArn", d.RoleArn)
		p.String("SubnetId", d.SubnetId)
		p.Strings("SecurityGroupIds", d.SecurityGroups)
		p.Text("DirectInternetAccess", string(d.DirectInternetAccess))
		p.Text("RootAccess", string(d.RootAccess))
		p.Int("VolumeSizeInGB", d.VolumeSizeInGB)
		p.String("KmsKeyId", d.KmsKeyId)
		p.String("PlatformIdentifier", d.PlatformIdentifier)
		var lowest *string
		if d.InstanceMetadataServiceConfiguration != nil {
			lowest = d.InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion
		}
		p.String("InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion", lowest)
	}
	a := inventory.Asset{
		Key: aws.ToString(v.NotebookInstanceArn), Name: aws.ToString(v.NotebookInstanceName), Created: lister.Time(v.CreationTime),
		Attributes: p.Known(), Identifiers: append(lister.ResourceID(v.NotebookInstanceName), lister.ID(inventory.FQDN, v.Url)),
	}
	if v.NotebookInstanceStatus == types.NotebookInstanceStatusDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	return a
}

func listDomains(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := sagemaker.NewFromConfig(t.Config)
	d := lister.Description[types.DomainDetails, *sagemaker.DescribeDomainOutput]{
		Ask: func(ctx context.Context, v types.DomainDetails) (*sagemaker.DescribeDomainOutput, error) {
			out, err := c.DescribeDomain(ctx, &sagemaker.DescribeDomainInput{DomainId: v.DomainId})
			return out, sagemakerError(err)
		},
		Asset: domain,
		Gone:  []string{sagemakerGone},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListDomains(ctx, &sagemaker.ListDomainsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.Domains)
	})
}

// domain makes the asset of a domain; d is nil if it could not be read.
func domain(v types.DomainDetails, d *sagemaker.DescribeDomainOutput) inventory.Asset {
	var p lister.Attributes
	p.String("DomainName", v.DomainName)
	if d != nil {
		p.Text("AuthMode", string(d.AuthMode))
		p.Text("AppNetworkAccessType", string(d.AppNetworkAccessType))
		p.Text("TagPropagation", string(d.TagPropagation))
		p.String("VpcId", d.VpcId)
		p.Strings("SubnetIds", d.SubnetIds)
		p.String("KmsKeyId", d.KmsKeyId)
		p.String("HomeEfsFileSystemId", d.HomeEfsFileSystemId)
		var role *string
		if d.DefaultUserSettings != nil {
			role = d.DefaultUserSettings.ExecutionRole
		}
		p.String("DefaultUserSettings.ExecutionRole", role)
	}
	a := inventory.Asset{
		Key: aws.ToString(v.DomainArn), Name: aws.ToString(v.DomainName), Created: lister.Time(v.CreationTime), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.DomainId),
	}
	if v.Status == types.DomainStatusDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	return a
}
