package sweep

import (
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listers"
	"github.com/muster-audit/muster/inventory"
)

// The forms of the names are those of the Service Authorization Reference.
func TestTypes(t *testing.T) {
	f := newFinder(nil, loaded(t))
	const at = ":eu-west-1:111122223333:"
	for text, want := range map[string]inventory.Type{
		"access-analyzer" + at + "analyzer/main":                                    "AWS::AccessAnalyzer::Analyzer",
		"acm" + at + "certificate/0f1e2d3c":                                         "AWS::CertificateManager::Certificate",
		"acm-pca" + at + "certificate-authority/0f1e2d3c":                           "AWS::ACMPCA::CertificateAuthority",
		"airflow" + at + "environment/prod":                                         "AWS::MWAA::Environment",
		"amplify" + at + "apps/d1abc/branches/main":                                 "AWS::Amplify::Branch",
		"aoss" + at + "collection/0abc":                                             "AWS::OpenSearchServerless::Collection",
		"apigateway:eu-west-1::/restapis/a1b2":                                      "AWS::ApiGateway::RestApi",
		"apigateway:eu-west-1::/restapis/a1b2/stages/prod":                          "AWS::ApiGateway::Stage",
		"apigateway:eu-west-1::/apis/a1b2":                                          "AWS::ApiGatewayV2::Api",
		"apigateway:eu-west-1::/apis/a1b2/stages/prod":                              "AWS::ApiGatewayV2::Stage",
		"appconfig" + at + "application/abc123/environment/def456":                  "AWS::AppConfig::Environment",
		"appflow" + at + "connectorprofile/crm":                                     "AWS::AppFlow::ConnectorProfile",
		"appmesh" + at + "mesh/m/virtualRouter/r/route/x":                           "AWS::AppMesh::Route",
		"apprunner" + at + "service/web/0123":                                       "AWS::AppRunner::Service",
		"appsync" + at + "apis/abc":                                                 "AWS::AppSync::GraphQLApi",
		"appsync" + at + "apis/abc/functions/f":                                     "AWS::AppSync::FunctionConfiguration",
		"aps" + at + "rulegroupsnamespace/ws-1/alerts":                              "AWS::APS::RuleGroupsNamespace",
		"athena" + at + "workgroup/primary":                                         "AWS::Athena::WorkGroup",
		"autoscaling" + at + "autoScalingGroup:0a1b:autoScalingGroupName/web":       "AWS::AutoScaling::AutoScalingGroup",
		"backup" + at + "backup-vault:default":                                      "AWS::Backup::BackupVault",
		"batch" + at + "job-definition/resize:3":                                    "AWS::Batch::JobDefinition",
		"bedrock" + at + "application-inference-profile/abc":                        "AWS::Bedrock::ApplicationInferenceProfile",
		"budgets::111122223333:budget/monthly":                                      "AWS::Budgets::Budget",
		"cassandra" + at + "/keyspace/ks/":                                          "AWS::Cassandra::Keyspace",
		"cassandra" + at + "/keyspace/ks/table/t":                                   "AWS::Cassandra::Table",
		"catalog" + at + "product/prod-1":                                           "AWS::ServiceCatalog::CloudFormationProduct",
		"ce::111122223333:anomalymonitor/0a1b":                                      "AWS::CE::AnomalyMonitor",
		"chatbot::111122223333:chat-configuration/slack-channel/ops":                "AWS::Chatbot::SlackChannelConfiguration",
		"cleanrooms" + at + "membership/m/configuredtableassociation/c":             "AWS::CleanRooms::ConfiguredTableAssociation",
		"cloud9" + at + "environment:0a1b":                                          "AWS::Cloud9::EnvironmentEC2",
		"cloudfront::111122223333:distribution/E1ABC":                               "AWS::CloudFront::Distribution",
		"cloudtrail" + at + "eventdatastore/0a1b":                                   "AWS::CloudTrail::EventDataStore",
		"cloudwatch" + at + "insight-rule/top":                                      "AWS::CloudWatch::InsightRule",
		"codeartifact" + at + "repository/dom/rep":                                  "AWS::CodeArtifact::Repository",
		"codebuild" + at + "report-group/unit":                                      "AWS::CodeBuild::ReportGroup",
		"codecommit" + at + "website":                                               "AWS::CodeCommit::Repository",
		"codedeploy" + at + "deploymentgroup:app/blue":                              "AWS::CodeDeploy::DeploymentGroup",
		"codeguru-reviewer" + at + "association:codecommit:0a1b":                    "AWS::CodeGuruReviewer::RepositoryAssociation",
		"codepipeline" + at + "release":                                             "AWS::CodePipeline::Pipeline",
		"codestar-connections" + at + "connection/0a1b":                             "AWS::CodeStarConnections::Connection",
		"cognito-identity" + at + "identitypool/eu-west-1:0a1b":                     "AWS::Cognito::IdentityPool",
		"cognito-idp" + at + "userpool/eu-west-1_Abc":                               "AWS::Cognito::UserPool",
		"config" + at + "config-aggregator/config-aggregator-1":                     "AWS::Config::ConfigurationAggregator",
		"connect" + at + "instance/i/agent/a":                                       "AWS::Connect::User",
		"connect" + at + "instance/i/contact-flow/c":                                "AWS::Connect::ContactFlow",
		"databrew" + at + "recipe/clean":                                            "AWS::DataBrew::Recipe",
		"datasync" + at + "task/task-0a1b":                                          "AWS::DataSync::Task",
		"dax" + at + "cache/fast":                                                   "AWS::DAX::Cluster",
		"deadline" + at + "farm/farm-1/queue/queue-2":                               "AWS::Deadline::Queue",
		"directconnect" + at + "dxlag/dxlag-fg1":                                    "AWS::DirectConnect::Lag",
		"dlm" + at + "policy/policy-0a1b":                                           "AWS::DLM::LifecyclePolicy",
		"dms" + at + "rep:ABC":                                                      "AWS::DMS::ReplicationInstance",
		"docdb-elastic" + at + "cluster/0a1b":                                       "AWS::DocDBElastic::Cluster",
		"dynamodb" + at + "table/t":                                                 "AWS::DynamoDB::Table",
		"ec2" + at + "dedicated-host/h-1":                                           "AWS::EC2::Host",
		"ec2" + at + "dhcp-options/dopt-1":                                          "AWS::EC2::DHCPOptions",
		"ec2" + at + "vpc-endpoint-service/vpce-svc-1":                              "AWS::EC2::VPCEndpointService",
		"ecr-public::111122223333:repository/tools":                                 "AWS::ECR::PublicRepository",
		"ecs" + at + "service/cluster/web":                                          "AWS::ECS::Service",
		"eks" + at + "fargateprofile/c/f/0a1b":                                      "AWS::EKS::FargateProfile",
		"elasticache" + at + "replicationgroup:cache":                               "AWS::ElastiCache::ReplicationGroup",
		"elasticbeanstalk" + at + "environment/app/env":                             "AWS::ElasticBeanstalk::Environment",
		"elasticfilesystem" + at + "access-point/fsap-1":                            "AWS::EFS::AccessPoint",
		"elasticloadbalancing" + at + "listener-rule/app/web/1/2/3":                 "AWS::ElasticLoadBalancingV2::ListenerRule",
		"elasticloadbalancing" + at + "loadbalancer/classic":                        "AWS::ElasticLoadBalancing::LoadBalancer",
		"elasticloadbalancing" + at + "loadbalancer/net/web/50dc":                   "AWS::ElasticLoadBalancingV2::LoadBalancer",
		"elasticloadbalancing" + at + "targetgroup/web/50dc":                        "AWS::ElasticLoadBalancingV2::TargetGroup",
		"elasticmapreduce" + at + "cluster/j-ABC":                                   "AWS::EMR::Cluster",
		"emr-containers" + at + "/virtualclusters/v1/endpoints/e1":                  "AWS::EMRContainers::Endpoint",
		"emr-serverless" + at + "/applications/0a1b":                                "AWS::EMRServerless::Application",
		"es" + at + "domain/search":                                                 "AWS::OpenSearchService::Domain",
		"events" + at + "rule/bus/nightly":                                          "AWS::Events::Rule",
		"evidently" + at + "project/p/feature/f":                                    "AWS::Evidently::Feature",
		"firehose" + at + "deliverystream/logs":                                     "AWS::KinesisFirehose::DeliveryStream",
		"fis" + at + "experiment-template/EXT1":                                     "AWS::FIS::ExperimentTemplate",
		"fsx" + at + "association/fs-1/dra-2":                                       "AWS::FSx::DataRepositoryAssociation",
		"gamelift" + at + "matchmakingruleset/r":                                    "AWS::GameLift::MatchmakingRuleSet",
		"geo" + at + "tracker/fleet":                                                "AWS::Location::Tracker",
		"globalaccelerator::111122223333:accelerator/a/listener/b/endpoint-group/c": "AWS::GlobalAccelerator::EndpointGroup",
		"glue" + at + "mlTransform/tfm-1":                                           "AWS::Glue::MLTransform",
		"grafana" + at + "/workspaces/g-1":                                          "AWS::Grafana::Workspace",
		"greengrass" + at + "/greengrass/groups/0a1b":                               "AWS::Greengrass::Group",
		"greengrass" + at + "components:c:versions:1.0.0":                           "AWS::GreengrassV2::ComponentVersion",
		"guardduty" + at + "detector/d/threatintelset/t":                            "AWS::GuardDuty::ThreatIntelSet",
		"healthlake" + at + "datastore/fhir/0a1b":                                   "AWS::HealthLake::FHIRDatastore",
		"iam::111122223333:policy/team/deploy":                                      "AWS::IAM::ManagedPolicy",
		"imagebuilder" + at + "infrastructure-configuration/base":                   "AWS::ImageBuilder::InfrastructureConfiguration",
		"inspector2" + at + "owner/111122223333/filter/0a1b":                        "AWS::InspectorV2::Filter",
		"iot" + at + "rule/forward":                                                 "AWS::IoT::TopicRule",
		"iotsitewise" + at + "asset-model/0a1b":                                     "AWS::IoTSiteWise::AssetModel",
		"iotwireless" + at + "SidewalkAccount/0a1b":                                 "AWS::IoTWireless::PartnerAccount",
		"ivs" + at + "playback-key/Abc":                                             "AWS::IVS::PlaybackKeyPair",
		"kafka" + at + "cluster/events/0a1b-2":                                      "AWS::MSK::Cluster",
		"kafkaconnect" + at + "worker-configuration/w/0a1b":                         "AWS::KafkaConnect::WorkerConfiguration",
		"kendra" + at + "index/0a1b/data-source/0c1d":                               "AWS::Kendra::DataSource",
		"kinesis" + at + "stream/s/consumer/c:1700000000":                           "AWS::Kinesis::StreamConsumer",
		"kinesisanalytics" + at + "application/flink":                               "AWS::KinesisAnalyticsV2::Application",
		"kinesisvideo" + at + "channel/door/1700000000000":                          "AWS::KinesisVideo::SignalingChannel",
		"kms" + at + "key/0a1b":                                                     "AWS::KMS::Key",
		"lambda" + at + "event-source-mapping:0a1b":                                 "AWS::Lambda::EventSourceMapping",
		"lex" + at + "bot-alias/B/A":                                                "AWS::Lex::BotAlias",
		"lightsail" + at + "RelationalDatabase/0a1b":                                "AWS::Lightsail::Database",
		"logs" + at + "destination:central":                                         "AWS::Logs::Destination",
		"m2" + at + "app/abc":                                                       "AWS::M2::Application",
		"macie2" + at + "custom-data-identifier/0a1b":                               "AWS::Macie::CustomDataIdentifier",
		"mediaconnect" + at + "flow:1-abc:news":                                     "AWS::MediaConnect::Flow",
		"medialive" + at + "inputSecurityGroup:123":                                 "AWS::MediaLive::InputSecurityGroup",
		"mediapackage" + at + "origin_endpoints/0a1b":                               "AWS::MediaPackage::OriginEndpoint",
		"mediapackage-vod" + at + "packaging-groups/vod":                            "AWS::MediaPackage::PackagingGroup",
		"mediapackagev2" + at + "channelGroup/g/channel/c":                          "AWS::MediaPackageV2::Channel",
		"memorydb" + at + "acl/open-access":                                         "AWS::MemoryDB::ACL",
		"mobiletargeting" + at + "apps/0a1b/campaigns/0c1d":                         "AWS::Pinpoint::Campaign",
		"mobiletargeting" + at + "templates/hello/EMAIL":                            "AWS::Pinpoint::EmailTemplate",
		"mq" + at + "broker:orders:b-0a1b":                                          "AWS::AmazonMQ::Broker",
		"network-firewall" + at + "stateful-rulegroup/deny":                         "AWS::NetworkFirewall::RuleGroup",
		"networkmanager::111122223333:global-network/global-network-1":              "AWS::NetworkManager::GlobalNetwork",
		"organizations::111122223333:ou/o-1/ou-2":                                   "AWS::Organizations::OrganizationalUnit",
		"profile" + at + "domains/d/object-types/o":                                 "AWS::CustomerProfiles::ObjectType",
		"qbusiness" + at + "application/a/index/i/data-source/s":                    "AWS::QBusiness::DataSource",
		"quicksight" + at + "vpcConnection/v":                                       "AWS::QuickSight::VPCConnection",
		"ram" + at + "resource-share/0a1b":                                          "AWS::RAM::ResourceShare",
		"rds" + at + "cluster-pg:default":                                           "AWS::RDS::DBClusterParameterGroup",
		"rds" + at + "db:main":                                                      "AWS::RDS::DBInstance",
		"redshift" + at + "subnetgroup:private":                                     "AWS::Redshift::ClusterSubnetGroup",
		"refactor-spaces" + at + "environment/e/application/a/service/s":            "AWS::RefactorSpaces::Service",
		"rekognition" + at + "project/p/1700000000000":                              "AWS::Rekognition::Project",
		"resource-explorer-2" + at + "index/0a1b":                                   "AWS::ResourceExplorer2::Index",
		"route53:::healthcheck/0a1b":                                                "AWS::Route53::HealthCheck",
		"route53-recovery-control::111122223333:controlpanel/c/routingcontrol/r":    "AWS::Route53RecoveryControl::RoutingControl",
		"route53resolver" + at + "resolver-query-log-config/rqlc-1":                 "AWS::Route53Resolver::ResolverQueryLoggingConfig",
		"s3:::bucket":                                                 "AWS::S3::Bucket",
		"s3::111122223333:accesspoint/abc.mrap":                       "AWS::S3::MultiRegionAccessPoint",
		"s3" + at + "accesspoint/data":                                "AWS::S3::AccessPoint",
		"s3-outposts" + at + "outpost/op-1/bucket/b":                  "AWS::S3Outposts::Bucket",
		"s3express" + at + "bucket/b--euw1-az1--x-s3":                 "AWS::S3Express::DirectoryBucket",
		"s3tables" + at + "bucket/lake/table/0a1b":                    "AWS::S3Tables::Table",
		"sagemaker" + at + "notebook-instance-lifecycle-config/start": "AWS::SageMaker::NotebookInstanceLifecycleConfig",
		"scheduler" + at + "schedule/default/nightly":                 "AWS::Scheduler::Schedule",
		"schemas" + at + "schema/reg/order":                           "AWS::EventSchemas::Schema",
		"servicecatalog" + at + "/attribute-groups/0a1b":              "AWS::ServiceCatalogAppRegistry::AttributeGroup",
		"ses" + at + "identity/example.com":                           "AWS::SES::EmailIdentity",
		"shield::111122223333:protection/0a1b":                        "AWS::Shield::Protection",
		"signer" + at + "/signing-profiles/p":                         "AWS::Signer::SigningProfile",
		"ssm-incidents::111122223333:response-plan/sev1":              "AWS::SSMIncidents::ResponsePlan",
		"ssm-sap" + at + "HANA/hdb":                                   "AWS::SystemsManagerSAP::Application",
		"sso:::permissionSet/ssoins-1/ps-2":                           "AWS::SSO::PermissionSet",
		"states" + at + "activity:pack":                               "AWS::StepFunctions::Activity",
		"states" + at + "stateMachine:ship":                           "AWS::StepFunctions::StateMachine",
		"synthetics" + at + "canary:home":                             "AWS::Synthetics::Canary",
		"thinclient" + at + "environment/0a1b":                        "AWS::WorkSpacesThinClient::Environment",
		"timestream" + at + "database/d/table/t":                      "AWS::Timestream::Table",
		"timestream-influxdb" + at + "db-instance/abc":                "AWS::Timestream::InfluxDBInstance",
		"transfer" + at + "user/s-1/alice":                            "AWS::Transfer::User",
		"verifiedpermissions::111122223333:policy-store/abc":          "AWS::VerifiedPermissions::PolicyStore",
		"vpc-lattice" + at + "service/svc-1/listener/l-2/rule/r-3":    "AWS::VpcLattice::Rule",
		"waf-regional" + at + "webacl/0a1b":                           "AWS::WAFRegional::WebACL",
		"wafv2" + at + "regional/regexpatternset/bots/0a1b":           "AWS::WAFv2::RegexPatternSet",
		"wafv2:us-east-1:111122223333:global/webacl/edge/0a1b":        "AWS::WAFv2::WebACL",
		"wisdom" + at + "knowledge-base/0a1b":                         "AWS::Wisdom::KnowledgeBase",
		"workspaces-web" + at + "browserSettings/0a1b":                "AWS::WorkSpacesWeb::BrowserSettings",
		"xray" + at + "sampling-rule/slow":                            "AWS::XRay::SamplingRule",

		// What CloudFormation has no type for.
		"chime:us-east-1:111122223333:vc/0a1b":            "AWS::chime::vc",
		"ec2" + at + "reserved-instances/0a1b":            "AWS::ec2::reserved-instances",
		"ec2" + at + "ipv4pool-ec2/ipv4pool-ec2-0a1b":     "AWS::ec2::ipv4pool-ec2",
		"glacier" + at + "vaults/archive":                 "AWS::glacier::vaults",
		"guardduty" + at + "detector/d/export/e":          "AWS::guardduty::export",
		"storagegateway" + at + "gateway/sgw-12A3456B":    "AWS::storagegateway::gateway",
		"wellarchitected" + at + "workload/0a1b2c3d4e5f":  "AWS::wellarchitected::workload",
		"payments::111122223333:payment-instrument:0a1b":  "AWS::payments::payment-instrument",
		"unheard-of" + at + "a-name":                      "AWS::unheard-of::resource",
		"unheard-of" + at + "0a1b2c3d-4e5f/part":          "AWS::unheard-of::resource",
		"unheard-of" + at + "vpc-0a1b2c3d4e5f/part/of/it": "AWS::unheard-of::resource",
	} {
		a, ok := parseARN("arn:aws:" + text)
		if !ok {
			t.Errorf("%s: no ARN", text)
			continue
		}
		if got, _ := f.typeOf(a); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestTablesAreRight(t *testing.T) {
	known := loaded(t)
	names := known.TypeNames("AWS::")
	begins := func(s string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "AWS::"+s+"::") })
	}
	n := namingOf(nil)
	if len(n.services) < 70 || len(n.rules) < 50 {
		t.Errorf("%d services, rules for %d", len(n.services), len(n.rules))
	}
	for row := range rows(servicesTable) {
		if len(row) > 3 || len(row) == 3 && row[2] != "nested" {
			t.Errorf("services.tsv: %q", row)
		}
		for _, s := range strings.Split(row[1], ",") {
			if !begins(s) {
				t.Errorf("services.tsv: CloudFormation has no service %s", s)
			}
		}
	}
	seen := map[string]bool{}
	for row := range rows(typesTable) {
		if len(row) != 2 || seen[row[0]] {
			t.Errorf("types.tsv: %q", row)
		}
		seen[row[0]] = true
		if !slices.Contains(names, row[1]) {
			t.Errorf("types.tsv: CloudFormation has no type %s", row[1])
		}
	}
}

