package catalog

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// made is an asset as a collector reads it: its type, the end of its name or key, and the attributes that count, as JSON texts.
type made struct {
	typ        inventory.Type
	key, name  string
	attributes map[string]string
	tags       map[string]string
}

func (m made) entry() *inventory.Entry {
	list := make([]inventory.Attribute, 0, len(m.attributes))
	for name, v := range m.attributes {
		list = append(list, inventory.Attribute{Name: name, Value: inventory.Value(v)})
	}
	return &inventory.Entry{Asset: inventory.Asset{
		Type: m.typ, Key: m.key, Name: m.name, Attributes: inventory.KnownAttributes(list...), Tags: inventory.TagsFromMap(m.tags),
	}}
}

func with(name, value string) map[string]string { return map[string]string{name: value} }

// suppressionCase is what a suppression stands for, and what a person made that looks much like it.
type suppressionCase struct {
	id          string
	match, like made
}

const (
	iamARN = "arn:aws:iam::111122223333:"
	hex32  = "0123456789abcdef0123456789abcdef"
	uuid   = "0a1b2c3d-1111-2222-3333-444455556666"
)

// identityCases are those of IAM, of keys and of secrets.
func identityCases() []suppressionCase {
	role := func(path string) made { return made{typ: "AWS::IAM::Role", key: iamARN + "role/" + path} }
	saml := func(name string) made {
		return made{typ: "AWS::IAM::SAMLProvider", key: iamARN + "saml-provider/" + name}
	}
	key := func(manager string) made { return made{typ: "AWS::KMS::Key", attributes: with("KeyManager", manager)} }
	alias := func(name string) made {
		return made{typ: "AWS::KMS::Alias", key: "arn:aws:kms:eu-west-1:111122223333:alias/" + name}
	}
	secret := func(name, owner string) made {
		return made{typ: "AWS::SecretsManager::Secret", name: name, attributes: with("OwningService", owner)}
	}
	acl := func(managed string) made {
		return made{typ: "AWS::WAFv2::WebACL", attributes: with("ManagedByFirewallManager", managed)}
	}
	certificate := func(by string) made {
		return made{typ: "AWS::CertificateManager::Certificate", attributes: with("ManagedBy", by)}
	}
	return []suppressionCase{
		{"aws/service-linked-role", role("aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport"), role("AWSServiceRoleForSupport")},
		{"aws/identity-center-role", role("aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0a1b"), role("AWSReservedSSO_Admin_0a1b")},
		{"aws/identity-center-saml-provider", saml("AWSSSO_0a1b_DO_NOT_DELETE"), saml("AWSSSO_0a1b")},
		{"aws/managed-policy", made{typ: "AWS::IAM::ManagedPolicy", key: "arn:aws:iam::aws:policy/ReadOnlyAccess"}, made{typ: "AWS::IAM::ManagedPolicy", key: iamARN + "policy/ReadOnlyAccess"}},
		{"aws/organization-access-role", role("OrganizationAccountAccessRole"), role("OrganizationAccountAccessRoleOfOurs")},
		{"aws/control-tower-role", role("AWSControlTowerExecution"), role("AWSControlTowerExecutionHelper")},
		{"aws/control-tower-baseline-role", role("aws-controltower-ForwardSnsNotificationRole"), role("ops/aws-controltower-viewer")},
		{"aws/control-tower-service-role", role("service-role/AWSControlTowerAdmin"), role("MyAWSControlTowerAdmin")},
		{"aws/stack-set-role", role("stacksets-exec-" + hex32), role("stacksets-exec-ours")},
		{"aws/managed-key", key(`"AWS"`), key(`"CUSTOMER"`)},
		{"aws/managed-key-alias", alias("aws/ebs"), alias("aws-ebs")},
		{"aws/owned-secret", secret("rds!db-1", `"rds"`), secret("rds/db-1", "null")},
		{"aws/managed-certificate", certificate(`"CLOUDFRONT"`), certificate("null")},
		{"aws/firewall-manager-web-acl", acl("true"), acl("false")},
	}
}

