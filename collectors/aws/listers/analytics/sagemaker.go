package analytics

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func sagemakerListers() []lister.Lister {
	return []lister.Lister{
		sagemakerLister("AWS::SageMaker::Endpoint", "endpoint", listEndpoints, "ListEndpoints", "DescribeEndpoint"),
		sagemakerLister("AWS::SageMaker::EndpointConfig", "endpoint-config", listEndpointConfigs, "ListEndpointConfigs", "DescribeEndpointConfig"),
		sagemakerLister("AWS::SageMaker::Model", "model", listModels, "ListModels", "DescribeModel"),
	}
}

func sagemakerLister(
	t inventory.Type, kind string, list func(context.Context, *lister.Target, lister.Out) error, operations ...string,
) lister.Lister {
	return lister.Lister{
		Type: t, ARNs: []string{"sagemaker:" + kind + "/*"}, List: list, ReadTags: sagemakerTags,
		Operations: lister.API(sagemaker.ServiceID, "sagemaker").Ops(append(operations, "ListTags")...),
	}
}

func sagemakerTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := sagemaker.NewFromConfig(t.Config)
	tag := func(t types.Tag) (*string, *string) { return t.Key, t.Value }
	return lister.AllTags(ctx, tag, func(token *string) ([]types.Tag, *string, error) {
		page, err := c.ListTags(ctx, &sagemaker.ListTagsInput{ResourceArn: aws.String(a.Key), NextToken: token, MaxResults: aws.Int32(50)})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.NextToken, nil
	})
}

const sagemakerGone = "ResourceNotFound"

// sagemakerError gives the error about a thing that is not there the code that is made for it. Most calls of the service answer
// with that of a bad request, and only the text tells.
func sagemakerError(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "ValidationException" {
		return err
	}
	if m := api.ErrorMessage(); strings.HasPrefix(m, "Could not find") || strings.HasPrefix(m, "RecordNotFound") {
		return &smithy.GenericAPIError{Code: sagemakerGone, Message: m}
	}
	return err
}

func listEndpoints(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := sagemaker.NewFromConfig(t.Config)
	d := lister.Description[types.EndpointSummary, *sagemaker.DescribeEndpointOutput]{
		Ask: func(ctx context.Context, v types.EndpointSummary) (*sagemaker.DescribeEndpointOutput, error) {
			out, err := c.DescribeEndpoint(ctx, &sagemaker.DescribeEndpointInput{EndpointName: v.EndpointName})
			return out, sagemakerError(err)
		},
		Asset: modelEndpoint,
		Gone:  []string{sagemakerGone},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListEndpoints(ctx, &sagemaker.ListEndpointsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.Endpoints)
	})
}

// modelEndpoint makes the asset of an endpoint; d is nil if it could not be read.
func modelEndpoint(v types.EndpointSummary, d *sagemaker.DescribeEndpointOutput) inventory.Asset {
	var p lister.Attributes
	p.String("EndpointName", v.EndpointName)
	if d != nil {
		p.String("EndpointConfigName", d.EndpointConfigName)
	}
	a := inventory.Asset{
		Key: aws.ToString(v.EndpointArn), Name: aws.ToString(v.EndpointName), Created: lister.Time(v.CreationTime), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.EndpointName),
	}
	if v.EndpointStatus == types.EndpointStatusDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	return a
}

func listEndpointConfigs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := sagemaker.NewFromConfig(t.Config)
	d := lister.Description[types.EndpointConfigSummary, *sagemaker.DescribeEndpointConfigOutput]{
		Ask: func(ctx context.Context, v types.EndpointConfigSummary) (*sagemaker.DescribeEndpointConfigOutput, error) {
			out, err := c.DescribeEndpointConfig(ctx, &sagemaker.DescribeEndpointConfigInput{EndpointConfigName: v.EndpointConfigName})
			return out, sagemakerError(err)
		},
		Asset: endpointConfig,
		Gone:  []string{sagemakerGone},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListEndpointConfigs(ctx, &sagemaker.ListEndpointConfigsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.EndpointConfigs)
	})
}

// endpointConfig makes the asset of an endpoint's configuration; d is nil if it could not be read.
func endpointConfig(v types.EndpointConfigSummary, d *sagemaker.DescribeEndpointConfigOutput) inventory.Asset {
	var p lister.Attributes
	p.String("EndpointConfigName", v.EndpointConfigName)
	if d != nil {
		p.String("KmsKeyId", d.KmsKeyId)
		p.String("ExecutionRoleArn", d.ExecutionRoleArn)
		p.Bool("EnableNetworkIsolation", d.EnableNetworkIsolation)
		p.Bool("DataCaptureConfig.EnableCapture", captures(d.DataCaptureConfig))
		variants := make([]any, len(d.ProductionVariants))
		for i, pv := range d.ProductionVariants {
			variants[i] = variant(pv)
		}
		p.Object("ProductionVariants", variants)
	}
	return inventory.Asset{
		Key: aws.ToString(v.EndpointConfigArn), Name: aws.ToString(v.EndpointConfigName), Created: lister.Time(v.CreationTime),
		Attributes: p.Known(), Identifiers: lister.ResourceID(v.EndpointConfigName),
	}
}

func captures(v *types.DataCaptureConfig) *bool {
	if v == nil {
		return nil
	}
	return v.EnableCapture
}

// variant tells which model runs on what.
func variant(v types.ProductionVariant) map[string]any {
	out := map[string]any{"VariantName": aws.ToString(v.VariantName)}
	if v.ModelName != nil {
		out["ModelName"] = *v.ModelName
	}
	if v.InstanceType != "" {
		out["InstanceType"] = string(v.InstanceType)
	}
	return out
}

func listModels(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := sagemaker.NewFromConfig(t.Config)
	d := lister.Description[types.ModelSummary, *sagemaker.DescribeModelOutput]{
		Ask: func(ctx context.Context, v types.ModelSummary) (*sagemaker.DescribeModelOutput, error) {
			out, err := c.DescribeModel(ctx, &sagemaker.DescribeModelInput{ModelName: v.ModelName})
			return out, sagemakerError(err)
		},
		Asset: model,
		Gone:  []string{sagemakerGone},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListModels(ctx, &sagemaker.ListModelsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.Models)
	})
}

// model makes the asset of a model; d is nil if it could not be read.
func model(v types.ModelSummary, d *sagemaker.DescribeModelOutput) inventory.Asset {
	var p lister.Attributes
	p.String("ModelName", v.ModelName)
	if d != nil {
		p.String("ExecutionRoleArn", d.ExecutionRoleArn)
		p.Bool("EnableNetworkIsolation", d.EnableNetworkIsolation)
		var net types.VpcConfig
		if d.VpcConfig != nil {
			net = *d.VpcConfig
		}
		p.Strings("VpcConfig.Subnets", net.Subnets)
		p.Strings("VpcConfig.SecurityGroupIds", net.SecurityGroupIds)
		if d.PrimaryContainer != nil { // whose environment is left out: it may hold secrets
			p.String("PrimaryContainer.Image", d.PrimaryContainer.Image)
		}
	}
	return inventory.Asset{
		Key: aws.ToString(v.ModelArn), Name: aws.ToString(v.ModelName), Created: lister.Time(v.CreationTime), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.ModelName),
	}
}