// Where two types of a service normalise to one word, one of them could not be found.
func TestTypesAreApart(t *testing.T) {
	seen := map[string]string{}
	for _, n := range loaded(t).TypeNames("AWS::") {
		p := strings.Split(n, "::")
		key := p[1] + " " + normalise(p[len(p)-1])
		if seen[key] != "" {
			t.Errorf("%s and %s are the same word", n, seen[key])
		}
		seen[key] = n
	}
}

func TestNormalise(t *testing.T) {
	for word, want := range map[string]string{
		"listener-rule": "listenerrule", "ListenerRule": "listenerrule", "origin_endpoints": "originendpoint", "Policies": "policy",
		"indexes": "index", "branches": "branch", "accesses": "access", "Access": "access", "IPSet": "ipset", "": "", "s": "", "-": "",
	} {
		if got := normalise(word); got != want {
			t.Errorf("normalise(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestARN(t *testing.T) {
	for text, want := range map[string]arn{
		"arn:aws:sns:eu-west-1:111122223333:alerts":           {"aws", "sns", "eu-west-1", "111122223333", "alerts"},
		"arn:aws-cn:iam::111122223333:user/a/b":               {"aws-cn", "iam", "", "111122223333", "user/a/b"},
		"arn:aws:health:global::event/EC2/x":                  {"aws", "health", "", "", "event/EC2/x"},
		"arn:aws:rds:eu-west-1:111122223333:db:main":          {"aws", "rds", "eu-west-1", "111122223333", "db:main"},
		"arn:aws:cassandra:eu-west-1:111122223333:/keyspace/": {"aws", "cassandra", "eu-west-1", "111122223333", "/keyspace/"},
	} {
		if got, ok := parseARN(text); !ok || got != want {
			t.Errorf("%s: got %+v, %t", text, got, ok)
		}
	}
	for _, text := range []string{
		"", "arn", "arn:aws:sns", "arn:aws:sns:eu-west-1:111122223333:", "arn:aws::eu-west-1:111122223333:a", "arn::sns:::a",
		"urn:aws:sns:::a", "arn:aws:s ns:::a", "arn:aws:s*:::a", "ARN:aws:sns:::a",
	} {
		if got, ok := parseARN(text); ok {
			t.Errorf("%q is taken for an ARN: %+v", text, got)
		}
	}
}

func TestNames(t *testing.T) {
	for resource, want := range map[string]string{
		"alerts": "alerts", "db:main": "main", "apps/a/branches/main": "main", "/keyspace/ks/": "ks", "secret:a/b-Xy": "b-Xy", "/": "", "::": "",
		"autoScalingGroup:0a1b:autoScalingGroupName/web": "web",
	} {
		if got := (arn{Resource: resource}).name(); got != want {
			t.Errorf("%s: got %q, want %q", resource, got, want)
		}
	}
}

func TestHome(t *testing.T) {
	for where, want := range map[[2]string]string{
		{"aws", "cloudfront"}: "us-east-1", {"aws", "globalaccelerator"}: "us-west-2", {"aws-us-gov", "networkmanager"}: "us-gov-west-1",
		{"aws-cn", "cloudfront"}: "cn-northwest-1",
	} {
		got := home(where[0], where[1])
		if got != want || !isHome(where[0], got) {
			t.Errorf("%s: got %s, want %s", where, got, want)
		}
	}
	if isHome("aws", "eu-west-1") || isHome("aws-cn", "us-west-2") {
		t.Error("a region that is home to nothing is one")
	}
}

// FuzzARN holds that no text makes the sweep panic, and that what it would hand over has a name, a type of AWS and no native one.
func FuzzARN(f *testing.F) {
	for _, seed := range []string{
		"", ":::::", "arn:aws:s3:::b", "arn:aws:sqs:eu-west-1:111122223333:q", "arn:aws:apigateway:eu-west-1::/restapis/a/stages/b",
		"arn:aws:rds:eu-west-1:111122223333:db:main", "arn:aws:cassandra:eu-west-1:111122223333:/keyspace/ks/",
		"arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/b", "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc",
		"arn:aws:ec2:::[/\\/*", "arn:aws:x:::\xff/\x00", "arn:aws:neptune:::DBInstances", "arn:aws:EC2:::Snapshots/x",
	} {
		f.Add(seed)
	}
	find := newFinder(append(listers.All(), nativeListers()...), loaded(f))
	f.Fuzz(func(t *testing.T, text string) {
		a, ok := parseARN(text)
		if !ok {
			return
		}
		_ = a.name()
		typ, sweeps := find.typeOf(a)
		if !sweeps {
			return
		}
		p := strings.Split(string(typ), "::")
		if len(p) != 3 || p[0] != "AWS" || p[1] == "" || p[2] == "" || len(typ) > len(text)+100 {
			t.Errorf("%q is of type %q", text, typ)
		}
		if find.natives.types[typ] || find.natives.bear(a) {
			t.Errorf("%q is native: %s", text, typ)
		}
	})
}

// No native lister's own names may be swept, and none of its patterns may be one that the sweep cannot read.
func TestEveryNativeIsLeftAlone(t *testing.T) {
	all := listers.All()
	f := newFinder(all, loaded(t))
	for i := range all {
		for _, p := range all[i].ARNs {
			if !strings.HasPrefix(p, "!") {
				checkPattern(t, f, &all[i], p)
			}
		}
	}
}

func checkPattern(t *testing.T, f *finder, l *lister.Lister, pattern string) {
	t.Helper()
	service, resource, ok := strings.Cut(pattern, ":")
	if !ok || service == "" || resource == "" {
		t.Errorf("%s: %q is no pattern of service:resource", l.Type, pattern)
		return
	}
	text := "arn:aws:" + strings.ReplaceAll(service+":eu-west-1:111122223333:"+resource, "*", "a1")
	a, ok := parseARN(text)
	if !ok {
		t.Errorf("%s: %q makes no ARN", l.Type, pattern)
		return
	}
	if _, sweeps := f.typeOf(a); sweeps {
		t.Errorf("%s: %s would be swept", l.Type, text)
	}
}

// BenchmarkFinder measures what the first sweep of a process pays, the unpacking of the catalog's table included.
func BenchmarkFinder(b *testing.B) {
	all := listers.All()
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		known := loaded(b)
		b.StartTimer()
		newFinder(all, known)
	}
}

// BenchmarkLister measures what every command pays.
func BenchmarkLister(b *testing.B) {
	all, known := listers.All(), loaded(b)
	b.ReportAllocs()
	for b.Loop() {
		Lister(all, known)
	}
}

// BenchmarkTypeOf measures what every ARN pays.
func BenchmarkTypeOf(b *testing.B) {
	f := newFinder(listers.All(), loaded(b))
	a, _ := parseARN("arn:aws:vpc-lattice:eu-west-1:111122223333:service/svc-1/listener/l-2/rule/r-3")
	b.ReportAllocs()
	for b.Loop() {
		f.typeOf(a)
	}
}
