package compute

import (
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const ecsARN = "arn:aws:ecs:eu-west-1:111122223333:"

func TestECSClusters(t *testing.T) {
	o := run(t, "AWS::ECS::Cluster", listertest.Answers{
		"ListClusters": listertest.Bodies(
			`{"clusterArns":["`+ecsARN+`cluster/main","`+ecsARN+`cluster/off","`+ecsARN+`cluster/gone","`+ecsARN+`cluster/odd"],"nextToken":"more"}`,
			`{"clusterArns":["`+ecsARN+`cluster/locked"]}`),
		"DescribeClusters": func(n int, request string) listertest.Response {
			if strings.Contains(request, "locked") {
				return listertest.Response{Code: "AccessDeniedException"}
			}
			return listertest.Response{Body: `{"clusters":[{"clusterArn":"` + ecsARN + `cluster/main","clusterName":"main","status":"ACTIVE","settings":[{"name":"containerInsights","value":"enabled"}],
			"capacityProviders":["FARGATE"],"defaultCapacityProviderStrategy":[{"capacityProvider":"FARGATE","weight":1,"base":0}],"configuration":{"executeCommandConfiguration":{"logging":"OVERRIDE","kmsKeyId":"k"}},
			"tags":[{"key":"owner","value":"payments"}]},{"clusterArn":"` + ecsARN + `cluster/off","clusterName":"off","status":"INACTIVE"}],
			"failures":[{"arn":"` + ecsARN + `cluster/gone","reason":"MISSING"}]}`}
		},
	})
	want(t, o, 3, 2)
	a := o.Asset(t, ecsARN+"cluster/main")
	attributes(t, a, map[string]string{
		"ClusterName": `"main"`, "ClusterSettings": `[{"Name":"containerInsights","Value":"enabled"}]`, "CapacityProviders": `["FARGATE"]`,
		"DefaultCapacityProviderStrategy":                    `[{"Base":0,"CapacityProvider":"FARGATE","Weight":1}]`,
		"Configuration.ExecuteCommandConfiguration.Logging":  `"OVERRIDE"`,
		"Configuration.ExecuteCommandConfiguration.KmsKeyId": `"k"`,
	})
	tagged(t, a, "owner", "payments")
	for _, name := range []string{"locked", "odd"} {
		bare := o.Asset(t, name)
		tags(t, bare, inventory.Unknown, 0)
		if bare.Attributes.IsKnown() {
			t.Errorf("%s: attributes that were not read are known", name)
		}
	}
}

func serviceAnswers() listertest.Answers {
	return listertest.Answers{
		"ListClusters": listertest.Bodies(`{"clusterArns":["` + ecsARN + `cluster/main","` + ecsARN + `cluster/locked","` + ecsARN + `cluster/gone"]}`),
		"ListServices": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "cluster/locked"):
				return listertest.Response{Code: "AccessDeniedException"}
			case strings.Contains(request, "cluster/gone"):
				return listertest.Response{Code: "ClusterNotFoundException"}
			case strings.Contains(request, "more"):
				return listertest.Response{Body: `{"serviceArns":["` + ecsARN + `service/main/secret"]}`}
			}
			return listertest.Response{Body: `{"serviceArns":["` + strings.Join(serviceARNs(11), `","`) + `"],"nextToken":"more"}`}
		},
		"DescribeServices": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "secret"):
				return listertest.Response{Code: "AccessDeniedException"}
			case strings.Contains(request, "service/main/s10"):
				return listertest.Response{Body: `{"services":[{"serviceArn":"` + ecsARN + `service/main/s10","serviceName":"s10","clusterArn":"` + ecsARN + `cluster/main","status":"DRAINING"}]}`}
			}
			return listertest.Response{Body: firstServices}
		},
	}
}

func serviceARNs(n int) []string {
	arns := make([]string, n)
	for i := range arns {
		arns[i] = ecsARN + "service/main/s" + string(rune('0'+i))
	}
	arns[n-1] = ecsARN + "service/main/s10"
	return arns
}