// networkCases are those of networks and machines.
func networkCases() []suppressionCase {
	flag := func(typ inventory.Type, name string) func(string) made {
		return func(v string) made { return made{typ: typ, attributes: with(name, v)} }
	}
	vpc, subnet := flag("AWS::EC2::VPC", "IsDefault"), flag("AWS::EC2::Subnet", "DefaultForAz")
	group, acl := flag("AWS::EC2::SecurityGroup", "GroupName"), flag("AWS::EC2::NetworkAcl", "IsDefault")
	table, dhcp := flag("AWS::EC2::RouteTable", "Main"), flag("AWS::EC2::DHCPOptions", "IsDefault")
	eni, operated := flag("AWS::EC2::NetworkInterface", "RequesterManaged"), flag("AWS::EC2::NetworkInterface", "Operator.Managed")
	endpoint, address := flag("AWS::EC2::VPCEndpoint", "RequesterManaged"), flag("AWS::EC2::EIP", "ServiceManaged")
	instance, zone := flag("AWS::EC2::Instance", "Operator.Principal"), flag("AWS::Route53::HostedZone", "LinkedService")
	gateway := func(association, propagation string) made {
		return made{typ: "AWS::EC2::TransitGatewayRouteTable", attributes: map[string]string{
			"DefaultAssociationRouteTable": association, "DefaultPropagationRouteTable": propagation,
		}}
	}
	rule := func(id string) made {
		return made{typ: "AWS::Route53Resolver::ResolverRule", key: "arn:aws:route53resolver:eu-west-1:111122223333:resolver-rule/" + id}
	}
	return []suppressionCase{
		{"aws/default-vpc", vpc("true"), vpc("false")},
		{"aws/default-subnet", subnet("true"), subnet("false")},
		{"aws/default-security-group", group(`"default"`), group(`"default-web"`)},
		{"aws/default-network-acl", acl("true"), acl("false")},
		{"aws/main-route-table", table("true"), table("false")},
		{"aws/default-dhcp-options", dhcp("true"), dhcp("false")},
		{"aws/requester-managed-interface", eni("true"), eni("false")},
		{"aws/operator-managed-interface", operated("true"), operated("null")},
		{"aws/operator-managed-instance", instance(`"eks.amazonaws.com"`), instance("null")},
		{"aws/requester-managed-endpoint", endpoint("true"), endpoint("false")},
		{"aws/address-of-load-balancer", address(`"alb"`), address("null")},
		{"aws/address-of-nat-gateway", address(`"rnat"`), address("null")},
		{"aws/address-of-database", address(`"rds"`), address("null")},
		{"aws/default-transit-gateway-route-table", gateway("true", "true"), gateway("true", "false")},
		{"aws/service-hosted-zone", zone(`"servicediscovery.amazonaws.com"`), zone("null")},
		{"aws/system-resolver-rule", rule("rslvr-autodefined-rr-internet-resolver"), rule("rslvr-rr-0a1b")},
	}
}

