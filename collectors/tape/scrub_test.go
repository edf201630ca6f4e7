package tape

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

var testKey = []byte("0123456789abcdef")

func testHash() inventory.SecretHash { return inventory.NewSecretHash(testKey) }

func scrub(t testing.TB, contentType, body string) string {
	t.Helper()
	out, err := Scrub(contentType, []byte(body), testHash())
	if err != nil {
		t.Fatalf("Scrub: %v\n%s", err, body)
	}
	again, err := Scrub(contentType, out, testHash())
	if err != nil {
		t.Fatalf("Scrub again: %v\n%s", err, out)
	}
	if d := cmp.Diff(string(out), string(again)); d != "" {
		t.Fatalf("scrubbing twice (-once +twice):\n%s", d)
	}
	return string(out)
}

// planted is in every secret of realBodies, and nowhere else in them.
const planted = "pl4nt3d"

const (
	jsonType  = "application/x-amz-json-1.1"
	queryType = "text/xml"
)

// realBodies are answers of the shape that AWS and Google Cloud give, with secrets where they have them.
func realBodies() []struct {
	name, contentType, body string
	kept                    []string // what an auditor or the paging needs
} {
	return []struct {
		name, contentType, body string
		kept                    []string
	}{
		{
			"EC2 DescribeInstanceAttribute", queryType,
			`<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstanceAttributeResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId><instanceId>i-0abc</instanceId>
<userData><value>IyEvYmluL3NoCg==pl4nt3d</value></userData></DescribeInstanceAttributeResponse>`,
			[]string{"i-0abc", `xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"`},
		},
		{
			"EC2 DescribeLaunchTemplateVersions", queryType,
			`<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet><item><launchTemplateId>lt-0abc</launchTemplateId><versionNumber>3</versionNumber><defaultVersion>true</defaultVersion>
<launchTemplateData><imageId>ami-1</imageId><userData>cGw0bnQzZA==pl4nt3d</userData><metadataOptions><httpTokens>required</httpTokens></metadataOptions>
<tagSpecificationSet><item><resourceType>instance</resourceType><tagSet><item><key>password-rotation</key><value>monthly</value></item></tagSet></item></tagSpecificationSet>
</launchTemplateData></item></launchTemplateVersionSet><nextToken>eyJ2IjoiMiJ9==</nextToken></DescribeLaunchTemplateVersionsResponse>`,
			[]string{"<nextToken>eyJ2IjoiMiJ9==</nextToken>", "<httpTokens>required</httpTokens>", "<value>monthly</value>", "<versionNumber>3<"},
		},
		{
			"EC2 DescribeVpnConnections", queryType,
			`<DescribeVpnConnectionsResponse><vpnConnectionSet><item><vpnConnectionId>vpn-1</vpnConnectionId><state>available</state>
<customerGatewayConfiguration>&lt;?xml version="1.0" encoding="UTF-8"?&gt;
&lt;vpn_connection id="vpn-1"&gt;&lt;customer_gateway_id&gt;cgw-1&lt;/customer_gateway_id&gt;&lt;ipsec_tunnel&gt;&lt;ike&gt;&lt;authentication_protocol&gt;sha1&lt;/authentication_protocol&gt;&lt;pre_shared_key&gt;pl4nt3d.1&lt;/pre_shared_key&gt;&lt;/ike&gt;&lt;/ipsec_tunnel&gt;&lt;/vpn_connection&gt;</customerGatewayConfiguration>
<options><tunnelOptionSet><item><outsideIpAddress>192.0.2.1</outsideIpAddress><preSharedKey>pl4nt3d.2</preSharedKey></item></tunnelOptionSet></options></item></vpnConnectionSet></DescribeVpnConnectionsResponse>`,
			[]string{"cgw-1", "sha1", "192.0.2.1"},
		},
		{
			"EC2 CustomerGatewayConfiguration that is no XML", queryType,
			`<R><customerGatewayConfiguration>! Amazon Web Services
 pre-shared-key address 192.0.2.1 key pl4nt3d</customerGatewayConfiguration><state>available</state></R>`,
			[]string{"available"},
		},
		{
			"RDS DescribeDBInstances", queryType,
			`<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceIdentifier>db-1</DBInstanceIdentifier>
<PendingModifiedValues><MasterUserPassword>pl4nt3d</MasterUserPassword></PendingModifiedValues><IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled>
<MasterUserSecret><SecretArn>arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1</SecretArn><SecretStatus>active</SecretStatus><KmsKeyId>arn:aws:kms:eu-west-1:111122223333:key/k-1</KmsKeyId></MasterUserSecret>
<TagList><Tag><Key>secret</Key><Value>none</Value></Tag></TagList></DBInstance></DBInstances><Marker>bWFya2Vy</Marker></DescribeDBInstancesResult></DescribeDBInstancesResponse>`,
			[]string{
				"<SecretArn>arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1</SecretArn>", "<SecretStatus>active</SecretStatus>",
				"key/k-1", "<Value>none</Value>", "<Marker>bWFya2Vy</Marker>",
			},
		},
		{
			"RDS DescribeDBParameters", queryType,
			`<R><Parameters><Parameter><ParameterName>rds.force_ssl</ParameterName><ParameterValue>1</ParameterValue></Parameter>
<Parameter><ParameterName>ldap_password</ParameterName><ParameterValue>pl4nt3d</ParameterValue></Parameter></Parameters></R>`,
			[]string{"<ParameterValue>1</ParameterValue>"},
		},
		{
			"STS AssumeRole", queryType,
			`<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>pl4nt3d</SecretAccessKey><SessionToken>FwoGpl4nt3d==</SessionToken>
<Expiration>2026-03-01T13:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
			[]string{"ASIAEXAMPLE", "2026-03-01T13:00:00Z"},
		},
		{
			"credentials of a machine", "text/plain",
			`{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"pl4nt3d","Token":"IQoJpl4nt3d==","Expiration":"2026-03-01T18:00:00Z"}`,
			[]string{"ASIAEXAMPLE", "2026-03-01T18:00:00Z"},
		},
		{
			"CloudFormation DescribeStacks", queryType,
			`<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>web</StackName><StackStatus>CREATE_COMPLETE</StackStatus>
<Parameters><member><ParameterKey>DBPass</ParameterKey><ParameterValue>pl4nt3d</ParameterValue></member><member><ParameterKey>AMI</ParameterKey><ParameterValue>/ami</ParameterValue><ResolvedValue>pl4nt3d-ami</ResolvedValue></member></Parameters>
<Outputs><member><OutputKey>Url</OutputKey><OutputValue>https://x/pl4nt3d</OutputValue></member></Outputs>
<Tags><member><Key>owner</Key><Value>payments</Value></member></Tags></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
			[]string{"CREATE_COMPLETE", "<ParameterKey>DBPass</ParameterKey>", "<Value>payments</Value>"},
		},
		{
			"SNS ListSubscriptions", queryType,
			`<ListSubscriptionsResponse><ListSubscriptionsResult><Subscriptions><member><Protocol>https</Protocol><Endpoint>https://hooks.example.com/in?token=pl4nt3d&amp;x=1</Endpoint><TopicArn>arn:aws:sns:eu-west-1:111122223333:t</TopicArn></member>
<member><Protocol>email</Protocol><Endpoint>pl4nt3d@example.com</Endpoint><TopicArn>arn:aws:sns:eu-west-1:111122223333:t</TopicArn></member>
<member><Protocol>sqs</Protocol><Endpoint>arn:aws:sqs:eu-west-1:111122223333:q</Endpoint><TopicArn>arn:aws:sns:eu-west-1:111122223333:t</TopicArn></member></Subscriptions><NextToken>AAF?pl=a</NextToken></ListSubscriptionsResult></ListSubscriptionsResponse>`,
			[]string{"<Protocol>https</Protocol>", "arn:aws:sqs:eu-west-1:111122223333:q", "<NextToken>AAF?pl=a</NextToken>"},
		},
		{
			"SNS GetSubscriptionAttributes", queryType,
			`<R><Attributes><entry><key>Endpoint</key><value>https://user:pl4nt3d@hooks.example.com/in</value></entry><entry><key>RawMessageDelivery</key><value>false</value></entry>
<entry><key>PlatformClientSecret</key><value>pl4nt3d</value></entry></Attributes></R>`,
			[]string{"<key>Endpoint</key>", "<value>false</value>"},
		},
		{
			"IAM GetAccountAuthorizationDetails", queryType,
			`<R><PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22secretsmanager%3AGetSecretValue%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D</PolicyDocument>
<AccessKey><AccessKeyId>AKIAEXAMPLE</AccessKeyId><SecretAccessKey>pl4nt3d</SecretAccessKey><CreateDate>2026-03-01T12:00:00Z</CreateDate></AccessKey><AssumeRolePolicyDocument>%7B%22a%22%3A%7B%22password%22%3A%22pl4nt3d%20x%22%7D%7D</AssumeRolePolicyDocument></R>`,
			[]string{"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22secretsmanager%3AGetSecretValue%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D", "<CreateDate>2026-03-01T12:00:00Z</CreateDate>"},
		},
		{
			"Elastic Beanstalk DescribeConfigurationSettings", queryType,
			`<R><OptionSettings><member><Namespace>aws:elasticbeanstalk:application:environment</Namespace><OptionName>DB</OptionName><Value>pl4nt3d</Value></member>
<member><Namespace>aws:autoscaling:launchconfiguration</Namespace><OptionName>InstanceType</OptionName><Value>t3.micro</Value></member>
<member><Namespace>aws:rds:dbinstance</Namespace><OptionName>DBPassword</OptionName><Value>pl4nt3d</Value></member></OptionSettings></R>`,
			[]string{"t3.micro"},
		},
		{
			"CloudFront ListDistributions", "text/xml",
			`<DistributionList><Items><DistributionSummary><Id>E1</Id><Origins><Items><Origin><Id>o</Id><CustomHeaders><Quantity>1</Quantity><Items><OriginCustomHeader><HeaderName>X-Origin-Verify</HeaderName><HeaderValue>pl4nt3d</HeaderValue></OriginCustomHeader></Items></CustomHeaders></Origin></Items></Origins></DistributionSummary></Items></DistributionList>`,
			[]string{"<Quantity>1</Quantity>", "<HeaderName>X-Origin-Verify</HeaderName>", "<Id>E1</Id>"},
		},
		{
			"Lambda ListFunctions", "application/json",
			`{"NextMarker":"bWFya2Vy","Functions":[{"FunctionName":"f","Environment":{"Variables":{"DB":"postgres://a:pl4nt3d@db","name":"pl4nt3d","value":"pl4nt3d","NextToken":"pl4nt3d"}},"Runtime":"python3.13","MemorySize":128,"VpcConfig":{"SubnetIds":["subnet-1"]}}]}`,
			[]string{`"NextMarker":"bWFya2Vy"`, `"Runtime":"python3.13"`, `"MemorySize":128`, `"DB":"hmac:`, `["subnet-1"]`},
		},
		{
			"Lambda GetFunction", "application/json",
			`{"Code":{"RepositoryType":"S3","Location":"https://bucket.s3.eu-west-1.amazonaws.com/f?X-Amz-Security-Token=pl4nt3d&X-Amz-Signature=pl4nt3d"},"Tags":{"secret":"no"}}`,
			[]string{`"Location":"https://bucket.s3.eu-west-1.amazonaws.com/f?hmac:`, `{"secret":"no"}`},
		},
		{
			"ECS DescribeTaskDefinition", jsonType,
			`{"taskDefinition":{"containerDefinitions":[{"name":"web","image":"nginx:1","environment":[{"name":"DB_PASS","value":"pl4nt3d"},{"name":"MODE","value":"pl4nt3d-2"}],"secrets":[{"name":"API","valueFrom":"arn:aws:ssm:eu-west-1:111122223333:parameter/api"}],"logConfiguration":{"options":{"splunk-token":"x","awslogs-region":"eu-west-1"}},"cpu":256,"privileged":false}],"family":"web","revision":7}}`,
			[]string{`"name":"DB_PASS"`, `"name":"MODE"`, `parameter/api`, `"cpu":256`, `"privileged":false`, `"image":"nginx:1"`},
		},
		{
			"Batch DescribeJobDefinitions", "application/json",
			`{"jobDefinitions":[{"jobDefinitionName":"j","containerProperties":{"environment":[{"name":"K","value":"pl4nt3d"}],"vcpus":1}}],"nextToken":"abc.def=="}`,
			[]string{`"nextToken":"abc.def=="`, `"vcpus":1`},
		},
		{
			"CodeBuild BatchGetProjects", jsonType,
			`{"projects":[{"name":"p","source":{"type":"GITHUB","location":"https://pl4nt3d@github.com/a/b.git","buildspec":"version: 0.2\nenv:\n  variables:\n    P: pl4nt3d\n"},"environment":{"type":"LINUX_CONTAINER","image":"aws/codebuild/standard:7.0","computeType":"BUILD_GENERAL1_SMALL","environmentVariables":[{"name":"TOKEN","value":"pl4nt3d","type":"PLAINTEXT"}],"privilegedMode":true},"webhook":{"secret":"pl4nt3d","lastModifiedSecret":1700000000.5},"tags":[{"key":"owner","value":"build"}]}]}`,
			[]string{`"image":"aws/codebuild/standard:7.0"`, `"computeType":"BUILD_GENERAL1_SMALL"`, `"type":"PLAINTEXT"`, `"privilegedMode":true`, `1700000000.5`, `"value":"build"`},
		},
		{
			"Amplify ListApps", "application/json",
			`{"apps":[{"appId":"d1","environmentVariables":{"KEY":"pl4nt3d"},"basicAuthCredentials":"cGw=pl4nt3d","enableBasicAuth":true,"productionBranch":{"branchName":"main"}}],"nextToken":"t1"}`,
			[]string{`"enableBasicAuth":true`, `"nextToken":"t1"`, `"branchName":"main"`},
		},
		{
			"App Runner DescribeService", "application/x-amz-json-1.0",
			`{"Service":{"ServiceName":"s","SourceConfiguration":{"ImageRepository":{"ImageConfiguration":{"RuntimeEnvironmentVariables":{"A":"pl4nt3d"},"RuntimeEnvironmentSecrets":{"B":"arn:aws:ssm:eu-west-1:111122223333:parameter/b"},"Port":"8080"}}}}}`,
			[]string{`"Port":"8080"`, "parameter/b"},
		},
		{
			"Glue GetJobs", jsonType,
			`{"Jobs":[{"Name":"j","Command":{"Name":"glueetl","ScriptLocation":"s3://b/j.py"},"DefaultArguments":{"--db_password":"pl4nt3d","--job-language":"pl4nt3d","--enable-metrics":"true"},"MaxRetries":0}],"NextToken":"n"}`,
			[]string{"s3://b/j.py", `"--enable-metrics":"true"`, `"MaxRetries":0`},
		},
		{
			"Glue GetConnections", jsonType,
			`{"ConnectionList":[{"Name":"c","ConnectionType":"JDBC","ConnectionProperties":{"JDBC_CONNECTION_URL":"jdbc:mysql://h/db?password=pl4nt3d","USERNAME":"u-pl4nt3d","ENCRYPTED_PASSWORD":"pl4nt3d","JDBC_ENFORCE_SSL":"false"}}]}`,
			[]string{`"JDBC_ENFORCE_SSL":"false"`, `"ConnectionType":"JDBC"`},
		},
		{
			"SSM GetParameters", jsonType,
			`{"Parameters":[{"Name":"/db/pass","Type":"SecureString","Value":"pl4nt3d","Version":3,"ARN":"arn:aws:ssm:eu-west-1:111122223333:parameter/db/pass","LastModifiedDate":1.7E9}],"InvalidParameters":[]}`,
			[]string{`"Version":3`, "1.7E9", `"Name":"/db/pass"`},
		},
		{
			"SSM DescribeParameters", jsonType,
			`{"Parameters":[{"Name":"/db/pass","Type":"SecureString","KeyId":"alias/aws/ssm"}],"NextToken":"AAEAA=="}`,
			[]string{`{"Parameters":[{"Name":"/db/pass","Type":"SecureString","KeyId":"alias/aws/ssm"}],"NextToken":"AAEAA=="}`},
		},
		{
			"Cognito DescribeUserPoolClient", jsonType,
			`{"UserPoolClient":{"ClientId":"c","ClientSecret":"pl4nt3d","TokenValidityUnits":{"AccessToken":"minutes","IdToken":"hours","RefreshToken":"days"},"AccessTokenValidity":60,"ExplicitAuthFlows":["ALLOW_USER_PASSWORD_AUTH"]}}`,
			[]string{`"AccessToken":"minutes"`, `"RefreshToken":"days"`, "ALLOW_USER_PASSWORD_AUTH", `"AccessTokenValidity":60`},
		},
		{
			"Secrets Manager", jsonType,
			`{"SecretList":[{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-1","Name":"db-password","RotationEnabled":true,"Tags":[{"Key":"password","Value":"x"}]}],"SecretString":"pl4nt3d","SecretBinary":"cGw0bnQzZA=="}`,
			[]string{"secret:a-1", `"Name":"db-password"`, `{"Key":"password","Value":"x"}`},
		},
		{
			"CodePipeline GetPipeline", jsonType,
			`{"pipeline":{"name":"p","stages":[{"name":"Source","actions":[{"configuration":{"OAuthToken":"pl4nt3d","Owner":"o","Branch":"main"}}]}],"version":1}}`,
			[]string{`"Owner":"o"`, `"Branch":"main"`},
		},
		{
			"Step Functions DescribeStateMachine", "application/x-amz-json-1.0",
			`{"definition":"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Parameters\":{\"password\":\"pl4nt3d\",\"pin\":1,\"ContainerOverrides\":[{\"Environment\":[{\"Name\":\"X\",\"Value\":\"pl4nt3d\"}]}]}}}}","name":"m","type":"STANDARD"}`,
			[]string{`\"StartAt\":\"A\"`, `\"pin\":1`, `\"Name\":\"X\"`, `"type":"STANDARD"`},
		},
		{
			"EventBridge ListTargetsByRule", jsonType,
			`{"Targets":[{"Id":"1","Arn":"arn:aws:ecs:eu-west-1:111122223333:cluster/c","Input":"{\"containerOverrides\":[{\"environment\":[{\"name\":\"P\",\"value\":\"pl4nt3d\"}]}]}"}],"HttpParameters":{"HeaderParameters":[{"Key":"x","Value":"pl4nt3d","IsValueSecret":true},{"Key":"y","Value":"plain","IsValueSecret":false}]}}`,
			[]string{"cluster/c", `"Value":"plain"`},
		},
		{
			"EventBridge ListApiDestinations", jsonType,
			`{"ApiDestinations":[{"Name":"chat","InvocationEndpoint":"https://hooks.example.com/services/T0/pl4nt3d","HttpMethod":"POST"}],"NextToken":"n"}`,
			[]string{`"HttpMethod":"POST"`, `"NextToken":"n"`},
		},
		{
			"Firehose DescribeDeliveryStream", jsonType,
			`{"DeliveryStreamDescription":{"DeliveryStreamName":"s","Destinations":[{"HttpEndpointDestinationDescription":{"EndpointConfiguration":{"Url":"https://in.example.com/pl4nt3d","Name":"in"},"RequestConfiguration":{"CommonAttributes":[{"AttributeName":"k","AttributeValue":"pl4nt3d"}]}}}]}}`,
			[]string{`"Name":"in"`, `"AttributeName":"k"`},
		},
		{
			"DMS DescribeEndpoints", jsonType,
			`{"Endpoints":[{"EndpointIdentifier":"e","ExtraConnectionAttributes":"a=b;pw=pl4nt3d","SslMode":"none","Note":"Server=h;Password=pl4nt3d;Encrypt=true"}],"Marker":"m"}`,
			[]string{`"SslMode":"none"`, `"Marker":"m"`, "Server=h;Password=hmac:", ";Encrypt=true"},
		},
		{
			"API Gateway GetStages and keys", "application/json",
			`{"item":[{"stageName":"prod","variables":{"backend":"pl4nt3d"},"cacheClusterEnabled":false},{"id":"k","value":"pl4nt3d","enabled":true,"stageKeys":[]}],"position":"p2"}`,
			[]string{`"position":"p2"`, `"stageName":"prod"`, `"enabled":true`},
		},
		{
			"AppSync ListApiKeys", "application/json",
			`{"apiKeys":[{"id":"da2-pl4nt3dabcdefghijklmnop","expires":1700000000}]}`,
			[]string{`"expires":1700000000`},
		},
		{
			"SageMaker DescribeModel", jsonType,
			`{"ModelName":"m","PrimaryContainer":{"Image":"i","Environment":{"TOKEN":"pl4nt3d","DEBUG":"true"}},"EnableNetworkIsolation":true}`,
			[]string{`"Image":"i"`, `"DEBUG":"true"`, `"EnableNetworkIsolation":true`},
		},
		{
			"EMR DescribeCluster", jsonType,
			`{"Cluster":{"Configurations":[{"Classification":"hive-site","Properties":{"javax.jdo.option.ConnectionPassword":"pl4nt3d","javax.jdo.option.ConnectionUserName":"hive"}}]}}`,
			[]string{`"hive"`},
		},
		{
			"Compute Engine instances.list", "application/json; charset=UTF-8",
			`{"items":[{"name":"vm","metadata":{"fingerprint":"f","items":[{"key":"startup-script","value":"export P=pl4nt3d"},{"key":"enable-oslogin","value":"TRUE"},{"key":"foo","value":"pl4nt3d"}]},"labels":{"secret":"no"},"selfLink":"https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/vm"}],"nextPageToken":"CAE="}`,
			[]string{`"value":"TRUE"`, `"key":"startup-script"`, `"labels":{"secret":"no"}`, "instances/vm", `"nextPageToken":"CAE="`},
		},
		{
			"a private key anywhere", "application/json",
			`{"Description":"-----BEGIN RSA PRIVATE KEY-----\npl4nt3d\n-----END RSA PRIVATE KEY-----","CertificateBody":"-----BEGIN CERTIFICATE-----\nabc"}`,
			[]string{"BEGIN CERTIFICATE"},
		},
		{
			"a form", "application/x-www-form-urlencoded; charset=utf-8",
			`Action=CreateFunction&Version=2016-11-15&Environment.Variables.entry.1.key=DB&Environment.Variables.entry.1.value=pl4nt3d&LaunchTemplateData.UserData=pl4nt3d&Policy=%7B%22password%22%3A%22pl4nt3d%22%7D&NextToken=a%3Db&Filter.1.Name=tag%3Asecret`,
			[]string{"Action=CreateFunction", "NextToken=a%3Db", "entry.1.key=DB", "Filter.1.Name=tag%3Asecret"},
		},
	}
}

