package security

import (
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

// answer wraps a result of IAM, whose answers are XML.
func answer(operation, inner string) string {
	return "<" + operation + "Response><" + operation + "Result>" + inner + "</" + operation + "Result></" + operation + "Response>"
}

const (
	trust        = `%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D`
	trustOpened  = `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}}],"Version":"2012-10-17"}`
	boundaryARN  = "arn:aws:iam::111122223333:policy/bounds"
	detailedApp  = `<member><Path>/svc/</Path><RoleName>app</RoleName><RoleId>AROAAPP</RoleId><Arn>arn:aws:iam::111122223333:role/svc/app</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate><AssumeRolePolicyDocument>` + trust + `</AssumeRolePolicyDocument><PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType><PermissionsBoundaryArn>` + boundaryARN + `</PermissionsBoundaryArn></PermissionsBoundary><AttachedManagedPolicies><member><PolicyName>z</PolicyName><PolicyArn>arn:aws:iam::aws:policy/z</PolicyArn></member><member><PolicyName>a</PolicyName><PolicyArn>arn:aws:iam::aws:policy/a</PolicyArn></member></AttachedManagedPolicies><RolePolicyList><member><PolicyName>inner</PolicyName><PolicyDocument>%7B%7D</PolicyDocument></member></RolePolicyList><Tags><member><Key>owner</Key><Value>payments</Value></member></Tags></member>`
	detailedBare = `<member><Path>/</Path><RoleName>bare</RoleName><RoleId>AROABARE</RoleId><Arn>arn:aws:iam::111122223333:role/bare</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate><AssumeRolePolicyDocument>` + trust + `</AssumeRolePolicyDocument></member>`
	listedApp    = `<member><Path>/svc/</Path><RoleName>app</RoleName><RoleId>AROAAPP</RoleId><Arn>arn:aws:iam::111122223333:role/svc/app</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate><AssumeRolePolicyDocument>` + trust + `</AssumeRolePolicyDocument><Description>the app</Description><MaxSessionDuration>7200</MaxSessionDuration></member>`
	listedBare   = `<member><Path>/</Path><RoleName>bare</RoleName><RoleId>AROABARE</RoleId><Arn>arn:aws:iam::111122223333:role/bare</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate><AssumeRolePolicyDocument>` + trust + `</AssumeRolePolicyDocument><MaxSessionDuration>3600</MaxSessionDuration></member>`
	oneTag       = `<Tags><member><Key>owner</Key><Value>payments</Value></member></Tags><IsTruncated>false</IsTruncated>`
)

func detailsOf(pages ...string) listertest.Answer {
	for i, p := range pages {
		more := `<IsTruncated>false</IsTruncated>`
		if i+1 < len(pages) {
			more = `<IsTruncated>true</IsTruncated><Marker>more</Marker>`
		}
		pages[i] = answer("GetAccountAuthorizationDetails", p+more)
	}
	return listertest.Bodies(pages...)
}

func TestRoles(t *testing.T) {
	o := run(t, "AWS::IAM::Role", listertest.Answers{
		"ListRoles":                      listertest.Bodies(answer("ListRoles", `<Roles>`+listedApp+listedBare+`</Roles><IsTruncated>false</IsTruncated>`)),
		"GetAccountAuthorizationDetails": detailsOf(`<RoleDetailList>`+detailedApp+`</RoleDetailList>`, `<RoleDetailList>`+detailedBare+`</RoleDetailList>`),
	}, inline)
	wantCounts(t, o, 2, 0)
	a := o.Asset(t, "arn:aws:iam::111122223333:role/svc/app")
	wantTag(t, a, "owner", "payments")
	wantIdentifier(t, a, inventory.ResourceID, "app")
	wantAttributes(t, a, map[string]string{
		"RoleName": `"app"`, "RoleId": `"AROAAPP"`, "Path": `"/svc/"`, "AssumeRolePolicyDocument": trustOpened, "MaxSessionDuration": "7200",
		"Description": `"the app"`, "PermissionsBoundary": `"` + boundaryARN + `"`, "InlinePolicyNames": `["inner"]`, "Policies": `[{"PolicyDocument":{},"PolicyName":"inner"}]`,
		"ManagedPolicyArns": `["arn:aws:iam::aws:policy/a","arn:aws:iam::aws:policy/z"]`,
	})
	bare := o.Asset(t, "bare")
	wantTags(t, bare, inventory.Known)
	wantAttributes(t, bare, map[string]string{"PermissionsBoundary": "null", "Description": "null", "ManagedPolicyArns": "[]"})
}

func TestRolesWithoutTheListCall(t *testing.T) {
	o := run(t, "AWS::IAM::Role", listertest.Answers{
		"ListRoles":                      listertest.Refuse("AccessDenied"),
		"GetAccountAuthorizationDetails": detailsOf(`<RoleDetailList>` + detailedApp + `</RoleDetailList>`),
	}, inline)
	wantCounts(t, o, 1, 1)
	if !o.Listed() {
		t.Errorf("the details have all roles, and some pass for missing: %v", o.Unread)
	}
	wantUnread(t, o.Assets[0], "Description", "MaxSessionDuration")
	wantTag(t, o.Assets[0], "owner", "payments")
}

func TestDetailsRefused(t *testing.T) {
	for _, typ := range []inventory.Type{"AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::ManagedPolicy"} {
		o := run(t, typ, listertest.Answers{"GetAccountAuthorizationDetails": listertest.Refuse("AccessDenied")})
		if o.Err == nil || len(o.Assets) != 0 {
			t.Errorf("%s: error %v, %d assets", typ, o.Err, len(o.Assets))
		}
	}
}

func TestRolesSingly(t *testing.T) {
	o := run(t, "AWS::IAM::Role", listertest.Answers{
		"ListRoles": listertest.Bodies(
			answer("ListRoles", `<Roles>`+listedApp+`</Roles><IsTruncated>true</IsTruncated><Marker>more</Marker>`),
			answer("ListRoles", `<Roles>`+listedBare+`</Roles><IsTruncated>false</IsTruncated>`),
		),
		"GetRole": func(_ int, request string) listertest.Response {
			if strings.Contains(request, "bare") {
				return listertest.Response{Code: "NoSuchEntity"}
			}
			return listertest.Response{Body: answer("GetRole", `<Role><Arn>x</Arn><PermissionsBoundary><PermissionsBoundaryArn>`+boundaryARN+
				`</PermissionsBoundaryArn></PermissionsBoundary><Tags><member><Key>owner</Key><Value>payments</Value></member></Tags></Role>`)}
		},
	}, singly(), inline)
	wantCounts(t, o, 1, 0)
	a := o.Asset(t, "app")
	wantTag(t, a, "owner", "payments")
	wantAttributes(t, a, map[string]string{"PermissionsBoundary": `"` + boundaryARN + `"`, "MaxSessionDuration": "7200"})
	if a.Origin.Call != "iam:ListRoles" || slices.Contains(o.Calls, "IAM:GetAccountAuthorizationDetails") {
		t.Errorf("listed by %s with calls %v", a.Origin.Call, o.Calls)
	}
}

func TestRoleRefusedSingly(t *testing.T) {
	answers := listertest.Answers{
		"ListRoles":    listertest.Bodies(answer("ListRoles", `<Roles>`+listedApp+`</Roles><IsTruncated>false</IsTruncated>`)),
		"GetRole":      listertest.Refuse("AccessDenied"),
		"ListRoleTags": listertest.Refuse("AccessDenied"),
	}
	o := run(t, "AWS::IAM::Role", answers, singly())
	wantCounts(t, o, 1, 2)
	wantUnread(t, o.Assets[0], "PermissionsBoundary", "ManagedPolicyArns")
	wantTags(t, o.Assets[0], inventory.Unknown)

	answers["ListRoleTags"] = listertest.Bodies(answer("ListRoleTags", oneTag))
	o = run(t, "AWS::IAM::Role", answers, singly())
	wantTag(t, o.Assets[0], "owner", "payments")
}

func TestUsers(t *testing.T) {
	ana := `<member><Path>/p/</Path><UserName>ana</UserName><UserId>AIDAANA</UserId><Arn>arn:aws:iam::111122223333:user/p/ana</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate><GroupList><member>ops</member><member>dev</member></GroupList><PermissionsBoundary><PermissionsBoundaryArn>` + boundaryARN + `</PermissionsBoundaryArn></PermissionsBoundary><Tags><member><Key>owner</Key><Value>payments</Value></member></Tags></member>`
	bob := `<member><Path>/</Path><UserName>bob</UserName><UserId>AIDABOB</UserId><Arn>arn:aws:iam::111122223333:user/bob</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></member>`
	o := run(t, "AWS::IAM::User", listertest.Answers{
		"GetAccountAuthorizationDetails": detailsOf(`<UserDetailList>`+ana+`</UserDetailList>`, `<UserDetailList>`+bob+`</UserDetailList>`),
	}, inline)
	wantCounts(t, o, 2, 0)
	wantTag(t, o.Asset(t, "ana"), "owner", "payments")
	wantAttributes(t, o.Asset(t, "ana"), map[string]string{
		"UserId": `"AIDAANA"`, "Groups": `["dev","ops"]`, "PermissionsBoundary": `"` + boundaryARN + `"`, "ManagedPolicyArns": "[]", "InlinePolicyNames": "[]",
	})
	wantTags(t, o.Asset(t, "bob"), inventory.Known)
}

func TestUsersSingly(t *testing.T) {
	o := run(t, "AWS::IAM::User", listertest.Answers{
		"ListUsers": listertest.Bodies(answer("ListUsers", `<Users>
			<member><Path>/</Path><UserName>ana</UserName><UserId>1</UserId><Arn>arn:aws:iam::111122223333:user/ana</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate><PasswordLastUsed>2026-02-02T03:04:05Z</PasswordLastUsed></member>
			<member><Path>/</Path><UserName>bob</UserName><UserId>2</UserId><Arn>arn:aws:iam::111122223333:user/bob</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></member>
			<member><Path>/</Path><UserName>eve</UserName><UserId>3</UserId><Arn>arn:aws:iam::111122223333:user/eve</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></member>
			</Users><IsTruncated>false</IsTruncated>`)),
		"GetUser": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "ana"):
				return listertest.Response{Body: answer("GetUser", `<User><UserName>ana</UserName></User>`)}
			case strings.Contains(request, "eve"):
				return listertest.Response{Code: "NoSuchEntity"}
			}
			return listertest.Response{Code: "AccessDenied"}
		},
	}, singly(), inline)
	wantCounts(t, o, 2, 1)
	wantTags(t, o.Asset(t, "ana"), inventory.Known)
	wantAttributes(t, o.Asset(t, "ana"), map[string]string{"PermissionsBoundary": "null"})
	wantTags(t, o.Asset(t, "bob"), inventory.Unknown)
	wantUnread(t, o.Asset(t, "bob"), "PermissionsBoundary", "Groups")
}

