package listertest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// complaints notes what a test would fail with.
type complaints struct {
	testing.TB
	list []string
}

func (c *complaints) Helper() {}
func (c *complaints) Errorf(format string, args ...any) {
	c.list = append(c.list, fmt.Sprintf(format, args...))
}

// queues is a lister whose tag call is part of its list; tell does what it should do about a refusal.
func queues(tell func(out lister.Out, a *inventory.Asset, err error) error) *lister.Lister {
	return &lister.Lister{
		Type: "AWS::SQS::Queue", ARNs: []string{"sqs:*"}, Operations: lister.API(sqs.ServiceID, "sqs").Ops("ListQueues", "ListQueueTags"),
		List: func(ctx context.Context, t *lister.Target, out lister.Out) error {
			c := sqs.NewFromConfig(t.Config)
			page, err := c.ListQueues(ctx, &sqs.ListQueuesInput{})
			if err != nil {
				return err
			}
			for _, url := range page.QueueUrls {
				a := inventory.Asset{Key: t.ARN("sqs", url[strings.LastIndexByte(url, '/')+1:])}
				tags, err := c.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: aws.String(url)})
				if err == nil {
					a.Tags = inventory.TagsFromMap(tags.Tags)
				} else if stop := tell(out, &a, err); stop != nil {
					return stop
				}
				if a.Key == "" {
					continue
				}
				if err := out.Asset(a); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// TestFaultsAreFound makes sure that Run finds what listers must not do where something is refused.
func TestFaultsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		tell func(out lister.Out, a *inventory.Asset, err error) error
		want string
	}{
		"right":      {func(out lister.Out, a *inventory.Asset, err error) error { return out.Unread(a.Key, err) }, ""},
		"silent":     {func(lister.Out, *inventory.Asset, error) error { return nil }, "is told to nobody"},
		"untagged":   {untagged, "it has 0 tags and not 1"},
		"left out":   {leftOut, "is missing in a listing that passes for whole"},
		"part of it": {func(out lister.Out, a *inventory.Asset, err error) error { a.Key = ""; return out.Unread("", err) }, ""},
	} {
		found := &complaints{TB: t}
		Run(found, queues(c.tell), Answers{
			"ListQueues":    Bodies(`{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111122223333/a","https://sqs.eu-west-1.amazonaws.com/111122223333/b"]}`),
			"ListQueueTags": Bodies(`{"Tags":{"owner":"payments"}}`),
		})
		all := strings.Join(found.list, "\n")
		if c.want == "" && all != "" || !strings.Contains(all, c.want) {
			t.Errorf("%s: complained of %q, want %q", name, all, c.want)
		}
	}
}

func untagged(out lister.Out, a *inventory.Asset, err error) error {
	a.Tags = inventory.KnownTags()
	return out.Unread(a.Key, err)
}

// leftOut leaves a queue out and tells it of another one, which is handed over.
func leftOut(out lister.Out, a *inventory.Asset, err error) error {
	if strings.HasSuffix(a.Key, ":a") {
		return nil
	}
	a.Key = ""
	return out.Unread("arn:aws:sqs:eu-west-1:111122223333:a", err)
}

// TestSwallowedStop: a lister that passes over an error of the sink is found.
func TestSwallowedStop(t *testing.T) {
	l := queues(func(out lister.Out, a *inventory.Asset, err error) error { return out.Unread(a.Key, err) })
	list := l.List
	l.List = func(ctx context.Context, t *lister.Target, out lister.Out) error {
		return out.Unread("", list(ctx, t, out))
	}
	found := &complaints{TB: t}
	Run(found, l, Answers{
		"ListQueues":    Bodies(`{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111122223333/a"]}`),
		"ListQueueTags": Bodies(`{"Tags":{"owner":"payments"}}`),
	})
	if all := strings.Join(found.list, "\n"); !strings.Contains(all, "the sink stopped it") {
		t.Errorf("complained of %q", all)
	}
}