const firstServices = `{"services":[{"serviceArn":"` + ecsARN + `service/main/s0","serviceName":"s0","clusterArn":"` + ecsARN + `cluster/main","status":"ACTIVE","desiredCount":2,"launchType":"FARGATE",
 "taskDefinition":"` + ecsARN + `task-definition/web:7","platformVersion":"1.4.0","enableExecuteCommand":true,"propagateTags":"SERVICE","schedulingStrategy":"REPLICA","createdAt":1767225600,
 "networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-1"],"securityGroups":["sg-1"],"assignPublicIp":"ENABLED"}},
 "loadBalancers":[{"targetGroupArn":"tg","containerName":"web","containerPort":8080}],"deploymentController":{"type":"ECS"},
 "deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true}},"tags":[{"key":"owner","value":"payments"}]},
 {"serviceArn":"` + ecsARN + `service/main/s1","serviceName":"s1","clusterArn":"` + ecsARN + `cluster/main","status":"ACTIVE","launchType":"EC2"},
 {"serviceArn":"` + ecsARN + `service/main/s2","status":"INACTIVE"}],
 "failures":[{"arn":"` + ecsARN + `service/main/s3","reason":"MISSING"},{"arn":"` + ecsARN + `service/main/s4","reason":"MISSING"},{"arn":"` + ecsARN + `service/main/s5","reason":"MISSING"},
 {"arn":"` + ecsARN + `service/main/s6","reason":"MISSING"},{"arn":"` + ecsARN + `service/main/s7","reason":"MISSING"},{"arn":"` + ecsARN + `service/main/s8","reason":"MISSING"},{"arn":"` + ecsARN + `service/main/s9","reason":"MISSING"}]}`

func TestECSServices(t *testing.T) {
	o := run(t, "AWS::ECS::Service", serviceAnswers())
	want(t, o, 4, 2) // a cluster whose list is refused, and a service
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
	a := o.Asset(t, ecsARN+"service/main/s0")
	const network = "NetworkConfiguration.AwsvpcConfiguration."
	attributes(t, a, map[string]string{
		"ServiceName": `"s0"`, "Cluster": `"` + ecsARN + `cluster/main"`, "DesiredCount": "2", "LaunchType": `"FARGATE"`, "TaskDefinition": `"` + ecsARN + `task-definition/web:7"`,
		"PlatformVersion": `"1.4.0"`, "EnableExecuteCommand": "true", "PropagateTags": `"SERVICE"`, "SchedulingStrategy": `"REPLICA"`, network + "Subnets": `["subnet-1"]`,
		network + "SecurityGroups": `["sg-1"]`, network + "AssignPublicIp": `"ENABLED"`, "LoadBalancers": `[{"ContainerName":"web","ContainerPort":8080,"TargetGroupArn":"tg"}]`,
		"DeploymentConfiguration.DeploymentCircuitBreaker.Enable": "true", "DeploymentController.Type": `"ECS"`, "Role": "null",
	})
	tagged(t, a, "owner", "payments")
	member := inventory.Relation{Kind: inventory.MemberOf, Key: ecsARN + "cluster/main"}
	related(t, a, member)
	tags(t, o.Asset(t, "s1"), inventory.Known, 0)
	attributes(t, o.Asset(t, "s1"), map[string]string{network + "Subnets": "[]", network + "AssignPublicIp": "null"})
	if going := o.Asset(t, "s10"); going.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("lifecycle %s", going.Lifecycle)
	}
	secret := o.Asset(t, ecsARN+"service/main/secret")
	tags(t, secret, inventory.Unknown, 0)
	related(t, secret, member)
}