func TestGroups(t *testing.T) {
	ops := `<member><Path>/</Path><GroupName>ops</GroupName><GroupId>AGPAOPS</GroupId><Arn>arn:aws:iam::111122223333:group/ops</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate>`
	o := run(t, "AWS::IAM::Group", listertest.Answers{
		"GetAccountAuthorizationDetails": detailsOf(`<GroupDetailList>` + ops + `<AttachedManagedPolicies><member><PolicyArn>arn:aws:iam::aws:policy/a</PolicyArn></member></AttachedManagedPolicies></member></GroupDetailList>`),
	})
	wantCounts(t, o, 1, 0)
	wantAttributes(t, o.Assets[0], map[string]string{"GroupId": `"AGPAOPS"`, "ManagedPolicyArns": `["arn:aws:iam::aws:policy/a"]`})

	o = run(t, "AWS::IAM::Group", listertest.Answers{
		"ListGroups": listertest.Bodies(answer("ListGroups", `<Groups>`+ops+`</member></Groups><IsTruncated>false</IsTruncated>`)),
	}, singly())
	wantCounts(t, o, 1, 0)
	wantUnread(t, o.Assets[0], "ManagedPolicyArns", "InlinePolicyNames")
}

func TestPolicies(t *testing.T) {
	reader := `<member><PolicyName>reader</PolicyName><PolicyId>ANPAREADER</PolicyId><Arn>arn:aws:iam::111122223333:policy/app/reader</Arn><Path>/app/</Path><DefaultVersionId>v2</DefaultVersionId><CreateDate>2026-01-02T03:04:05Z</CreateDate>`
	versions := `<Description>reads</Description><PolicyVersionList><member><Document>%7B%22old%22%3Atrue%7D</Document><VersionId>v1</VersionId><IsDefaultVersion>false</IsDefaultVersion></member><member><Document>%7B%22Statement%22%3A%5B%5D%7D</Document><VersionId>v2</VersionId><IsDefaultVersion>true</IsDefaultVersion></member></PolicyVersionList></member>`
	o := run(t, "AWS::IAM::ManagedPolicy", listertest.Answers{
		"GetAccountAuthorizationDetails": detailsOf(`<Policies>` + reader + versions + `</Policies>`),
		"ListPolicyTags": listertest.Bodies(
			answer("ListPolicyTags", `<Tags><member><Key>owner</Key><Value>payments</Value></member></Tags><IsTruncated>true</IsTruncated><Marker>more</Marker>`),
			answer("ListPolicyTags", `<Tags><member><Key>env</Key><Value>prod</Value></member></Tags><IsTruncated>false</IsTruncated>`),
		),
	})
	wantCounts(t, o, 1, 0)
	wantTag(t, o.Assets[0], "owner", "payments")
	wantTag(t, o.Assets[0], "env", "prod")
	wantAttributes(t, o.Assets[0], map[string]string{
		"ManagedPolicyName": `"reader"`, "Path": `"/app/"`, "Description": `"reads"`, "PolicyDocument": `{"Statement":[]}`,
	})
}

