package messaging

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func eventsListers() []lister.Lister {
	api := lister.API(eventbridge.ServiceID, "events")
	return []lister.Lister{
		{
			Type:       "AWS::Events::EventBus",
			ARNs:       []string{"events:event-bus/*"},
			Operations: api.Ops("ListEventBuses", "DescribeEventBus", "ListTagsForResource"),
			List:       listEventBuses,
			ReadTags:   eventTags,
		},
		{
			Type:       "AWS::Events::Rule",
			ARNs:       []string{"events:rule/*"},
			Operations: api.Ops("ListRules", "ListEventBuses", "ListTagsForResource"),
			List:       listRules,
			ReadTags:   eventTags,
		},
		{
			Type:       "AWS::Events::Archive",
			ARNs:       []string{"events:archive/*"},
			Operations: api.Ops("ListArchives"),
			List:       listArchives,
		},
		{
			Type:       "AWS::Events::Connection",
			ARNs:       []string{"events:connection/*"},
			Operations: api.Ops("ListConnections"),
			List:       listEventConnections,
		},
		{
			Type:       "AWS::Events::ApiDestination",
			ARNs:       []string{"events:api-destination/*"},
			Operations: api.Ops("ListApiDestinations"),
			List:       listAPIDestinations,
		},
	}
}

// eventBuses goes through the buses of the account, page by page.
func eventBuses(ctx context.Context, c *eventbridge.Client, visit func([]types.EventBus) error) error {
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListEventBuses(ctx, &eventbridge.ListEventBusesInput{NextToken: token, Limit: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, visit(page.EventBuses)
	})
}

func listEventBuses(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := eventbridge.NewFromConfig(t.Config)
	d := lister.Description[types.EventBus, *eventbridge.DescribeEventBusOutput]{
		Ask: func(ctx context.Context, v types.EventBus) (*eventbridge.DescribeEventBusOutput, error) {
			return c.DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: v.Name})
		},
		Asset: eventBus,
		Gone:  []string{"ResourceNotFoundException"},
	}
	return eventBuses(ctx, c, func(page []types.EventBus) error { return d.Put(ctx, out, page) })
}

// eventBus makes the asset of a bus; d is nil if it could not be read.
func eventBus(v types.EventBus, d *eventbridge.DescribeEventBusOutput) inventory.Asset {
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Description", v.Description)
	p.JSON("Policy", aws.ToString(v.Policy))
	p.String("ManagedBy", v.ManagedBy)
	if d != nil {
		p.String("KmsKeyIdentifier", d.KmsKeyIdentifier)
		var letters *string
		if d.DeadLetterConfig != nil {
			letters = d.DeadLetterConfig.Arn
		}
		p.String("DeadLetterConfig.Arn", letters)
		level := types.LevelOff
		if d.LogConfig != nil {
			level = d.LogConfig.Level
		}
		p.Text("LogConfig.Level", string(level))
	}
	return inventory.Asset{
		Key: aws.ToString(v.Arn), Name: aws.ToString(v.Name), Created: lister.Time(v.CreationTime), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.Name),
	}
}

const defaultBus = "default"

// listRules lists the rules of every bus. Without the list of buses there is still the one that every account has.
func listRules(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := eventbridge.NewFromConfig(t.Config)
	var buses []types.EventBus
	err := eventBuses(ctx, c, func(page []types.EventBus) error {
		buses = append(buses, page...)
		return nil
	})
	if stop := out.Unread("", err); stop != nil {
		return stop
	}
	if len(buses) == 0 {
		buses = []types.EventBus{{Name: aws.String(defaultBus), Arn: aws.String(t.ARN("events", "event-bus/"+defaultBus))}}
	}
	rules := lister.Parts[types.EventBus, types.Rule]{
		List:  func(ctx context.Context, bus types.EventBus) ([]types.Rule, error) { return rulesOf(ctx, c, bus.Name) },
		Asset: func(_ types.EventBus, v *types.Rule) inventory.Asset { return rule(v) },
		Name:  func(bus types.EventBus) string { return aws.ToString(bus.Arn) },
		Gone:  []string{"ResourceNotFoundException"},
	}
	return rules.Put(ctx, out, buses)
}

