package pulumi

import (
	"strings"

	"github.com/muster-audit/muster/inventory/catalog"
)

// token is a type as Pulumi writes it: package:module/member:Name.
type token struct{ pkg, module, name string }

func tokenOf(s string) (token, bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return token{}, false
	}
	module, _, _ := strings.Cut(parts[1], "/")
	return token{parts[0], module, parts[2]}, parts[2] != ""
}

// terraformType returns the type of Terraform's provider that a type of Pulumi's was made of. It is false if the catalog knows none
// that could be it.
func terraformType(c *catalog.Catalog, t token) (string, bool) {
	prefixes := modulePrefixes(t)
	if prefixes == nil {
		return "", false
	}
	if known, ok := exceptions()[t.pkg+":"+t.module+":"+t.name]; ok {
		_, ok = c.Terraform(known)
		return known, ok
	}
	for _, name := range []string{t.name, strings.TrimSuffix(t.name, "V2")} {
		for _, prefix := range prefixes {
			tfType := prefix + snake(name)
			if _, ok := c.Terraform(tfType); ok {
				return tfType, true
			}
		}
	}
	return "", false
}

// modulePrefixes returns how the types of a module begin in Terraform, the likeliest first; none for a package that is not made of a
// provider of Terraform that the catalog knows.
func modulePrefixes(t token) []string {
	var provider string
	var modules map[string][]string
	switch t.pkg {
	case "aws":
		provider, modules = "aws_", awsModules()
	case "gcp":
		provider, modules = "google_", googleModules()
	case "archive", "local", "null", "random", "time", "tls": // of which nothing is anywhere but in the stack
		return []string{"", t.pkg + "_"}
	default:
		return nil
	}
	begin, ok := modules[strings.ToLower(t.module)]
	if !ok {
		begin = []string{strings.ToLower(t.module) + "_"}
	}
	out := make([]string, len(begin))
	for i, b := range begin {
		out[i] = provider + b
	}
	return out
}

// awsModules are the modules of Pulumi's AWS package whose name is not how Terraform's types begin.
func awsModules() map[string][]string {
	return map[string][]string{
		"alb":                      {"lb_"},
		"apigateway":               {"api_gateway_"},
		"cfg":                      {"config_"},
		"directconnect":            {"dx_"},
		"directoryservice":         {"directory_service_"},
		"ec2":                      {"ec2_", "", "vpc_"},
		"ec2clientvpn":             {"ec2_client_vpn_"},
		"ec2transitgateway":        {"ec2_transit_gateway_", "ec2_"},
		"elasticbeanstalk":         {"elastic_beanstalk_"},
		"rds":                      {"rds_", "db_"},
		"serverlessrepository":     {"serverlessapplicationrepository_"},
		"servicediscovery":         {"service_discovery_"},
		"mediaconvert":             {"media_convert_"},
		"mediapackage":             {"media_package_"},
		"mediastore":               {"media_store_"},
		"amp":                      {"prometheus_"},
		"elasticloadbalancing":     {"elb_"},
		"applicationloadbalancing": {"lb_"},
		"elasticloadbalancingv2":   {"lb_"},
		"route53recoverycontrol":   {"route53recoverycontrolconfig_"},
		"opensearchingest":         {"osis_"},
	}
}

// googleModules are the same of its Google package.
func googleModules() map[string][]string {
	return map[string][]string{
		"artifactregistry":   {"artifact_registry_"},
		"certificatemanager": {"certificate_manager_"},
		"cloudfunctionsv2":   {"cloudfunctions2_"},
		"cloudrun":           {"cloud_run_"},
		"cloudrunv2":         {"cloud_run_v2_"},
		"cloudscheduler":     {"cloud_scheduler_"},
		"cloudtasks":         {"cloud_tasks_"},
		"folder":             {"folder_", ""},
		"organizations":      {"organization_", ""},
		"projects":           {"project_"},
		"secretmanager":      {"secret_manager_"},
		"serviceaccount":     {"service_", "service_account_"},
		"vpcaccess":          {"vpc_access_"},
	}
}

// exceptions are the types that no rule leads to.
func exceptions() map[string]string {
	return map[string]string{
		"aws:alb:LoadBalancer":                      "aws_lb",
		"aws:applicationloadbalancing:LoadBalancer": "aws_lb",
		"aws:cfg:Recorder":                          "aws_config_configuration_recorder",
		"aws:cfg:Rule":                              "aws_config_config_rule",
		"aws:cloudtrail:Trail":                      "aws_cloudtrail",
		"aws:elasticloadbalancing:LoadBalancer":     "aws_elb",
		"aws:elasticloadbalancingv2:LoadBalancer":   "aws_lb",
		"aws:elb:LoadBalancer":                      "aws_elb",
		"aws:lb:LoadBalancer":                       "aws_lb",
	}
}