func TestTaskDefinitions(t *testing.T) {
	o := run(t, "AWS::ECS::TaskDefinition", listertest.Answers{
		"ListTaskDefinitionFamilies": listertest.Bodies(`{"families":["web","locked"],"nextToken":"more"}`, `{"families":["gone","dark"]}`),
		"DescribeTaskDefinition": func(_ int, request string) listertest.Response {
			if !strings.Contains(request, `"web"`) {
				return listertest.Response{Code: "AccessDeniedException"}
			}
			return listertest.Response{Body: `{"taskDefinition":{"taskDefinitionArn":"` + ecsARN + `task-definition/web:7","family":"web","revision":7,"status":"ACTIVE","cpu":"256","memory":"512","networkMode":"awsvpc",
			"executionRoleArn":"arn:aws:iam::111122223333:role/run","requiresCompatibilities":["FARGATE"],"registeredAt":1767225600,"runtimePlatform":{"cpuArchitecture":"ARM64"},
			"containerDefinitions":[{"name":"web","image":"nginx:1","privileged":false,"environment":[{"name":"TOKEN","value":"hunter2"}],"secrets":[{"name":"KEY","valueFrom":"arn:key"}],
			"portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}],"logConfiguration":{"logDriver":"awslogs","options":{"x":"y"}}}]},"tags":[{"key":"owner","value":"payments"}]}`}
		},
		"ListTaskDefinitions": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "dark"):
				return listertest.Response{Code: "AccessDeniedException"}
			case strings.Contains(request, "gone"):
				return listertest.Response{Body: `{"taskDefinitionArns":[]}`}
			}
			return listertest.Response{Body: `{"taskDefinitionArns":["` + ecsARN + `task-definition/locked:3"],"nextToken":"older"}`}
		},
	})
	want(t, o, 2, 2)
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
	a := o.Asset(t, ecsARN+"task-definition/web:7")
	attributes(t, a, map[string]string{
		"Family": `"web"`, "Cpu": `"256"`, "Memory": `"512"`, "NetworkMode": `"awsvpc"`, "ExecutionRoleArn": `"arn:aws:iam::111122223333:role/run"`, "TaskRoleArn": "null",
		"RequiresCompatibilities": `["FARGATE"]`, "RuntimePlatform.CpuArchitecture": `"ARM64"`,
		"ContainerDefinitions": `[{"Environment":[{"Name":"TOKEN"}],"Image":"nginx:1","LogConfiguration":{"LogDriver":"awslogs"},"Name":"web",` +
			`"PortMappings":[{"ContainerPort":80,"HostPort":80,"Protocol":"tcp"}],"Privileged":false,"Secrets":[{"Name":"KEY","ValueFrom":"arn:key"}]}]`,
	})
	tagged(t, a, "owner", "payments")
	locked := o.Asset(t, ecsARN+"task-definition/locked:3")
	tags(t, locked, inventory.Unknown, 0)
	if locked.Attributes.IsKnown() || locked.Name != "locked" {
		t.Errorf("%s: attributes that were refused are known", locked.Name)
	}
	if !slices.ContainsFunc(o.Unread, func(s string) bool { return strings.HasPrefix(s, "dark: ") }) {
		t.Errorf("unread %q", o.Unread)
	}
}

func TestCapacityProviders(t *testing.T) {
	o := run(t, "AWS::ECS::CapacityProvider", listertest.Answers{
		"ListClusters": listertest.Bodies(`{"clusterArns":["` + ecsARN + `cluster/main","` + ecsARN + `cluster/gone","` + ecsARN + `cluster/locked"]}`),
		"DescribeCapacityProviders": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "cluster/gone"):
				return listertest.Response{Code: "ClusterNotFoundException"}
			case strings.Contains(request, "cluster/locked"):
				return listertest.Response{Code: "AccessDeniedException"}
			case strings.Contains(request, "cluster/main"):
				return listertest.Response{Body: `{"capacityProviders":[{"capacityProviderArn":"` + ecsARN + `capacity-provider/FARGATE","name":"FARGATE","status":"ACTIVE"},
				{"capacityProviderArn":"` + ecsARN + `capacity-provider/managed","name":"managed","status":"ACTIVE","cluster":"main","managedInstancesProvider":{"infrastructureRoleArn":"r"},"tags":[]}]}`}
			case strings.Contains(request, "more"):
				return listertest.Response{Body: `{"capacityProviders":[{"capacityProviderArn":"` + ecsARN + `capacity-provider/old","name":"old","status":"INACTIVE"}]}`}
			}
			return listertest.Response{Body: `{"capacityProviders":[{"capacityProviderArn":"` + ecsARN + `capacity-provider/FARGATE","name":"FARGATE","status":"ACTIVE"},
			{"capacityProviderArn":"` + ecsARN + `capacity-provider/nodes","name":"nodes","status":"ACTIVE","autoScalingGroupProvider":{"autoScalingGroupArn":"` + webGroupARN + `",
			"managedScaling":{"status":"ENABLED","targetCapacity":90},"managedTerminationProtection":"DISABLED"},"tags":[{"key":"owner","value":"payments"}]}],"nextToken":"more"}`}
		},
	})
	want(t, o, 3, 1)
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
	a := o.Asset(t, "nodes")
	attributes(t, a, map[string]string{
		"Name": `"nodes"`, "AutoScalingGroupProvider.AutoScalingGroupArn": `"` + webGroupARN + `"`, "AutoScalingGroupProvider.ManagedScaling.TargetCapacity": "90",
		"AutoScalingGroupProvider.ManagedTerminationProtection": `"DISABLED"`, "ClusterName": "null",
	})
	tagged(t, a, "owner", "payments")
	tags(t, o.Asset(t, "managed"), inventory.Known, 0)
	attributes(t, o.Asset(t, "managed"), map[string]string{"ClusterName": `"main"`, "ManagedInstancesProvider.InfrastructureRoleArn": `"r"`})
}