func rulesOf(ctx context.Context, c *eventbridge.Client, bus *string) ([]types.Rule, error) {
	return lister.All(ctx, func(token *string) ([]types.Rule, *string, error) {
		page, err := c.ListRules(ctx, &eventbridge.ListRulesInput{EventBusName: bus, NextToken: token, Limit: aws.Int32(100)})
		if err != nil {
			return nil, nil, err
		}
		return page.Rules, page.NextToken, nil
	})
}

func rule(v *types.Rule) inventory.Asset {
	name, bus := aws.ToString(v.Name), aws.ToString(v.EventBusName)
	id := name
	if bus != "" && bus != defaultBus {
		id = bus + "/" + name
	}
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Description", v.Description)
	p.Text("EventBusName", bus)
	p.JSON("EventPattern", aws.ToString(v.EventPattern))
	p.String("ScheduleExpression", v.ScheduleExpression)
	p.String("RoleArn", v.RoleArn)
	p.Text("State", string(v.State))
	p.String("ManagedBy", v.ManagedBy)
	return inventory.Asset{Key: aws.ToString(v.Arn), Name: name, Attributes: p.Known(), Identifiers: lister.ResourceID(&id)}
}

// eventTags reads the tags of a bus or rule.
func eventTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := eventbridge.NewFromConfig(t.Config).ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}

func listArchives(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := eventbridge.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListArchives(ctx, &eventbridge.ListArchivesInput{NextToken: token, Limit: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Archives, func(v *types.Archive) inventory.Asset { return archive(t, v) })
	})
}

func archive(t *lister.Target, v *types.Archive) inventory.Asset {
	name := aws.ToString(v.ArchiveName)
	var p lister.Attributes
	p.String("ArchiveName", v.ArchiveName)
	p.String("SourceArn", v.EventSourceArn)
	p.Int("RetentionDays", v.RetentionDays)
	return inventory.Asset{
		Key: t.ARN("events", "archive/"+name), Name: name, Created: lister.Time(v.CreationTime), Attributes: p.Known(),
		Tags: inventory.NotTaggable(), Identifiers: lister.ResourceID(&name),
	}
}

// listEventConnections takes what the list tells: to describe a connection is to read the names under which its secrets are sent.
func listEventConnections(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := eventbridge.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListConnections(ctx, &eventbridge.ListConnectionsInput{NextToken: token, Limit: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Connections, eventConnection)
	})
}

func eventConnection(v *types.Connection) inventory.Asset {
	var p lister.Attributes
	p.String("Name", v.Name)
	p.Text("AuthorizationType", string(v.AuthorizationType))
	a := inventory.Asset{
		Key: aws.ToString(v.ConnectionArn), Name: aws.ToString(v.Name), Created: lister.Time(v.CreationTime), Attributes: p.Known(),
		Tags: inventory.NotTaggable(), Identifiers: lister.ResourceID(v.Name),
	}
	if v.ConnectionState == types.ConnectionStateDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	return a
}

func listAPIDestinations(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := eventbridge.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListApiDestinations(ctx, &eventbridge.ListApiDestinationsInput{NextToken: token, Limit: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.ApiDestinations, func(v *types.ApiDestination) inventory.Asset { return apiDestination(t, v) })
	})
}

// apiDestination hashes the URL: those of chat services are all the secret that there is.
func apiDestination(t *lister.Target, v *types.ApiDestination) inventory.Asset {
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("ConnectionArn", v.ConnectionArn)
	p.Text("HttpMethod", string(v.HttpMethod))
	p.Text("InvocationEndpoint", t.Secret.Hash(aws.ToString(v.InvocationEndpoint)))
	p.Int("InvocationRateLimitPerSecond", v.InvocationRateLimitPerSecond)
	return inventory.Asset{
		Key: aws.ToString(v.ApiDestinationArn), Name: aws.ToString(v.Name), Created: lister.Time(v.CreationTime), Attributes: p.Known(),
		Tags: inventory.NotTaggable(), Identifiers: lister.ResourceID(v.Name),
	}
}
