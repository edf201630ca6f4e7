package analytics

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagent"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagent/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func bedrockListers() []lister.Lister {
	api := lister.API(bedrockagent.ServiceID, "bedrock")
	return []lister.Lister{
		{
			Type:       "AWS::Bedrock::Agent",
			ARNs:       []string{"bedrock:agent/*"},
			Operations: api.Ops("ListAgents", "GetAgent", "ListTagsForResource"),
			List:       listAgents,
			ReadTags:   bedrockTags,
		},
		{
			Type:       "AWS::Bedrock::KnowledgeBase",
			ARNs:       []string{"bedrock:knowledge-base/*"},
			Operations: api.Ops("ListKnowledgeBases", "GetKnowledgeBase", "ListTagsForResource"),
			List:       listKnowledgeBases,
			ReadTags:   bedrockTags,
		},
	}
}

func bedrockTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := bedrockagent.NewFromConfig(t.Config).ListTagsForResource(ctx, &bedrockagent.ListTagsForResourceInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return inventory.TagsFromMap(out.Tags), nil
}

func listAgents(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := bedrockagent.NewFromConfig(t.Config)
	d := lister.Description[types.AgentSummary, *types.Agent]{
		Ask: func(ctx context.Context, v types.AgentSummary) (*types.Agent, error) {
			out, err := c.GetAgent(ctx, &bedrockagent.GetAgentInput{AgentId: v.AgentId})
			if err != nil {
				return nil, err
			}
			return out.Agent, nil
		},
		Asset: func(v types.AgentSummary, d *types.Agent) inventory.Asset { return agent(t, v, d) },
		Gone:  []string{"ResourceNotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListAgents(ctx, &bedrockagent.ListAgentsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.AgentSummaries)
	})
}

// agent makes the asset of an agent; d is nil if it could not be read. The instruction is left out: it is long and may hold secrets.
func agent(t *lister.Target, v types.AgentSummary, d *types.Agent) inventory.Asset {
	id := aws.ToString(v.AgentId)
	a := inventory.Asset{Key: t.ARN("bedrock", "agent/"+id), Name: aws.ToString(v.AgentName), Identifiers: lister.ResourceID(&id)}
	if v.AgentStatus == types.AgentStatusDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	var p lister.Attributes
	p.String("AgentName", v.AgentName)
	p.String("Description", v.Description)
	var guard types.GuardrailConfiguration
	if v.GuardrailConfiguration != nil {
		guard = *v.GuardrailConfiguration
	}
	p.String("GuardrailConfiguration.GuardrailIdentifier", guard.GuardrailIdentifier)
	p.String("GuardrailConfiguration.GuardrailVersion", guard.GuardrailVersion)
	if d != nil {
		a.Created = lister.Time(d.CreatedAt)
		p.String("AgentResourceRoleArn", d.AgentResourceRoleArn)
		p.String("FoundationModel", d.FoundationModel)
		p.String("CustomerEncryptionKeyArn", d.CustomerEncryptionKeyArn)
		p.Int("IdleSessionTTLInSeconds", d.IdleSessionTTLInSeconds)
		p.Text("AgentCollaboration", string(d.AgentCollaboration))
		p.Text("OrchestrationType", string(d.OrchestrationType))
	}
	a.Attributes = p.Known()
	return a
}

func listKnowledgeBases(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := bedrockagent.NewFromConfig(t.Config)
	d := lister.Description[types.KnowledgeBaseSummary, *types.KnowledgeBase]{
		Ask: func(ctx context.Context, v types.KnowledgeBaseSummary) (*types.KnowledgeBase, error) {
			out, err := c.GetKnowledgeBase(ctx, &bedrockagent.GetKnowledgeBaseInput{KnowledgeBaseId: v.KnowledgeBaseId})
			if err != nil {
				return nil, err
			}
			return out.KnowledgeBase, nil
		},
		Asset: func(v types.KnowledgeBaseSummary, d *types.KnowledgeBase) inventory.Asset {
			return knowledgeBase(t, v, d)
		},
		Gone: []string{"ResourceNotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListKnowledgeBases(ctx, &bedrockagent.ListKnowledgeBasesInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.KnowledgeBaseSummaries)
	})
}

// knowledgeBase makes the asset of a knowledge base; d is nil if it could not be read.
func knowledgeBase(t *lister.Target, v types.KnowledgeBaseSummary, d *types.KnowledgeBase) inventory.Asset {
	id := aws.ToString(v.KnowledgeBaseId)
	a := inventory.Asset{Key: t.ARN("bedrock", "knowledge-base/"+id), Name: aws.ToString(v.Name), Identifiers: lister.ResourceID(&id)}
	if v.Status == types.KnowledgeBaseStatusDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Description", v.Description)
	if d != nil {
		a.Created = lister.Time(d.CreatedAt)
		p.String("RoleArn", d.RoleArn)
		knowledge(&p, d.KnowledgeBaseConfiguration)
		knowledgeStore(&p, d.StorageConfiguration)
	}
	a.Attributes = p.Known()
	return a
}

func knowledge(p *lister.Attributes, v *types.KnowledgeBaseConfiguration) {
	if v == nil {
		return
	}
	p.Text("KnowledgeBaseConfiguration.Type", string(v.Type))
	if v.VectorKnowledgeBaseConfiguration != nil {
		p.String("KnowledgeBaseConfiguration.VectorKnowledgeBaseConfiguration.EmbeddingModelArn", v.VectorKnowledgeBaseConfiguration.EmbeddingModelArn)
	}
}

// knowledgeStore tells where the knowledge is kept, if that is on AWS.
func knowledgeStore(p *lister.Attributes, v *types.StorageConfiguration) {
	if v == nil {
		p.Value("StorageConfiguration.Type", inventory.Null)
		return
	}
	p.Text("StorageConfiguration.Type", string(v.Type))
	switch {
	case v.OpensearchServerlessConfiguration != nil:
		p.String("StorageConfiguration.OpensearchServerlessConfiguration.CollectionArn", v.OpensearchServerlessConfiguration.CollectionArn)
	case v.RdsConfiguration != nil:
		p.String("StorageConfiguration.RdsConfiguration.ResourceArn", v.RdsConfiguration.ResourceArn)
	}
}
