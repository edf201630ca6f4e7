package developer

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
)

// TestProjectsLeftOut: a project that the answer neither describes nor calls missing is there.
func TestProjectsLeftOut(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::CodeBuild::Project"), listertest.Answers{
		"ListProjects":     listertest.Bodies(`{"projects":["shop","gone","lost"]}`),
		"BatchGetProjects": listertest.Bodies(`{"projects":[{"name":"shop","arn":"` + projectARN + `shop"}],"projectsNotFound":["gone"]}`),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	o.Asset(t, projectARN+"lost")
}
