// Package stacks reads the stacks of CloudFormation that are deployed: what they are, what is in them, and the templates and
// parameters that they were made of. It makes no assets: a stack is a declaration, and package cloudformation reads those.
//
// A scope is one account and region.
package stacks

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/muster-audit/muster/collectors/aws/accounts"
	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/inventory"
)

// Stack is a stack as CloudFormation describes it.
type Stack struct {
	ID, Name string // the id is an ARN
	Parent   string // id of the stack that this one is nested in; empty if it is none
	Root     string
	Status   string // "UPDATE_COMPLETE"
	Created  time.Time
	Tags     map[string]string
	// Parameters are the values in force. Those of secret parameters are asterisks.
	Parameters       []Parameter
	NotificationARNs []string
	TimeoutInMinutes int32 // 0 if there is none
}

// Parameter is the value of one parameter.
type Parameter struct {
	Key, Value string
	// Resolved is the value behind the name of a parameter of Systems Manager; empty if it is no such name.
	Resolved string
}

// Resource is what a stack has made of one resource of its template.
type Resource struct {
	LogicalID, PhysicalID, Type string
	Status                      string // "CREATE_COMPLETE"
}

// Template is the text of a stack's template.
type Template struct {
	Body string
	// Processed says that the macros were run on it.
	Processed bool
}

// Reader reads stacks. It is safe for concurrent use.
type Reader struct{ plan accounts.Plan }

// Options say what a Reader reads and how it gets there.
type Options struct {
	Profile     string        // of the shared config files; empty is the default chain
	CallTimeout time.Duration // of one attempt at one call; 0 is the session's own
	Where       accounts.Options
	NoBackoff   bool // for tests
	Log         *slog.Logger
}

// New returns a reader. It calls nobody.
func New(o Options) *Reader {
	so := session.Options{Profile: o.Profile, CallTimeout: o.CallTimeout, Allowed: Operations(), NoBackoff: o.NoBackoff, Log: o.Log}
	if len(o.Where.Regions) > 0 {
		so.Region = o.Where.Regions[0]
	}
	return &Reader{plan: accounts.Plan{Session: session.New(so), Options: o.Where}}
}

// Operations are all that a Reader may send besides what a session needs.
func Operations() []lister.Operation {
	api := lister.API(cloudformation.ServiceID, "cloudformation")
	// Where it is not told the name of a stack, DescribeStacks takes the permission to list stacks too.
	list := append(api.Ops("DescribeStacks", "GetTemplate", "ListStackResources"), api.As("DescribeStacks", "cloudformation:ListStacks"))
	return append(list, session.MemberOperations()...)
}

// Place is an account and region, and how the account is entered.
type Place struct {
	accounts.Entry
	Region string
}

// PlaceOf returns the place of a scope that Scopes listed.
func PlaceOf(s inventory.Scope) Place {
	return Place{Entry: accounts.EntryOf(s), Region: s.Params[accounts.ParamRegion]}
}

// Scopes lists a scope for each account and region. One that cannot be read is a scope whose Place holds why.
func (r *Reader) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	_, entries, err := r.plan.Accounts(ctx)
	if err != nil {
		return nil, session.Classify(err)
	}
	return accounts.Each(ctx, entries, r.planAccount)
}

func (r *Reader) planAccount(ctx context.Context, e accounts.Entry) []inventory.Scope {
	if e.Refused != nil {
		return []inventory.Scope{e.StandIn("*", e.Refused)}
	}
	regions, err := r.plan.Enter(ctx, e)
	if err != nil {
		return []inventory.Scope{e.StandIn("*", err)}
	}
	var list []inventory.Scope
	for _, region := range regions {
		if region.Refused != nil {
			list = append(list, e.StandIn(region.Name, region.Refused))
			continue
		}
		s := inventory.Scope{
			ID: e.ID + "/" + region.Name, Params: e.Params(),
			Covers: inventory.Coverage{Accounts: []string{e.ID}, Regions: []string{region.Name}},
		}
		s.Params[accounts.ParamRegion] = region.Name
		list = append(list, s)
	}
	return list
}

// Counter counts calls by operation.
type Counter = session.Counter

// Count returns a context whose calls are counted.
func Count(ctx context.Context, c *Counter) context.Context { return session.Count(ctx, c) }

// Classify says why a call failed, as a *collectors.Error.
func Classify(err error) error { return session.Classify(err) }

func (r *Reader) client(ctx context.Context, p Place) (*cloudformation.Client, error) {
	cfg, err := r.plan.Session.Config(ctx, p.ID, p.Role, p.Region)
	if err != nil {
		return nil, err
	}
	return cloudformation.NewFromConfig(cfg), nil
}

