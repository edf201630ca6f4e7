package compute

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func lambdaListers() []lister.Lister {
	api := lister.API(lambda.ServiceID, "lambda")
	return []lister.Lister{
		{
			Type: "AWS::Lambda::Function", ARNs: []string{"lambda:function:*"},
			Operations: api.Ops("ListFunctions", "ListTags"), List: listFunctions, ReadTags: lambdaTags,
		},
		{
			Type: "AWS::Lambda::LayerVersion", ARNs: []string{"lambda:layer:*"}, Newest: true,
			Operations: api.Ops("ListLayers"), List: listLayers,
		},
		{
			Type: "AWS::Lambda::EventSourceMapping", ARNs: []string{"lambda:event-source-mapping:*"},
			Operations: api.Ops("ListEventSourceMappings", "ListTags"), List: listEventSourceMappings, ReadTags: lambdaTags,
		},
	}
}

func lambdaTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	answer, err := lambda.NewFromConfig(t.Config).ListTags(ctx, &lambda.ListTagsInput{Resource: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return inventory.TagsFromMap(answer.Tags), nil
}

func listFunctions(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := lambda.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListFunctions(ctx, &lambda.ListFunctionsInput{Marker: token, MaxItems: aws.Int32(50)})
		if err != nil {
			return nil, err
		}
		return page.NextMarker, lister.Put(out, page.Functions, func(f *types.FunctionConfiguration) inventory.Asset {
			return inventory.Asset{
				Key: lister.Str(f.FunctionArn), Name: lister.Str(f.FunctionName), Attributes: functionAttributes(f, t.Secret),
				Identifiers: lister.ResourceID(f.FunctionName),
			}
		})
	})
}

func functionAttributes(f *types.FunctionConfiguration, secret inventory.SecretHash) inventory.Attributes {
	var p lister.Attributes
	p.String("FunctionName", f.FunctionName)
	p.Text("Runtime", string(f.Runtime))
	p.Text("Handler", lister.Str(f.Handler))
	p.Int("MemorySize", f.MemorySize)
	p.Int("Timeout", f.Timeout)
	p.String("Role", f.Role)
	p.Strings("Architectures", lister.Texts(f.Architectures))
	p.Text("PackageType", string(f.PackageType))
	p.Text("Description", lister.Str(f.Description))
	p.Text("KmsKeyArn", lister.Str(f.KMSKeyArn))
	p.Strings("Layers", layerARNs(f.Layers))
	p.String("CodeSha256", f.CodeSha256)
	p.Value("Environment.Variables", variables(f.Environment, secret))
	functionOptions(&p, f)
	return p.Known()
}

// functionOptions sets what stands in blocks. Without a network a function has no subnets and groups.
func functionOptions(p *lister.Attributes, f *types.FunctionConfiguration) {
	network := f.VpcConfig
	if network == nil {
		network = &types.VpcConfigResponse{}
	}
	p.Strings("VpcConfig.SubnetIds", network.SubnetIds)
	p.Strings("VpcConfig.SecurityGroupIds", network.SecurityGroupIds)
	p.Value("DeadLetterConfig.TargetArn", inventory.Null)
	if f.DeadLetterConfig != nil {
		p.String("DeadLetterConfig.TargetArn", f.DeadLetterConfig.TargetArn)
	}
	if f.TracingConfig != nil {
		p.Text("TracingConfig.Mode", string(f.TracingConfig.Mode))
	}
	if f.EphemeralStorage != nil {
		p.Int("EphemeralStorage.Size", f.EphemeralStorage.Size)
	}
	if f.LoggingConfig != nil {
		p.String("LoggingConfig.LogGroup", f.LoggingConfig.LogGroup)
	}
	if f.SnapStart != nil {
		p.Text("SnapStart.ApplyOn", string(f.SnapStart.ApplyOn))
	}
}

// variables are the names of a function's environment with hashes of the values. The service gives an error in place of those that
// the caller may not decrypt.
func variables(e *types.EnvironmentResponse, secret inventory.SecretHash) inventory.Value {
	switch {
	case e == nil:
		return inventory.Null
	case e.Error != nil:
		return inventory.Unread
	}
	hashed := make(map[string]any, len(e.Variables))
	for name, value := range e.Variables {
		hashed[name] = secret.Hash(value)
	}
	v, err := inventory.ValueOf(hashed)
	if err != nil { // cannot happen: texts have a value
		return inventory.Unread
	}
	return v
}

func layerARNs(layers []types.Layer) []string {
	arns := make([]string, len(layers))
	for i, l := range layers {
		arns[i] = lister.Str(l.Arn)
	}
	return arns
}

