package analytics

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
)

// TestWorkflowsLeftOut: a workflow that the answer neither describes nor calls missing is there.
func TestWorkflowsLeftOut(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Glue::Workflow"), listertest.Answers{
		"ListWorkflows":     listertest.Bodies(`{"Workflows":["daily","gone","lost"]}`),
		"BatchGetWorkflows": listertest.Bodies(`{"Workflows":[{"Name":"daily"}],"MissingWorkflows":["gone"]}`),
		"GetTags":           listertest.Bodies(`{"Tags":{}}`),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	o.Asset(t, "arn:aws:glue:eu-west-1:111122223333:workflow/lost")
}
