package activity

import "strings"

// agents say which program is behind a user agent, the most telling first. Tools name the library that they use beside themselves.
func agents() []struct{ mark, via string } {
	return []struct{ mark, via string }{
		{"OpenTofu", "OpenTofu"},
		{"opentofu", "OpenTofu"},
		{"Terraform", "Terraform"},
		{"terraform-provider-", "Terraform"},
		{"pulumi", "Pulumi"},
		{"Pulumi", "Pulumi"},
		{"cloudformation.amazonaws.com", "CloudFormation"},
		{"aws-cli/", "CLI"},
		{"gcloud/", "CLI"},
		{"google-cloud-sdk", "CLI"},
		{"gsutil/", "CLI"},
		{"console.amazonaws.com", "console"},
		{"console.aws.amazon.com", "console"},
		{"signin.amazonaws.com", "console"},
		{"AWS-Console", "console"},
		{"S3Console/", "console"},
		{"Mozilla/", "console"},
		{"aws-sdk-", "SDK"},
		{"Boto3/", "SDK"},
		{"google-api-", "SDK"},
		{"gcloud-", "SDK"},
	}
}

// agentVia names the means behind a user agent; empty if it is none that is known.
func agentVia(agent string) string {
	for _, a := range agents() {
		if strings.Contains(agent, a.mark) {
			return a.via
		}
	}
	return ""
}

// viaOf names the means by which a call to AWS was made.
func viaOf(who *identity, r *record) string {
	via := agentVia(string(r.UserAgent))
	switch {
	case who.InvokedBy == "cloudformation.amazonaws.com":
		return "CloudFormation"
	case who.InvokedBy != "" && who.InvokedBy != "AWS Internal", who.Type == "AWSService":
		return "service"
	case via == "Terraform", via == "OpenTofu", via == "Pulumi", via == "CloudFormation":
		return via
	case strings.EqualFold(string(r.FromConsole), "true"):
		return "console"
	case via == "" && strings.HasSuffix(string(r.UserAgent), ".amazonaws.com"):
		return "service"
	}
	return via
}
