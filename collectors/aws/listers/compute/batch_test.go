package compute

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const batchARN = "arn:aws:batch:eu-west-1:111122223333:"

func TestComputeEnvironments(t *testing.T) {
	o := run(t, "AWS::Batch::ComputeEnvironment", listertest.Answers{"DescribeComputeEnvironments": listertest.Bodies(
		`{"computeEnvironments":[{"computeEnvironmentName":"jobs","computeEnvironmentArn":"`+batchARN+`compute-environment/jobs","type":"MANAGED","state":"ENABLED","status":"VALID","serviceRole":"arn:role",
		"computeResources":{"type":"SPOT","minvCpus":0,"maxvCpus":256,"desiredvCpus":8,"instanceTypes":["optimal"],"subnets":["subnet-1"],"securityGroupIds":["sg-1"],"allocationStrategy":"SPOT_CAPACITY_OPTIMIZED"},
		"tags":{"owner":"research"}}],"nextToken":"more"}`,
		`{"computeEnvironments":[{"computeEnvironmentName":"own","computeEnvironmentArn":"`+batchARN+`compute-environment/own","type":"UNMANAGED","status":"DELETING"},
		{"computeEnvironmentName":"gone","computeEnvironmentArn":"`+batchARN+`compute-environment/gone","status":"DELETED"}]}`,
	)})
	want(t, o, 2, 0)
	a := o.Asset(t, batchARN+"compute-environment/jobs")
	attributes(t, a, map[string]string{
		"Type": `"MANAGED"`, "State": `"ENABLED"`, "ServiceRole": `"arn:role"`, "ComputeResources.MaxvCpus": "256", "ComputeResources.InstanceTypes": `["optimal"]`,
		"ComputeResources.Type": `"SPOT"`, "ComputeResources.SecurityGroupIds": `["sg-1"]`, "ComputeResources.DesiredvCpus": "-",
	})
	tagged(t, a, "owner", "research")
	own := o.Asset(t, "own")
	tags(t, own, inventory.Known, 0)
	if own.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("lifecycle %s", own.Lifecycle)
	}
}

func TestJobQueues(t *testing.T) {
	o := run(t, "AWS::Batch::JobQueue", listertest.Answers{"DescribeJobQueues": listertest.Bodies(
		`{"jobQueues":[{"jobQueueName":"high","jobQueueArn":"`+batchARN+`job-queue/high","state":"ENABLED","status":"VALID","priority":10,
		"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"`+batchARN+`compute-environment/jobs"}],"tags":{"owner":"research"}}],"nextToken":"more"}`,
		`{"jobQueues":[{"jobQueueName":"low","jobQueueArn":"`+batchARN+`job-queue/low"},{"jobQueueName":"gone","jobQueueArn":"`+batchARN+`job-queue/gone","status":"DELETED"}]}`,
	)})
	want(t, o, 2, 0)
	a := o.Asset(t, batchARN+"job-queue/high")
	attributes(t, a, map[string]string{
		"State": `"ENABLED"`, "Priority": "10", "SchedulingPolicyArn": "null",
		"ComputeEnvironmentOrder": `[{"ComputeEnvironment":"` + batchARN + `compute-environment/jobs","Order":1}]`,
	})
	tagged(t, a, "owner", "research")
	tags(t, o.Asset(t, "low"), inventory.Known, 0)
}

func TestJobDefinitions(t *testing.T) {
	o := run(t, "AWS::Batch::JobDefinition", listertest.Answers{"DescribeJobDefinitions": listertest.Bodies(
		`{"jobDefinitions":[{"jobDefinitionName":"train","jobDefinitionArn":"`+batchARN+`job-definition/train:2","revision":2,"status":"ACTIVE","type":"container","platformCapabilities":["FARGATE"],
		"retryStrategy":{"attempts":3},"timeout":{"attemptDurationSeconds":60},"containerProperties":{"image":"busybox","jobRoleArn":"arn:role","privileged":false,"command":["echo"],
		"environment":[{"name":"TOKEN","value":"hunter2"}],"secrets":[{"name":"KEY","valueFrom":"arn:key"}],"resourceRequirements":[{"type":"VCPU","value":"1"}]},"tags":{"owner":"research"}}],"nextToken":"more"}`,
		`{"jobDefinitions":[{"jobDefinitionName":"train","jobDefinitionArn":"`+batchARN+`job-definition/train:1","status":"ACTIVE","type":"container"},
		{"jobDefinitionName":"off","jobDefinitionArn":"`+batchARN+`job-definition/off:1","status":"INACTIVE"}]}`,
	)})
	want(t, o, 2, 0)
	a := o.Asset(t, batchARN+"job-definition/train:2")
	attributes(t, a, map[string]string{
		"Type": `"container"`, "PlatformCapabilities": `["FARGATE"]`, "RetryStrategy.Attempts": "3", "Timeout.AttemptDurationSeconds": "60", "ContainerProperties.Image": `"busybox"`,
		"ContainerProperties.JobRoleArn": `"arn:role"`, "ContainerProperties.Environment": `[{"Name":"TOKEN"}]`, "ContainerProperties.Secrets": `[{"Name":"KEY","ValueFrom":"arn:key"}]`,
		"ContainerProperties.ResourceRequirements": `[{"Type":"VCPU","Value":"1"}]`, "ContainerProperties.User": "null",
	})
	tagged(t, a, "owner", "research")
	for at := range a.Attributes.All() {
		if strings.Contains(string(at.Value), "hunter2") {
			t.Errorf("%s holds the value of a variable", at.Name)
		}
	}
	tags(t, o.Asset(t, batchARN+"job-definition/train:1"), inventory.Known, 0)
}
