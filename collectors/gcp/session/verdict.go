package session

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// What to do.
const (
	signInAgain   = `run "gcloud auth application-default login"`
	grant         = `grant what "muster collectors --iam gcp" prints`
	otherTokens   = "take credentials whose tokens may also write, or leave out what takes them"
	nameQuota     = `set quota_project to a project where that API is enabled, or run "gcloud auth application-default set-quota-project"`
	mayUseQuota   = `grant the role roles/serviceusage.serviceUsageConsumer on the quota project, or name another one in quota_project`
	turnOnBilling = "link a billing account to the project: until then its things cannot be read, though they may be there"
	perimeter     = "a perimeter of VPC Service Controls keeps this caller out: let it in by an ingress rule or an access level, or scan from inside"
)

// verdict sorts an answer by the reason it gives, newer reasons before older ones, and by its status only where it gives none.
func (a answer) verdict() verdict {
	switch {
	case !a.google: // not even a status can be believed of another server
		if a.code == http.StatusTooManyRequests {
			return verdict{reason: inventory.ReasonThrottled}
		}
		return verdict{reason: inventory.ReasonError}
	case a.lacksQuotaProject():
		return verdict{reason: inventory.ReasonError, remedy: nameQuota}
	case a.is("SECURITY_POLICY_VIOLATED", "VPC_SERVICE_CONTROLS"), strings.Contains(a.message, "vpcServiceControlsUniqueIdentifier"):
		return denied(perimeter)
	case a.is("ACCESS_TOKEN_SCOPE_INSUFFICIENT"), strings.Contains(a.message, "insufficient authentication scopes"):
		return verdict{reason: inventory.ReasonDenied, remedy: otherTokens, scope: true}
	}
	for _, r := range a.reasons {
		if v := a.because(r); v.reason != inventory.ReasonNone {
			return v
		}
	}
	return a.byStatus()
}

func denied(remedy string) verdict {
	return verdict{reason: inventory.ReasonDenied, remedy: remedy}
}

// because is the verdict on an answer for one of its reasons; ReasonNone if that tells nothing.
// Source: https://cloud.google.com/apis/design/errors and google.api.ErrorReason.
func (a answer) because(reason string) verdict {
	switch reason {
	case "SERVICE_DISABLED", "accessNotConfigured":
		return verdict{reason: inventory.ReasonNotEnabled, remedy: a.enable()}
	case "BILLING_DISABLED", "accountDisabled", "billingNotEnabled", "UserProjectAccountProblem":
		return denied(turnOnBilling)
	case "CONSUMER_INVALID":
		return denied("the project that the call is charged to is not there, or is being deleted: see quota_project, and the list of projects")
	case "CONSUMER_SUSPENDED":
		return denied("the project that the call is charged to is suspended: see its notices in the console, or name another one in quota_project")
	case "USER_PROJECT_DENIED", "UserProjectAccessDenied", "userProjectAccessDenied":
		return denied(mayUseQuota)
	case "UserProjectMissing", "userProjectMissing":
		return verdict{reason: inventory.ReasonError, remedy: nameQuota}
	case "ACCESS_TOKEN_EXPIRED", "authError":
		return verdict{reason: inventory.ReasonExpired, remedy: "the credentials ended or were revoked: " + signInAgain + ", or see whether the service account is still there"}
	case "CREDENTIALS_MISSING", "required", "ACCOUNT_STATE_INVALID", "ACCESS_TOKEN_TYPE_UNSUPPORTED":
		return denied("Google does not take these credentials: " + signInAgain + ", or see whether the service account is enabled")
	case "IAM_PERMISSION_DENIED", "forbidden", "insufficientPermissions", "accessDenied":
		return denied(a.permission() + grant)
	}
	if a.throttles() {
		return verdict{reason: inventory.ReasonThrottled, remedy: a.quota()}
	}
	return verdict{}
}

func (a answer) byStatus() verdict {
	switch {
	case a.throttles():
		return verdict{reason: inventory.ReasonThrottled, remedy: a.quota()}
	case a.status == "UNAUTHENTICATED", a.code == http.StatusUnauthorized:
		return a.because("authError")
	case a.status == "PERMISSION_DENIED", a.code == http.StatusForbidden:
		return denied(a.permission() + grant)
	case a.status == "DEADLINE_EXCEEDED":
		return verdict{reason: inventory.ReasonTimeout}
	}
	return verdict{reason: inventory.ReasonError}
}

// lacksQuotaProject recognises what is said of a user's credentials that name no project to charge. It comes with the reason of an API
// that is not enabled, since the call was charged to the project of gcloud itself.
func (a answer) lacksQuotaProject() bool {
	switch a.metadata["consumer"] {
	case "projects/764086051850", "projects/32555940559":
		return true
	}
	return strings.Contains(a.message, "requires a quota project") || strings.Contains(a.message, "end user credentials from the Google Cloud SDK")
}

// unused finds the project in the message of an API that is not enabled.
var unused = regexp.MustCompile(`has not been used in project ([a-z0-9:.-]+) before`)

// enable says which API to enable where.
func (a answer) enable() string {
	service, project := a.metadata["service"], strings.TrimPrefix(a.metadata["consumer"], "projects/")
	if m := unused.FindStringSubmatch(a.message); project == "" && m != nil {
		project = m[1]
	}
	switch {
	case service != "" && project != "":
		return `run "gcloud services enable ` + service + ` --project ` + project + `" if it is to be read`
	case project != "":
		return "enable the API in the project " + project + " if it is to be read"
	}
	return "enable the API in the project if it is to be read"
}

// permission says which permission is missing where.
func (a answer) permission() string {
	name, on := a.metadata["permission"], a.metadata["resource"]
	switch {
	case name == "":
		return ""
	case on == "":
		return "the permission " + name + " is missing, "
	}
	return "the permission " + name + " on " + on + " is missing, "
}

// quota says which quota was used up.
func (a answer) quota() string {
	limit, of := a.metadata["quota_limit"], a.metadata["consumer"]
	if limit == "" {
		return ""
	}
	if of != "" {
		limit += " of " + of
	}
	return "the quota " + limit + " was used up"
}
