package developer

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// projectBatch is how many projects one call describes.
const projectBatch = 100

func codebuildListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::CodeBuild::Project",
		ARNs:       []string{"codebuild:project/*"},
		Operations: lister.API(codebuild.ServiceID, "codebuild").Ops("ListProjects", "BatchGetProjects"),
		List:       listProjects,
	}}
}

func listProjects(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := codebuild.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListProjects(ctx, &codebuild.ListProjectsInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Chunks(page.Projects, projectBatch, func(names []string) error {
			return describeProjects(ctx, c, t, out, names)
		})
	})
}

// describeProjects hands projects over. One that the service does not find any more is left out; those that it does not tell of are there
// by their names.
func describeProjects(ctx context.Context, c *codebuild.Client, t *lister.Target, out lister.Out, names []string) error {
	bare := func(name *string) inventory.Asset { return projectNamed(t.ARN("codebuild", "project/"+*name), *name) }
	answer, err := c.BatchGetProjects(ctx, &codebuild.BatchGetProjectsInput{Names: names})
	if err != nil {
		return lister.PutBare(out, names, err, bare)
	}
	told := answer.ProjectsNotFound
	if err := lister.Put(out, answer.Projects, func(p *types.Project) inventory.Asset {
		told = append(told, lister.Str(p.Name))
		return project(t, p)
	}); err != nil {
		return err
	}
	return lister.PutBare(out, lister.Untold(names, told), lister.ErrNotDescribed, bare)
}

func projectNamed(key, name string) inventory.Asset {
	return inventory.Asset{Key: key, Name: name, Identifiers: lister.ResourceID(&name)}
}

func project(t *lister.Target, p *types.Project) inventory.Asset {
	a := projectNamed(lister.Str(p.Arn), lister.Str(p.Name))
	a.Created = lister.Time(p.Created)
	a.Tags = lister.TagsOf(p.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	a.Attributes = projectAttributes(t, p)
	return a
}

// projectAttributes leave out build specifications and whatever gives access to sources.
func projectAttributes(t *lister.Target, m *types.Project) inventory.Attributes {
	var p lister.Attributes
	p.String("Name", m.Name)
	p.String("Description", m.Description)
	p.String("ServiceRole", m.ServiceRole)
	p.String("EncryptionKey", m.EncryptionKey)
	p.Int("TimeoutInMinutes", m.TimeoutInMinutes)
	p.Int("QueuedTimeoutInMinutes", m.QueuedTimeoutInMinutes)
	p.Int("ConcurrentBuildLimit", m.ConcurrentBuildLimit)
	p.Text("Visibility", string(m.ProjectVisibility))
	p.String("ResourceAccessRole", m.ResourceAccessRole)
	source, artifacts := lister.OrEmpty(m.Source), lister.OrEmpty(m.Artifacts)
	p.Text("Source.Type", string(source.Type))
	p.String("Source.Location", withoutLogin(source.Location))
	p.Bool("Source.InsecureSsl", source.InsecureSsl)
	p.Text("Artifacts.Type", string(artifacts.Type))
	p.String("Artifacts.Location", artifacts.Location)
	p.Bool("Artifacts.EncryptionDisabled", artifacts.EncryptionDisabled)
	projectEnvironment(&p, t, lister.OrEmpty(m.Environment))
	projectSurroundings(&p, lister.OrEmpty(m.VpcConfig), lister.OrEmpty(m.LogsConfig))
	return p.Known()
}

func projectEnvironment(p *lister.Attributes, t *lister.Target, e *types.ProjectEnvironment) {
	p.Text("Environment.Type", string(e.Type))
	p.Text("Environment.ComputeType", string(e.ComputeType))
	p.String("Environment.Image", e.Image)
	p.Bool("Environment.PrivilegedMode", e.PrivilegedMode)
	p.Object("Environment.EnvironmentVariables", variables(t, e.EnvironmentVariables))
}

// variables tell the names of environment variables, and by hashes whether their values change.
func variables(t *lister.Target, list []types.EnvironmentVariable) []any {
	out := make([]any, 0, len(list))
	for _, v := range list {
		out = append(out, map[string]any{"Name": lister.Str(v.Name), "Type": string(v.Type), "Value": t.Secret.Hash(lister.Str(v.Value))})
	}
	return out
}

// projectSurroundings tells where builds run and where they log.
func projectSurroundings(p *lister.Attributes, vpc *types.VpcConfig, logs *types.LogsConfig) {
	p.String("VpcConfig.VpcId", vpc.VpcId)
	p.Strings("VpcConfig.Subnets", vpc.Subnets)
	p.Strings("VpcConfig.SecurityGroupIds", vpc.SecurityGroupIds)
	group, bucket := lister.OrEmpty(logs.CloudWatchLogs), lister.OrEmpty(logs.S3Logs)
	p.Text("LogsConfig.CloudWatchLogs.Status", string(group.Status))
	p.String("LogsConfig.CloudWatchLogs.GroupName", group.GroupName)
	p.Text("LogsConfig.S3Logs.Status", string(bucket.Status))
	p.Bool("LogsConfig.S3Logs.EncryptionDisabled", bucket.EncryptionDisabled)
}
