package security

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestCertificates(t *testing.T) {
	const prefix = "arn:aws:acm:eu-west-1:111122223333:certificate/"
	o := run(t, "AWS::CertificateManager::Certificate", listertest.Answers{
		"ListCertificates": func(n int, request string) listertest.Response {
			if !strings.Contains(request, "EC_prime256v1") || !strings.Contains(request, "RSA_4096") {
				t.Errorf("not all types of keys are asked for: %s", request)
			}
			return listertest.Bodies(
				`{"CertificateSummaryList":[{"CertificateArn":"`+prefix+`1","DomainName":"example.com","SubjectAlternativeNameSummaries":["example.com","www.example.com"],"HasAdditionalSubjectAlternativeNames":false,
					"Status":"ISSUED","Type":"AMAZON_ISSUED","KeyAlgorithm":"RSA-2048","InUse":true,"RenewalEligibility":"ELIGIBLE","NotAfter":1798761600,"CreatedAt":1767225600}],"NextToken":"more"}`,
				`{"CertificateSummaryList":[{"CertificateArn":"`+prefix+`2","DomainName":"many.example.com","SubjectAlternativeNameSummaries":["many.example.com"],"HasAdditionalSubjectAlternativeNames":true,
					"Status":"ISSUED","Type":"IMPORTED","KeyAlgorithm":"EC_prime256v1","ImportedAt":1767225600}]}`,
			)(n, request)
		},
		"ListTagsForCertificate": func(_ int, request string) listertest.Response {
			if strings.Contains(request, "certificate/2") {
				return listertest.Response{Code: "AccessDeniedException"}
			}
			return listertest.Response{Body: `{"Tags":[{"Key":"owner","Value":"payments"},{"Key":"flag"}]}`}
		},
	})
	wantCounts(t, o, 2, 1)
	a := o.Asset(t, "example.com")
	wantTag(t, a, "owner", "payments")
	wantTag(t, a, "flag", "")
	wantAttributes(t, a, map[string]string{
		"DomainName": `"example.com"`, "SubjectAlternativeNames": `["example.com","www.example.com"]`, "KeyAlgorithm": `"RSA_2048"`, "Type": `"AMAZON_ISSUED"`,
		"Status": `"ISSUED"`, "InUse": "true", "NotAfter": `"2027-01-01T00:00:00Z"`, "RenewalEligibility": `"ELIGIBLE"`,
	})
	many := o.Asset(t, "many.example.com")
	wantTags(t, many, inventory.Unknown)
	wantUnread(t, many, "SubjectAlternativeNames")
	wantAttributes(t, many, map[string]string{"KeyAlgorithm": `"EC_prime256v1"`, "InUse": "null"})
}