// dataCases are those of databases, storage and copies.
func dataCases() []suppressionCase {
	named := func(typ inventory.Type, name string) made { return made{typ: typ, name: name} }
	described := func(text string) made {
		return made{typ: "AWS::EC2::Snapshot", attributes: with("Description", `"`+text+`"`)}
	}
	dbSnapshot := func(kind string) made {
		return made{typ: "AWS::RDS::DBSnapshot", attributes: with("SnapshotType", kind)}
	}
	cacheSnapshot := func(kind string) made {
		return made{typ: "AWS::ElastiCache::Snapshot", attributes: with("SnapshotSource", kind)}
	}
	user := func(id string) made {
		return made{typ: "AWS::ElastiCache::User", name: "default", key: "arn:aws:elasticache:eu-west-1:111122223333:user:" + id}
	}
	volume := func(root string) made {
		return made{typ: "AWS::FSx::Volume", attributes: with("OntapConfiguration.StorageVirtualMachineRoot", root)}
	}
	bucket := func(name string) made {
		return made{typ: "AWS::S3::Bucket", name: name, key: "arn:aws:s3:::" + name}
	}
	return []suppressionCase{
		{"aws/default-parameter-group", named("AWS::RDS::DBParameterGroup", "default.mysql8.0"), named("AWS::RDS::DBParameterGroup", "default-mysql8-0")},
		{"aws/default-parameter-group", named("AWS::Neptune::DBParameterGroup", "default.neptune1.3"), named("AWS::Neptune::DBParameterGroup", "default-neptune")},
		{"aws/default-parameter-group", named("AWS::DocDB::DBClusterParameterGroup", "default.docdb5.0"), named("AWS::DocDB::DBClusterParameterGroup", "default-docdb")},
		{"aws/default-parameter-group", named("AWS::Redshift::ClusterParameterGroup", "default.redshift-1.0"), named("AWS::Redshift::ClusterParameterGroup", "default-redshift")},
		{"aws/default-option-group", named("AWS::RDS::OptionGroup", "default:mysql-8-0"), named("AWS::RDS::OptionGroup", "default-mysql-8-0")},
		{"aws/default-subnet-group", named("AWS::RDS::DBSubnetGroup", "default"), named("AWS::RDS::DBSubnetGroup", "default-vpc")},
		{"aws/default-subnet-group", named("AWS::ElastiCache::SubnetGroup", "default"), named("AWS::ElastiCache::SubnetGroup", "default-ours")},
		{"aws/default-subnet-group", named("AWS::Redshift::ClusterSubnetGroup", "default"), named("AWS::Redshift::ClusterSubnetGroup", "default-ours")},
		{"aws/default-cache-user", user("default"), user("ours")},
		{"aws/automated-db-snapshot", dbSnapshot(`"automated"`), dbSnapshot(`"manual"`)},
		{"aws/backup-db-snapshot", dbSnapshot(`"awsbackup"`), dbSnapshot(`"manual"`)},
		{"aws/automatic-cache-snapshot", cacheSnapshot(`"automated"`), cacheSnapshot(`"manual"`)},
		{"aws/backup-snapshot", described("This snapshot is created by the AWS Backup service."), described("Our backup before we use the AWS Backup service")},
		{"aws/lifecycle-snapshot", described("Created for policy: policy-0a1b schedule: Default Schedule"), described("Created for policy reasons")},
		{"aws/automatic-backup-vault", named("AWS::Backup::BackupVault", "aws/efs/automatic-backup-vault"), named("AWS::Backup::BackupVault", "automatic-backup-vault")},
		{"aws/automatic-backup-plan", named("AWS::Backup::BackupPlan", "aws/efs/automatic-backup-plan"), named("AWS::Backup::BackupPlan", "automatic-backup-plan")},
		{"aws/automatic-backup-selection", named("AWS::Backup::BackupSelection", "aws/efs/automatic-backup-selection"), named("AWS::Backup::BackupSelection", "all")},
		{"aws/default-backup-vault", named("AWS::Backup::BackupVault", "Default"), named("AWS::Backup::BackupVault", "default-ours")},
		{"aws/elasticbeanstalk-bucket", bucket("elasticbeanstalk-eu-west-1-111122223333"), bucket("elasticbeanstalk-uploads")},
		{"aws/control-tower-bucket", bucket("aws-controltower-logs-111122223333-eu-west-1"), bucket("aws-controltower-notes")},
		{"aws/fsx-root-volume", volume("true"), volume("false")},
	}
}