// listLayers lists the latest version of each layer.
func listLayers(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := lambda.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListLayers(ctx, &lambda.ListLayersInput{Marker: token, MaxItems: aws.Int32(50)})
		if err != nil {
			return nil, err
		}
		return page.NextMarker, lister.Put(out, page.Layers, layer)
	})
}

func layer(l *types.LayersListItem) inventory.Asset {
	v := l.LatestMatchingVersion
	if v == nil {
		return inventory.Asset{}
	}
	var p lister.Attributes
	p.String("LayerName", l.LayerName)
	p.Strings("CompatibleRuntimes", lister.Texts(v.CompatibleRuntimes))
	p.Strings("CompatibleArchitectures", lister.Texts(v.CompatibleArchitectures))
	p.Text("Description", lister.Str(v.Description))
	p.Text("LicenseInfo", lister.Str(v.LicenseInfo))
	a := inventory.Asset{
		Key: lister.Str(v.LayerVersionArn), Name: lister.Str(l.LayerName), Tags: inventory.NotTaggable(), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.LayerVersionArn),
	}
	if made, err := time.Parse("2006-01-02T15:04:05.000-0700", lister.Str(v.CreatedDate)); err == nil {
		a.Created = made.UTC()
	}
	return a
}

func listEventSourceMappings(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := lambda.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{Marker: token, MaxItems: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextMarker, lister.Put(out, page.EventSourceMappings, func(m *types.EventSourceMappingConfiguration) inventory.Asset {
			return eventSourceMapping(t, m)
		})
	})
}

func eventSourceMapping(t *lister.Target, m *types.EventSourceMappingConfiguration) inventory.Asset {
	a := inventory.Asset{
		Key: lister.Str(m.EventSourceMappingArn), Name: lister.Str(m.UUID), Attributes: mappingAttributes(m),
		Lifecycle:   lister.Retiring(lister.Str(m.State) == "Deleting"),
		Identifiers: lister.ResourceID(m.UUID),
		Relations:   []inventory.Relation{lister.To(inventory.PartOf, unqualified(lister.Str(m.FunctionArn)))},
	}
	if a.Key == "" {
		a.Key = t.ARN("lambda", "event-source-mapping:"+lister.Str(m.UUID))
	}
	return a
}

// unqualified drops the version or alias at the end of a function's ARN.
func unqualified(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 7 {
		return strings.Join(parts[:7], ":")
	}
	return arn
}

func mappingAttributes(m *types.EventSourceMappingConfiguration) inventory.Attributes {
	var p lister.Attributes
	p.String("FunctionName", m.FunctionArn)
	p.String("EventSourceArn", m.EventSourceArn)
	p.Int("BatchSize", m.BatchSize)
	p.Value("Enabled", enabled(lister.Str(m.State)))
	p.Int("MaximumBatchingWindowInSeconds", m.MaximumBatchingWindowInSeconds)
	p.Int("MaximumRecordAgeInSeconds", m.MaximumRecordAgeInSeconds)
	p.Int("MaximumRetryAttempts", m.MaximumRetryAttempts)
	p.Int("ParallelizationFactor", m.ParallelizationFactor)
	p.Int("TumblingWindowInSeconds", m.TumblingWindowInSeconds)
	p.Bool("BisectBatchOnFunctionError", m.BisectBatchOnFunctionError)
	p.Text("StartingPosition", string(m.StartingPosition))
	p.Strings("FunctionResponseTypes", lister.Texts(m.FunctionResponseTypes))
	p.Strings("Topics", m.Topics)
	p.Strings("Queues", m.Queues)
	p.String("KmsKeyArn", m.KMSKeyArn)
	p.Value("DestinationConfig.OnFailure.Destination", inventory.Null)
	if d := m.DestinationConfig; d != nil && d.OnFailure != nil {
		p.String("DestinationConfig.OnFailure.Destination", d.OnFailure.Destination)
	}
	p.Value("ScalingConfig.MaximumConcurrency", inventory.Null)
	if m.ScalingConfig != nil {
		p.Int("ScalingConfig.MaximumConcurrency", m.ScalingConfig.MaximumConcurrency)
	}
	return p.Known()
}

// enabled reads a state. While a mapping is made, changed or deleted, its state does not tell.
func enabled(state string) inventory.Value {
	switch state {
	case "Enabled", "Enabling":
		return inventory.True
	case "Disabled", "Disabling":
		return inventory.False
	}
	return inventory.Unread
}