func TestPoliciesSingly(t *testing.T) {
	member := func(name string) string {
		return `<member><PolicyName>` + name + `</PolicyName><Arn>arn:aws:iam::111122223333:policy/` + name + `</Arn><Path>/</Path><DefaultVersionId>v1</DefaultVersionId></member>`
	}
	o := run(t, "AWS::IAM::ManagedPolicy", listertest.Answers{
		"ListPolicies": listertest.Bodies(answer("ListPolicies", `<Policies>`+member("open")+member("shut")+member("gone")+`</Policies><IsTruncated>false</IsTruncated>`)),
		"GetPolicyVersion": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "open"):
				return listertest.Response{Body: answer("GetPolicyVersion", `<PolicyVersion><Document>%7B%22Statement%22%3A%5B%5D%7D</Document></PolicyVersion>`)}
			case strings.Contains(request, "gone"):
				return listertest.Response{Code: "NoSuchEntity"}
			}
			return listertest.Response{Code: "AccessDenied"}
		},
		"ListPolicyTags": listertest.Refuse("AccessDenied"),
	}, singly())
	wantCounts(t, o, 2, 3)
	wantAttributes(t, o.Asset(t, "open"), map[string]string{"PolicyDocument": `{"Statement":[]}`})
	wantUnread(t, o.Asset(t, "open"), "Description")
	wantUnread(t, o.Asset(t, "shut"), "PolicyDocument")
	wantTags(t, o.Asset(t, "open"), inventory.Unknown)
}