// List lists the stacks of a place that are not deleted, those that nest others before the nested ones, and else by name.
func (r *Reader) List(ctx context.Context, p Place) ([]Stack, error) {
	c, err := r.client(ctx, p)
	if err != nil {
		return nil, err
	}
	list, err := lister.All(ctx, func(token *string) ([]types.Stack, *string, error) {
		page, err := c.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Stacks, page.NextToken, nil
	})
	var out []Stack
	for i := range list {
		if list[i].StackStatus != types.StackStatusDeleteComplete {
			out = append(out, stackOf(&list[i]))
		}
	}
	sortByDepth(out)
	if err != nil {
		err = fmt.Errorf("list stacks: %w", err)
	}
	return out, err
}

func stackOf(s *types.Stack) Stack {
	out := Stack{
		ID: lister.Str(s.StackId), Name: lister.Str(s.StackName), Parent: lister.Str(s.ParentId), Root: lister.Str(s.RootId),
		Status: string(s.StackStatus), Created: lister.Time(s.CreationTime), Tags: map[string]string{},
		NotificationARNs: append([]string{}, s.NotificationARNs...), TimeoutInMinutes: aws.ToInt32(s.TimeoutInMinutes),
	}
	for _, t := range s.Tags {
		out.Tags[lister.Str(t.Key)] = lister.Str(t.Value)
	}
	for _, p := range s.Parameters {
		out.Parameters = append(out.Parameters, Parameter{
			Key: lister.Str(p.ParameterKey), Value: lister.Str(p.ParameterValue), Resolved: lister.Str(p.ResolvedValue),
		})
	}
	return out
}

// sortByDepth puts stacks before those that are nested in them.
func sortByDepth(list []Stack) {
	parents := make(map[string]string, len(list))
	for _, s := range list {
		parents[s.ID] = s.Parent
	}
	depth := func(s Stack) int {
		n := 0
		for at := s.Parent; at != "" && n < len(list); at = parents[at] {
			n++
		}
		return n
	}
	depths := make(map[string]int, len(list))
	for _, s := range list {
		depths[s.ID] = depth(s)
	}
	slices.SortFunc(list, func(a, b Stack) int {
		if d := depths[a.ID] - depths[b.ID]; d != 0 {
			return d
		}
		return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID)
	})
}

// Find returns the stack with a name or id, and false if there is none.
func (r *Reader) Find(ctx context.Context, p Place, name string) (Stack, bool, error) {
	c, err := r.client(ctx, p)
	if err != nil {
		return Stack{}, false, err
	}
	out, err := c.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
	switch {
	case err != nil && session.IsCode(err, "ValidationError") && strings.Contains(err.Error(), "does not exist"):
		return Stack{}, false, nil
	case err != nil:
		return Stack{}, false, fmt.Errorf("describe stack %s: %w", name, err)
	}
	for i := range out.Stacks {
		if out.Stacks[i].StackStatus != types.StackStatusDeleteComplete {
			return stackOf(&out.Stacks[i]), true, nil
		}
	}
	return Stack{}, false, nil
}

// Resources lists what a stack has made, in the order of the service.
func (r *Reader) Resources(ctx context.Context, p Place, stack string) ([]Resource, error) {
	c, err := r.client(ctx, p)
	if err != nil {
		return nil, err
	}
	list, err := lister.All(ctx, func(token *string) ([]types.StackResourceSummary, *string, error) {
		page, err := c.ListStackResources(ctx, &cloudformation.ListStackResourcesInput{StackName: aws.String(stack), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.StackResourceSummaries, page.NextToken, nil
	})
	out := make([]Resource, len(list))
	for i, s := range list {
		out[i] = Resource{
			LogicalID: lister.Str(s.LogicalResourceId), PhysicalID: lister.Str(s.PhysicalResourceId), Type: lister.Str(s.ResourceType),
			Status: string(s.ResourceStatus),
		}
	}
	if err != nil {
		err = fmt.Errorf("list the resources of stack %s: %w", stack, err)
	}
	return out, err
}

// Template returns the template of a stack, with its macros run if CloudFormation has that.
func (r *Reader) Template(ctx context.Context, p Place, stack string) (Template, error) {
	c, err := r.client(ctx, p)
	if err != nil {
		return Template{}, err
	}
	ask := func(stage types.TemplateStage) (*cloudformation.GetTemplateOutput, error) {
		return c.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: aws.String(stack), TemplateStage: stage})
	}
	out, err := ask(types.TemplateStageProcessed)
	processed := true
	if err != nil && session.IsCode(err, "ValidationError") {
		processed = false
		out, err = ask(types.TemplateStageOriginal)
	}
	if err != nil {
		return Template{}, fmt.Errorf("get the template of stack %s: %w", stack, err)
	}
	return Template{Body: lister.Str(out.TemplateBody), Processed: processed}, nil
}

// Each reads something of each item, several at a time, in the order of the items.
func Each[T, R any](ctx context.Context, items []T, read func(context.Context, T) R) []R {
	out := make([]R, len(items))
	for i, r := range lister.Each(ctx, items, func(ctx context.Context, item T) (R, error) { return read(ctx, item), nil }) {
		out[i] = r.Value
	}
	return out
}
