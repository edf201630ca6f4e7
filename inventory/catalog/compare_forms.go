package catalog

import (
	"strconv"
	"strings"
)

// sparse drops what is not set from objects, however deep; false is not set here. Lists keep their members.
func sparse(x any) any {
	switch x := x.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, v := range x {
			if v = sparse(v); !empty(v) && v != false {
				out[k] = v
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, v := range x {
			out[i] = sparse(v)
		}
		return out
	}
	return x
}

// policySet brings named policy documents, as Policies of IAM, into one form.
func policySet(x any) any {
	return objects(func(p map[string]any) map[string]any {
		if document, ok := p["PolicyDocument"]; ok {
			p["PolicyDocument"] = policy(document)
		}
		return p
	})(x)
}

// rate brings the rate expression of EventBridge to the smallest unit that it has.
func rate(s string) string {
	inner, ok := strings.CutPrefix(s, "rate(")
	inner, closed := strings.CutSuffix(inner, ")")
	words := strings.Fields(inner)
	if !ok || !closed || len(words) != 2 {
		return s
	}
	n, err := strconv.ParseInt(words[0], 10, 32)
	if err != nil || n < 1 {
		return s
	}
	minutes := map[string]int64{"minute": 1, "hour": 60, "day": 24 * 60}[strings.TrimSuffix(words[1], "s")]
	if minutes == 0 {
		return s
	}
	return "rate(" + strconv.FormatInt(n*minutes, 10) + " minutes)"
}

// storageURL takes Hadoop's older names of S3 for S3.
func storageURL(s string) string {
	for _, scheme := range []string{"s3n://", "s3a://"} {
		if rest, ok := strings.CutPrefix(s, scheme); ok {
			return "s3://" + rest
		}
	}
	return s
}

// scopeNames are the short names of OAuth scopes that gcloud and Terraform take. Reference: "gcloud compute instances create",
// --scopes.
func scopeNames() map[string]string {
	return map[string]string{
		"bigquery": "bigquery", "cloud-platform": "cloud-platform", "cloud-source-repos": "source.full_control",
		"cloud-source-repos-ro": "source.read_only", "compute-ro": "compute.readonly", "compute-rw": "compute", "datastore": "datastore",
		"logging-write": "logging.write", "monitoring": "monitoring", "monitoring-read": "monitoring.read", "monitoring-write": "monitoring.write",
		"pubsub": "pubsub", "service-control": "servicecontrol", "service-management": "service.management.readonly", "sql": "sqlservice",
		"sql-admin": "sqlservice.admin", "storage-full": "devstorage.full_control", "storage-ro": "devstorage.read_only",
		"storage-rw": "devstorage.read_write", "taskqueue": "taskqueue", "trace": "trace.append", "userinfo-email": "userinfo.email",
	}
}

func scope(s string) string {
	if name, ok := scopeNames()[s]; ok {
		return "https://www.googleapis.com/auth/" + name
	}
	return s
}

// sameImage reports whether two texts, as reference returns them, name one image, or one names a family and the other an image of
// it. Images of Google's families are called after them and a version: debian-12-bookworm-v20260115 of debian-12.
func sameImage(a, b string) bool {
	if sameReference(a, b) {
		return true
	}
	pa, fa := familyOf(a)
	pb, fb := familyOf(b)
	if pa != "" && pb != "" && pa != pb {
		return false
	}
	if len(fa) > len(fb) {
		fa, fb = fb, fa
	}
	rest, ok := strings.CutPrefix(fb, fa+"-")
	return ok && fa != "" && versioned(rest)
}

// versioned reports whether a name ends with a version: "bookworm-v20260115", "v3".
func versioned(s string) bool {
	last := s[strings.LastIndexByte(s, '-')+1:]
	version, ok := strings.CutPrefix(last, "v")
	return ok && digits(version)
}

// familyOf returns the project of an image or family, "" if it is not written, and its name.
func familyOf(s string) (project, name string) {
	_, s = cutHost(s)
	parts := strings.Split(s, "/")
	name = parts[len(parts)-1]
	switch {
	case len(parts) > 1 && parts[0] == "projects":
		project = parts[1]
	case len(parts) == 2 && parts[0] != "family":
		project = parts[0]
	}
	return project, name
}
