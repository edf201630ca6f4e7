package analytics

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const clusterARN = "arn:aws:elasticmapreduce:eu-west-1:111122223333:cluster/"

func clusterSummary(id, name string) string {
	return `{"Id":"` + id + `","Name":"` + name + `","ClusterArn":"` + clusterARN + id + `","Status":{"State":"RUNNING","Timeline":{"CreationDateTime":1767225600}}}`
}

func TestClusters(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::EMR::Cluster"), listertest.Answers{
		"ListClusters": func(n int, request string) listertest.Response {
			if !strings.Contains(request, `"ClusterStates":["STARTING","BOOTSTRAPPING","RUNNING","WAITING"]`) {
				t.Errorf("clusters that ended are asked for: %s", request)
			}
			return listertest.Bodies(
				`{"Clusters":[`+clusterSummary("j-1", "jobs")+`],"Marker":"more"}`,
				`{"Clusters":[`+clusterSummary("j-2", "ends")+`,`+clusterSummary("j-3", "refused")+`]}`,
			)(n, request)
		},
		"DescribeCluster": listertest.For(map[string]string{
			"j-1": `{"Cluster":{"Id":"j-1","Name":"jobs","Status":{"State":"RUNNING"},"ReleaseLabel":"emr-7.1.0","ServiceRole":"EMR_DefaultRole","SecurityConfiguration":"sealed",
				"TerminationProtected":true,"VisibleToAllUsers":true,"StepConcurrencyLevel":1,"LogUri":"s3n://logs/emr/","MasterPublicDnsName":"ip-10-0-0-9.ec2.internal",
				"Applications":[{"Name":"Spark","Version":"3.5.0","AdditionalInfo":{"k":"hunter2"}}],"Configurations":[{"Classification":"hive-site","Properties":{"password":"hunter2"}}],
				"Ec2InstanceAttributes":{"IamInstanceProfile":"EMR_EC2","Ec2SubnetId":"subnet-1","Ec2AvailabilityZone":"eu-west-1a","EmrManagedMasterSecurityGroup":"sg-1"},
				"Tags":[{"Key":"owner","Value":"data"}]}}`,
			"j-2": `{"Cluster":{"Id":"j-2","Name":"ends","Status":{"State":"TERMINATED_WITH_ERRORS"},"Tags":[]}}`,
		}),
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	jobs := o.Asset(t, clusterARN+"j-1")
	listertest.Texts(t, jobs, map[string]string{
		"Name": "jobs", "ReleaseLabel": "emr-7.1.0", "ServiceRole": "EMR_DefaultRole", "SecurityConfiguration": "sealed", "Instances.TerminationProtected": "true",
		"LogUri": "s3://logs/emr/", "JobFlowRole": "EMR_EC2", "Instances.Ec2SubnetId": "subnet-1", "Instances.Ec2KeyName": "null",
		"Applications": `[{"Name":"Spark","Version":"3.5.0"}]`,
	})
	listertest.Tag(t, jobs, "owner", "data")
	for a := range jobs.Attributes.All() {
		if strings.Contains(string(a.Value), "hunter2") {
			t.Errorf("%s holds a secret", a.Name)
		}
	}
	if jobs.Zone != "eu-west-1a" || jobs.Created.IsZero() {
		t.Errorf("zone %q, created %s", jobs.Zone, jobs.Created)
	}
	ends := o.Asset(t, "ends")
	listertest.Untagged(t, ends)
	if ends.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("life cycle %q", ends.Lifecycle)
	}
	refused := o.Asset(t, "refused")
	listertest.Texts(t, refused, map[string]string{"Name": "refused", "ReleaseLabel": "-"})
	if refused.Tags.State() != inventory.Unknown {
		t.Errorf("tags are %s", refused.Tags.State())
	}
}

func TestClustersRefused(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::EMR::Cluster"), listertest.Answers{"ListClusters": listertest.Refuse("AccessDeniedException")})
	if o.Err == nil {
		t.Error("a list that was refused passes for an empty one")
	}
}