// managementCases are those of what runs and watches the rest.
func managementCases() []suppressionCase {
	named := func(typ inventory.Type, name string) made { return made{typ: typ, name: name} }
	keyed := func(typ inventory.Type, service, resource string) made {
		return made{typ: typ, key: "arn:aws:" + service + ":eu-west-1:111122223333:" + resource}
	}
	stack := func(text string) made {
		return made{typ: "AWS::CloudFormation::Stack", attributes: with("Description", text)}
	}
	rule := func(by string) made { return made{typ: "AWS::Events::Rule", attributes: with("ManagedBy", by)} }
	return []suppressionCase{
		{"aws/fargate-capacity-provider", named("AWS::ECS::CapacityProvider", "FARGATE_SPOT"), named("AWS::ECS::CapacityProvider", "our-FARGATE")},
		{"aws/primary-workgroup", named("AWS::Athena::WorkGroup", "primary"), named("AWS::Athena::WorkGroup", "primary-ours")},
		{"aws/glue-data-catalog", named("AWS::Athena::DataCatalog", "AwsDataCatalog"), named("AWS::Athena::DataCatalog", "OurDataCatalog")},
		{"aws/default-event-bus", keyed("AWS::Events::EventBus", "events", "event-bus/default"), keyed("AWS::Events::EventBus", "events", "event-bus/default-ours")},
		{"aws/managed-event-rule", rule(`"autoscaling.amazonaws.com"`), rule("null")},
		{"aws/default-schedule-group", keyed("AWS::Scheduler::ScheduleGroup", "scheduler", "schedule-group/default"), keyed("AWS::Scheduler::ScheduleGroup", "scheduler", "schedule-group/ours")},
		{"aws/stack-set-instance", named("AWS::CloudFormation::Stack", "StackSet-guard-"+uuid), named("AWS::CloudFormation::Stack", "StackSet-tests")},
		{"aws/conformance-pack-stack", stack(`"DO NOT MODIFY THIS STACK! This stack is managed by Config Conformance Packs."`), stack(`"Do not modify this stack"`)},
		{"aws/control-tower-stack", named("AWS::CloudFormation::Stack", "StackSet-AWSControlTowerBP-BASELINE-CONFIG-1"), named("AWS::CloudFormation::Stack", "AWSControlTowerBP-ours")},
		{"aws/control-tower-trail", named("AWS::CloudTrail::Trail", "aws-controltower-BaselineCloudTrail"), named("AWS::CloudTrail::Trail", "controltower")},
		{"aws/control-tower-log-group", named("AWS::Logs::LogGroup", "aws-controltower/CloudTrailLogs"), named("AWS::Logs::LogGroup", "controltower/CloudTrailLogs")},
		{"aws/control-tower-resource", named("AWS::SNS::Topic", "aws-controltower-SecurityNotifications"), named("AWS::SNS::Topic", "controltower-SecurityNotifications")},
		{"aws/target-tracking-alarm", named("AWS::CloudWatch::Alarm", "TargetTracking-web-AlarmHigh-"+uuid), named("AWS::CloudWatch::Alarm", "web-TargetTracking")},
		{"aws/session-manager-preferences", named("AWS::SSM::Document", "SSM-SessionManagerRunShell"), named("AWS::SSM::Document", "SessionManagerRunShell")},
		{"aws/default-patch-baseline", named("AWS::SSM::PatchBaseline", "AWS-UbuntuDefaultPatchBaseline"), named("AWS::SSM::PatchBaseline", "UbuntuDefaultPatchBaseline")},
		{"aws/predefined-patch-baseline", named("AWS::SSM::PatchBaseline", "AWS-WindowsPredefinedPatchBaseline-OS-Applications"), named("AWS::SSM::PatchBaseline", "WindowsPredefinedPatchBaseline-OS")},
		{"aws/predefined-deployment-config", named("AWS::CodeDeploy::DeploymentConfig", "CodeDeployDefault.AllAtOnce"), named("AWS::CodeDeploy::DeploymentConfig", "AllAtOnce")},
		{
			"aws/service-linked-config-rule",
			keyed("AWS::Config::ConfigRule", "config", "config-rule/aws-service-rule/securityhub.amazonaws.com/config-rule-1"),
			keyed("AWS::Config::ConfigRule", "config", "config-rule/config-rule-1"),
		},
		{"aws/service-resource-group", keyed("AWS::ResourceGroups::Group", "resource-groups", "group/AWS_AppRegistry_Application-shop"), keyed("AWS::ResourceGroups::Group", "resource-groups", "group/our_AWS_things")},
	}
}

