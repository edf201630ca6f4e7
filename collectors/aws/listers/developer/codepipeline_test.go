package developer

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestPipelines(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CodePipeline::Pipeline")
	o := listertest.Run(t, l, listertest.Answers{
		"ListPipelines": listertest.Bodies(
			`{"pipelines":[{"name":"shop","version":7,"pipelineType":"V2","executionMode":"QUEUED","created":1767225600.5,"updated":1767225700}],"nextToken":"more"}`,
			`{"pipelines":[{"name":"bare"},{"name":"refused"}]}`,
		),
		"ListTagsForResource": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, ":refused"):
				return listertest.Response{Code: "AccessDeniedException"}
			case strings.Contains(request, ":bare"):
				return listertest.Response{Body: `{"tags":[]}`}
			case strings.Contains(request, "nextToken"):
				return listertest.Response{Body: `{"tags":[{"key":"stage","value":"prod"}]}`}
			}
			return listertest.Response{Body: `{"tags":[{"key":"owner","value":"payments"}],"nextToken":"more"}`}
		},
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, "arn:aws:codepipeline:eu-west-1:111122223333:shop")
	listertest.Attributes(t, a, map[string]string{"Name": `"shop"`, "PipelineType": `"V2"`, "ExecutionMode": `"QUEUED"`})
	listertest.Tag(t, a, "owner", "payments")
	listertest.Tag(t, a, "stage", "prod")
	if want := time.UnixMilli(1767225600500); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	if tags := o.Asset(t, "bare").Tags; tags.State() != inventory.Known || tags.Len() != 0 {
		t.Errorf("tags of a pipeline without tags: %v", tags)
	}
	if got := o.Asset(t, "refused").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags that were refused are %s", got)
	}
}
