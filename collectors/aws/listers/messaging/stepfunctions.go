package messaging

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func stepFunctionsListers() []lister.Lister {
	api := lister.API(sfn.ServiceID, "states")
	return []lister.Lister{
		{
			Type:       "AWS::StepFunctions::StateMachine",
			ARNs:       []string{"states:stateMachine:*"},
			Operations: api.Ops("ListStateMachines", "DescribeStateMachine", "ListTagsForResource"),
			List:       listStateMachines,
			ReadTags:   stepFunctionsTags,
		},
		{
			Type:       "AWS::StepFunctions::Activity",
			ARNs:       []string{"states:activity:*"},
			Operations: api.Ops("ListActivities", "ListTagsForResource"),
			List:       listActivities,
			ReadTags:   stepFunctionsTags,
		},
	}
}

// listStateMachines asks for everything but the definitions, which are long, encrypted with a key of the account, and may hold secrets.
func listStateMachines(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := sfn.NewFromConfig(t.Config)
	d := lister.Description[types.StateMachineListItem, *sfn.DescribeStateMachineOutput]{
		Ask: func(ctx context.Context, v types.StateMachineListItem) (*sfn.DescribeStateMachineOutput, error) {
			return c.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{
				StateMachineArn: v.StateMachineArn, IncludedData: types.IncludedDataMetadataOnly,
			})
		},
		Asset: stateMachine,
		Gone:  []string{"StateMachineDoesNotExist"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListStateMachines(ctx, &sfn.ListStateMachinesInput{NextToken: token, MaxResults: 1000})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.StateMachines)
	})
}

// stateMachine makes the asset of a state machine; d is nil if it could not be read.
func stateMachine(v types.StateMachineListItem, d *sfn.DescribeStateMachineOutput) inventory.Asset {
	a := inventory.Asset{Key: aws.ToString(v.StateMachineArn), Name: aws.ToString(v.Name), Created: lister.Time(v.CreationDate)}
	a.Identifiers = lister.ResourceID(aws.String(a.Name))
	var p lister.Attributes
	p.String("StateMachineName", v.Name)
	p.Text("StateMachineType", string(v.Type))
	if d != nil {
		if d.Status == types.StateMachineStatusDeleting {
			a.Lifecycle = inventory.LifecycleRetiring
		}
		p.String("RoleArn", d.RoleArn)
		stateMachineSettings(&p, d)
	}
	a.Attributes = p.Known()
	return a
}

// stateMachineSettings takes what is left out for off.
func stateMachineSettings(p *lister.Attributes, d *sfn.DescribeStateMachineOutput) {
	log := types.LoggingConfiguration{Level: types.LogLevelOff}
	if d.LoggingConfiguration != nil {
		log = *d.LoggingConfiguration
	}
	p.Text("LoggingConfiguration.Level", string(log.Level))
	p.Value("LoggingConfiguration.IncludeExecutionData", inventory.BoolValue(log.IncludeExecutionData))
	p.Value("TracingConfiguration.Enabled", inventory.BoolValue(d.TracingConfiguration != nil && d.TracingConfiguration.Enabled))
	var encryption types.EncryptionConfiguration
	if d.EncryptionConfiguration != nil {
		encryption = *d.EncryptionConfiguration
	}
	p.Text("EncryptionConfiguration.Type", string(encryption.Type))
	p.String("EncryptionConfiguration.KmsKeyId", encryption.KmsKeyId)
}

func listActivities(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := sfn.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListActivities(ctx, &sfn.ListActivitiesInput{NextToken: token, MaxResults: 1000})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Activities, activity)
	})
}

func activity(v *types.ActivityListItem) inventory.Asset {
	var p lister.Attributes
	p.String("Name", v.Name)
	return inventory.Asset{
		Key: aws.ToString(v.ActivityArn), Name: aws.ToString(v.Name), Created: lister.Time(v.CreationDate), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.Name),
	}
}

func stepFunctionsTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := sfn.NewFromConfig(t.Config).ListTagsForResource(ctx, &sfn.ListTagsForResourceInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}