// TestSuppressionsOfAWS shows for every suppression what it is for, and that something alike which a person made stays in sight.
func TestSuppressionsOfAWS(t *testing.T) {
	c := mustLoad(t)
	shown := map[string]bool{}
	for _, list := range [][]suppressionCase{identityCases(), networkCases(), dataCases(), managementCases()} {
		for _, tt := range list {
			shown[tt.id] = true
			if got, _ := c.ProviderDefault(tt.match.entry()); got.ID != tt.id {
				t.Errorf("%s: its own asset matches %q", tt.id, got.ID)
			}
			if got, ok := c.ProviderDefault(tt.like.entry()); ok {
				t.Errorf("%s: what a person made matches %s", tt.id, got.ID)
			}
		}
	}
	for id := range c.suppress.ids {
		if strings.HasPrefix(id, "aws/") && !shown[id] {
			t.Errorf("%s: add an asset that it matches, and one that it must not, to this test", id)
		}
	}
}

// TestUnreadProvesNothing takes everything away that could not be read.
func TestUnreadProvesNothing(t *testing.T) {
	c := mustLoad(t)
	for _, list := range [][]suppressionCase{identityCases(), networkCases(), dataCases()} {
		for _, tt := range list {
			if len(tt.match.attributes) == 0 {
				continue
			}
			e := tt.match.entry()
			e.Attributes = inventory.Attributes{}
			if got, ok := c.ProviderDefault(e); ok {
				t.Errorf("%s: without attributes it matches %s", tt.id, got.ID)
			}
			if tt.id == "aws/operator-managed-instance" { // it is rare
				continue
			}
			if got, ok := c.MayBeDefault(e); !ok || !strings.HasPrefix(got.ID, "aws/") {
				t.Errorf("%s: without attributes nothing says that it may be a default", tt.id)
			}
		}
	}
}

func TestProvenanceOfAWS(t *testing.T) {
	c := mustLoad(t)
	for tags, want := range map[[2]string]string{
		{"eks:nodegroup-name", "web"}:                                  "eks",
		{"eks:eks-cluster-name", "blue"}:                               "eks",
		{"karpenter.sh/nodepool", "default"}:                           "karpenter",
		{"karpenter.sh/provisioner-name", "default"}:                   "karpenter",
		{"ebs.csi.aws.com/cluster", "true"}:                            "kubernetes",
		{"AmazonECSCreated", "true"}:                                   "ecs",
		{"elasticbeanstalk:environment-id", "e-1"}:                     "beanstalk",
		{"aws:autoscaling:groupName", "web"}:                           "autoscaling",
		{"aws:backup:source-resource", "arn"}:                          "backup",
		{"aws:dlm:lifecycle-policy-id", "policy-1"}:                    "dlm",
		{"aws:cloud9:environment", "e"}:                                "cloud9",
		{"AWSElasticDisasterRecoveryManaged", "drs.amazonaws.com"}:     "drs",
		{"AWSApplicationMigrationServiceManaged", "mgn.amazonaws.com"}: "mgn",
		{"Ec2ImageBuilderArn", "arn"}:                                  "imagebuilder",
		{"GuardDutyManaged", "true"}:                                   "guardduty",
		{"aws:servicecatalog:provisioningPrincipalArn", "arn"}:         "servicecatalog",
		{"aws:cloudformation:stack-name", "net"}:                       "cloudformation",
	} {
		got, ok := c.Provenance(inventory.TagsFromMap(map[string]string{tags[0]: tags[1]}))
		if !ok || got.Tool != want || got.Declares != (want == "cloudformation") {
			t.Errorf("%s=%s: got %+v, want %s", tags[0], tags[1], got, want)
		}
	}
	for _, key := range []string{"GuardDutyManaged", "AWSNetworkFirewallManaged", "AWSMSKManaged"} {
		if got, ok := c.Provenance(inventory.TagsFromMap(map[string]string{key: "no"})); ok {
			t.Errorf("%s=no: got %+v", key, got)
		}
	}
}