func TestInstanceProfiles(t *testing.T) {
	profile := func(name string) string {
		return `<member><InstanceProfileName>` + name + `</InstanceProfileName><Path>/</Path><Arn>arn:aws:iam::111122223333:instance-profile/` + name + `</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate><Roles><member><RoleName>app</RoleName><Arn>arn:aws:iam::111122223333:role/svc/app</Arn></member></Roles></member>`
	}
	o := run(t, "AWS::IAM::InstanceProfile", listertest.Answers{
		"ListInstanceProfiles": listertest.Bodies(
			answer("ListInstanceProfiles", `<InstanceProfiles>`+profile("web")+`</InstanceProfiles><IsTruncated>true</IsTruncated><Marker>more</Marker>`),
			answer("ListInstanceProfiles", `<InstanceProfiles>`+profile("shut")+`</InstanceProfiles><IsTruncated>false</IsTruncated>`),
		),
		"ListInstanceProfileTags": func(_ int, request string) listertest.Response {
			if strings.Contains(request, "shut") {
				return listertest.Response{Code: "AccessDenied"}
			}
			return listertest.Response{Body: answer("ListInstanceProfileTags", oneTag)}
		},
	})
	wantCounts(t, o, 2, 1)
	a := o.Asset(t, "web")
	wantTag(t, a, "owner", "payments")
	wantAttributes(t, a, map[string]string{"Roles": `["app"]`})
	if len(a.Relations) != 1 || a.Relations[0] != (inventory.Relation{Kind: inventory.AttachedTo, Key: "arn:aws:iam::111122223333:role/svc/app"}) {
		t.Errorf("relations %v", a.Relations)
	}
	wantTags(t, o.Asset(t, "shut"), inventory.Unknown)
}