func TestScrubLeavesNoSecret(t *testing.T) {
	for _, tt := range realBodies() {
		t.Run(tt.name, func(t *testing.T) {
			out := scrub(t, tt.contentType, tt.body)
			if strings.Contains(out, planted) || strings.Contains(out, "cGw0bnQzZA==") {
				t.Errorf("a secret is left:\n%s", out)
			}
			for _, want := range tt.kept {
				if !strings.Contains(out, want) {
					t.Errorf("it lost %s:\n%s", want, out)
				}
			}
			if _, err := parse(tt.contentType, []byte(out)); err != nil {
				t.Errorf("it cannot be parsed any more:\n%s", out)
			}
		})
	}
}

// TestScrubHashesAsCollectorsDo holds that a collector gets the same hash from the live answer and from the recorded one.
func TestScrubHashesAsCollectorsDo(t *testing.T) {
	h := testHash()
	tests := []struct{ contentType, body, want string }{
		{jsonType, `{"UserData":"a \"b\" \u00e4\/<"}`, `{"UserData":"` + h.Hash(`a "b" ä/<`) + `"}`},
		{jsonType, `{ "Password" : "x" , "N": 1e2 }`, `{ "Password" : "` + h.Hash("x") + `" , "N": 1e2 }`},
		{queryType, `<a><password>a &amp; b</password></a>`, `<a><password>` + h.Hash("a & b") + `</password></a>`},
		{queryType, `<a><password><![CDATA[a & b]]></password></a>`, `<a><password>` + h.Hash("a & b") + `</password></a>`},
		{queryType, `<a><password>ab<!-- c -->cd</password><!-- password: x --><?php secret?></a>`, `<a><password>` + h.Hash("abcd") + `</password></a>`},
		{queryType, `<a><x password='p' id="i"/></a>`, `<a><x password="` + h.Hash("p") + `" id="i"/></a>`},
		{queryType, `<a><password>x<b/>y</password></a>`, `<a><password>` + h.Hash("x") + `<b/>` + h.Hash("y") + `</password></a>`},
		{queryType, `<a><ManageMasterUserPassword>true</ManageMasterUserPassword><password> </password><secret/></a>`, `<a><ManageMasterUserPassword>true</ManageMasterUserPassword><password> </password><secret/></a>`},
		{jsonType, `{"password":12,"secret":null,"apiKey":true,"Secret":"` + h.Hash("x") + `"}`, `{"password":0,"secret":null,"apiKey":true,"Secret":"` + h.Hash("x") + `"}`},
		{jsonType, `{"doc":"{\"password\":12}"}`, `{"doc":"{\"password\":\"` + h.Hash("12") + `\"}"}`},
		{jsonType, `{"environment":["prod","A=b","B="]}`, `{"environment":["prod","A=` + h.Hash("b") + `","B="]}`},
		{jsonType, `{"a":"password=\"x\";b"}`, `{"a":"password=\"` + h.Hash("x") + `\";b"}`},
		{jsonType, `{"password":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:a"}`, `{"password":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:a"}`},
		{"application/octet-stream", `{"Version":"2012-10-17","secret":"x"}`, `{"Version":"2012-10-17","secret":"` + h.Hash("x") + `"}`},
		{"text/html", "", ""},
		{"application/xml", `{"secret":"x"}`, `{"secret":"` + h.Hash("x") + `"}`},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, scrub(t, tt.contentType, tt.body)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.body, d)
		}
	}
}

func TestScrubRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ contentType, body string }{
		"text":             {"text/plain", "password: hunter2"},
		"a word as JSON":   {"text/plain", `"hunter2"`},
		"broken JSON":      {jsonType, `{"password":"hunter2"`},
		"two values":       {jsonType, `{"a":1} {"password":"hunter2"}`},
		"broken XML":       {queryType, `<a><password>hunter2</a>`},
		"text around XML":  {queryType, `<a/> password hunter2`},
		"two roots":        {queryType, `<a/><password>hunter2</password>`},
		"web page":         {"text/html", `<html><p>hunter2<br></html>`},
		"cut-off CBOR":     {"application/cbor", "\xa1\x68password\x67hunter"},
		"CBOR and more":    {"application/cbor", "\xa0hunter2"},
		"huge CBOR count":  {"application/cbor", "\x9b\xff\xff\xff\xff\xff\xff\xff\xff"},
		"bytes":            {"application/octet-stream", "\x00\x01hunter2"},
		"broken form":      {"application/x-www-form-urlencoded", "password=%zzhunter2"},
		"deep JSON":        {jsonType, strings.Repeat("[", 2000) + strings.Repeat("]", 2000)},
		"deep CBOR":        {"application/cbor", strings.Repeat("\x81", 5000) + "\x01"},
		"deep XML":         {queryType, strings.Repeat("<a>", 2000) + strings.Repeat("</a>", 2000)},
		"another encoding": {queryType, `<?xml version="1.0" encoding="ISO-8859-1"?><a><password>hunter2</password></a>`},
	} {
		out, err := Scrub(tt.contentType, []byte(tt.body), testHash())
		if err == nil {
			t.Errorf("%s: it gave %q", name, out)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
}

// TestScrubNested holds that documents in the text of documents are searched, and that too many of them are hidden whole.
func TestScrubNested(t *testing.T) {
	for depth := range 12 {
		body := `{"password":"pl4nt3d","kept":"k"}`
		for range depth {
			quoted, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			body = `{"inner":` + string(quoted) + `}`
		}
		out := scrub(t, jsonType, body)
		if strings.Contains(out, planted) {
			t.Errorf("depth %d: a secret is left: %s", depth, out)
		}
		if !json.Valid([]byte(out)) {
			t.Errorf("depth %d: it is no JSON any more: %s", depth, out)
		}
		if depth < deepestNesting && !strings.Contains(out, "kept") {
			t.Errorf("depth %d: it lost the rest: %s", depth, out)
		}
	}
}
