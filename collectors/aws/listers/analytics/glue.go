package analytics

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func glueListers() []lister.Lister {
	databases := glueLister("AWS::Glue::Database", "database", listDatabases, "GetDatabases")
	databases.Newest = true // Lake Formation hides others
	return []lister.Lister{
		glueLister("AWS::Glue::Job", "job", listJobs, "GetJobs"),
		databases,
		glueLister("AWS::Glue::Crawler", "crawler", listCrawlers, "GetCrawlers"),
		glueLister("AWS::Glue::Trigger", "trigger", listTriggers, "GetTriggers"),
		glueLister("AWS::Glue::Workflow", "workflow", listWorkflows, "ListWorkflows", "BatchGetWorkflows"),
		glueLister("AWS::Glue::Connection", "connection", listConnections, "GetConnections"),
	}
}

// glueLister makes a lister of things whose names the ARN ends with.
func glueLister(
	t inventory.Type, kind string, list func(context.Context, *lister.Target, lister.Out) error, operations ...string,
) lister.Lister {
	return lister.Lister{
		Type: t, ARNs: []string{"glue:" + kind + "/*"}, List: list, ReadTags: glueTags,
		Operations: lister.API(glue.ServiceID, "glue").Ops(append(operations, "GetTags")...),
	}
}

func glueTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := glue.NewFromConfig(t.Config).GetTags(ctx, &glue.GetTagsInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return inventory.TagsFromMap(out.Tags), nil
}

func listJobs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := glue.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetJobs(ctx, &glue.GetJobsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Jobs, func(v *types.Job) inventory.Asset { return job(t, v) })
	})
}

// job keeps the names of the arguments alone: their values are where people put passwords.
func job(t *lister.Target, v *types.Job) inventory.Asset {
	name := aws.ToString(v.Name)
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Description", v.Description)
	p.String("Role", v.Role)
	p.String("GlueVersion", v.GlueVersion)
	p.Text("WorkerType", string(v.WorkerType))
	p.Int("NumberOfWorkers", v.NumberOfWorkers)
	p.Float("MaxCapacity", v.MaxCapacity)
	p.Int("MaxRetries", &v.MaxRetries)
	p.Int("Timeout", v.Timeout)
	p.Text("ExecutionClass", string(v.ExecutionClass))
	p.String("SecurityConfiguration", v.SecurityConfiguration)
	p.Strings("DefaultArgumentNames", slices.Sorted(maps.Keys(v.DefaultArguments)))
	if c := v.Command; c != nil {
		p.String("Command.Name", c.Name)
		p.String("Command.ScriptLocation", c.ScriptLocation)
		p.String("Command.PythonVersion", c.PythonVersion)
	}
	var used types.ConnectionsList
	if v.Connections != nil {
		used = *v.Connections
	}
	p.Strings("Connections.Connections", used.Connections)
	return inventory.Asset{
		Key: t.ARN("glue", "job/"+name), Name: name, Created: lister.Time(v.CreatedOn), Attributes: p.Known(), Identifiers: lister.ResourceID(&name),
	}
}

// listDatabases lists the databases of the account's own catalog that Lake Formation lets the caller see. It tells of no others.
func listDatabases(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := glue.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetDatabases(ctx, &glue.GetDatabasesInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.DatabaseList, func(v *types.Database) inventory.Asset { return database(t, v) })
	})
}

func database(t *lister.Target, v *types.Database) inventory.Asset {
	name, owner := aws.ToString(v.Name), t.Account
	if v.CatalogId != nil {
		owner = *v.CatalogId
	}
	var p lister.Attributes
	p.Text("CatalogId", owner)
	p.String("DatabaseInput.Name", v.Name)
	p.String("DatabaseInput.Description", v.Description)
	p.String("DatabaseInput.LocationUri", v.LocationUri)
	if to := v.TargetDatabase; to != nil {
		p.String("DatabaseInput.TargetDatabase.CatalogId", to.CatalogId)
		p.String("DatabaseInput.TargetDatabase.DatabaseName", to.DatabaseName)
	}
	return inventory.Asset{
		Key: t.ARNOf("glue", t.Region, owner, "database/"+name), Name: name, Created: lister.Time(v.CreateTime), Attributes: p.Known(),
		Identifiers: lister.ResourceID(aws.String(owner + ":" + name)),
	}
}

func listCrawlers(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := glue.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetCrawlers(ctx, &glue.GetCrawlersInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Crawlers, func(v *types.Crawler) inventory.Asset { return crawler(t, v) })
	})
}

func crawler(t *lister.Target, v *types.Crawler) inventory.Asset {
	name := aws.ToString(v.Name)
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Description", v.Description)
	p.String("Role", v.Role)
	p.String("DatabaseName", v.DatabaseName)
	p.String("TablePrefix", v.TablePrefix)
	p.String("CrawlerSecurityConfiguration", v.CrawlerSecurityConfiguration)
	var schedule types.Schedule
	if v.Schedule != nil {
		schedule = *v.Schedule
	}
	p.String("Schedule.ScheduleExpression", schedule.ScheduleExpression)
	if s := v.SchemaChangePolicy; s != nil {
		p.Text("SchemaChangePolicy.UpdateBehavior", string(s.UpdateBehavior))
		p.Text("SchemaChangePolicy.DeleteBehavior", string(s.DeleteBehavior))
	}
	if r := v.RecrawlPolicy; r != nil {
		p.Text("RecrawlPolicy.RecrawlBehavior", string(r.RecrawlBehavior))
	}
	return inventory.Asset{
		Key: t.ARN("glue", "crawler/"+name), Name: name, Created: lister.Time(v.CreationTime), Attributes: p.Known(),
		Identifiers: lister.ResourceID(&name),
	}
}

func listTriggers(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := glue.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetTriggers(ctx, &glue.GetTriggersInput{NextToken: token, MaxResults: aws.Int32(200)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Triggers, func(v *types.Trigger) inventory.Asset { return trigger(t, v) })
	})
}

// trigger leaves the actions alone, which hold arguments.
func trigger(t *lister.Target, v *types.Trigger) inventory.Asset {
	name := aws.ToString(v.Name)
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Description", v.Description)
	p.Text("Type", string(v.Type))
	p.String("Schedule", v.Schedule)
	p.String("WorkflowName", v.WorkflowName)
	a := inventory.Asset{Key: t.ARN("glue", "trigger/"+name), Name: name, Attributes: p.Known(), Identifiers: lister.ResourceID(&name)}
	if v.State == types.TriggerStateDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	if flow := aws.ToString(v.WorkflowName); flow != "" {
		a.Relations = []inventory.Relation{lister.To(inventory.PartOf, t.ARN("glue", "workflow/"+flow))}
	}
	return a
}