func TestOIDCProviders(t *testing.T) {
	entry := func(host string) string {
		return `<member><Arn>arn:aws:iam::111122223333:oidc-provider/` + host + `</Arn></member>`
	}
	o := run(t, "AWS::IAM::OIDCProvider", listertest.Answers{
		"ListOpenIDConnectProviders": listertest.Bodies(answer("ListOpenIDConnectProviders",
			`<OpenIDConnectProviderList>`+entry("token.example.com")+entry("shut.example.com")+entry("gone.example.com")+`</OpenIDConnectProviderList>`)),
		"GetOpenIDConnectProvider": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "token"):
				return listertest.Response{Body: answer("GetOpenIDConnectProvider", `<Url>token.example.com</Url><CreateDate>2026-01-02T03:04:05Z</CreateDate><ClientIDList><member>sts.amazonaws.com</member></ClientIDList><ThumbprintList><member>AB12</member></ThumbprintList><Tags><member><Key>owner</Key><Value>payments</Value></member></Tags>`)}
			case strings.Contains(request, "gone"):
				return listertest.Response{Code: "NoSuchEntity"}
			}
			return listertest.Response{Code: "AccessDenied"}
		},
	})
	wantCounts(t, o, 2, 1)
	a := o.Asset(t, "token.example.com")
	wantTag(t, a, "owner", "payments")
	wantAttributes(t, a, map[string]string{"Url": `"https://token.example.com"`, "ClientIdList": `["sts.amazonaws.com"]`, "ThumbprintList": `["AB12"]`})
	wantTags(t, o.Asset(t, "shut.example.com"), inventory.Unknown)
	wantUnread(t, o.Asset(t, "shut.example.com"), "Url", "ThumbprintList")
}

func TestSAMLProvidersAndCertificates(t *testing.T) {
	o := run(t, "AWS::IAM::SAMLProvider", listertest.Answers{
		"ListSAMLProviders":    listertest.Bodies(answer("ListSAMLProviders", `<SAMLProviderList><member><Arn>arn:aws:iam::111122223333:saml-provider/idp</Arn><ValidUntil>2032-05-09T16:27:11Z</ValidUntil><CreateDate>2026-01-02T03:04:05Z</CreateDate></member></SAMLProviderList>`)),
		"ListSAMLProviderTags": listertest.Bodies(answer("ListSAMLProviderTags", oneTag)),
	})
	wantCounts(t, o, 1, 0)
	wantTag(t, o.Assets[0], "owner", "payments")
	wantAttributes(t, o.Assets[0], map[string]string{"Name": `"idp"`, "ValidUntil": `"2032-05-09T16:27:11Z"`})

	o = run(t, "AWS::IAM::ServerCertificate", listertest.Answers{
		"ListServerCertificates": listertest.Bodies(answer("ListServerCertificates", `<ServerCertificateMetadataList><member><Path>/cloudfront/</Path><ServerCertificateName>old</ServerCertificateName><ServerCertificateId>ASCAOLD</ServerCertificateId><Arn>arn:aws:iam::111122223333:server-certificate/cloudfront/old</Arn><UploadDate>2026-01-02T03:04:05Z</UploadDate><Expiration>2027-01-02T03:04:05Z</Expiration></member></ServerCertificateMetadataList><IsTruncated>false</IsTruncated>`)),
		"ListServerCertificateTags": func(_ int, request string) listertest.Response {
			if !strings.Contains(request, "ServerCertificateName=old") {
				t.Errorf("asked by %s", request)
			}
			return listertest.Response{Body: answer("ListServerCertificateTags", `<Tags/><IsTruncated>false</IsTruncated>`)}
		},
	})
	wantCounts(t, o, 1, 0)
	wantTags(t, o.Assets[0], inventory.Known)
	wantIdentifier(t, o.Assets[0], inventory.ResourceID, "ASCAOLD")
	wantAttributes(t, o.Assets[0], map[string]string{"Expiration": `"2027-01-02T03:04:05Z"`})
}

func TestVirtualMFADevices(t *testing.T) {
	o := run(t, "AWS::IAM::VirtualMFADevice", listertest.Answers{
		"ListVirtualMFADevices": listertest.Bodies(answer("ListVirtualMFADevices", `<VirtualMFADevices>
			<member><SerialNumber>arn:aws:iam::111122223333:mfa/ana</SerialNumber><EnableDate>2026-01-02T03:04:05Z</EnableDate><User><UserName>ana</UserName><Arn>arn:aws:iam::111122223333:user/p/ana</Arn></User></member>
			<member><SerialNumber>arn:aws:iam::111122223333:mfa/spare</SerialNumber></member>
			</VirtualMFADevices><IsTruncated>false</IsTruncated>`)),
		"ListMFADeviceTags": listertest.Bodies(answer("ListMFADeviceTags", oneTag)),
	})
	wantCounts(t, o, 2, 0)
	a := o.Asset(t, "ana")
	wantTag(t, a, "owner", "payments")
	wantAttributes(t, a, map[string]string{"Users": `["ana"]`, "VirtualMfaDeviceName": `"ana"`})
	if len(a.Relations) != 1 || a.Relations[0].Key != "arn:aws:iam::111122223333:user/p/ana" {
		t.Errorf("relations %v", a.Relations)
	}
	wantAttributes(t, o.Asset(t, "spare"), map[string]string{"Users": "[]"})
}
