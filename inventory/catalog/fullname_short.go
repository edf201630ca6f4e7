package catalog

import "strings"

// shortName returns the segments of the full name that a service's own short name means.
func shortName(service, s string) ([]string, bool) {
	switch service {
	case "storage.googleapis.com":
		return []string{s}, bucketName(s)
	case "bigquery.googleapis.com":
		return tableName(s)
	case "cloudsql.googleapis.com":
		return instanceName(s)
	case "iam.googleapis.com":
		return []string{"projects", "-", "serviceAccounts", s}, strings.Contains(s, "@") && !strings.Contains(s, ":")
	case "pubsub.googleapis.com":
		return []string{s}, s == deletedTopic
	}
	return nil, false
}

// deletedTopic stands where the topic of a subscription was deleted.
const deletedTopic = "_deleted-topic_"

// bucketName reports whether s may be the name of a bucket. Reference: "About Cloud Storage buckets", bucket names.
func bucketName(s string) bool {
	return len(s) >= 3 && len(s) <= 222 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == "" &&
		!strings.HasPrefix(s, "-") && !strings.HasPrefix(s, ".")
}

// tableName takes "project:dataset", "project:dataset.table" and "project.dataset.table" apart.
func tableName(s string) ([]string, bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		if parts := strings.Split(s, "."); len(parts) == 3 {
			return datasetPath(parts[0], parts[1], parts[2])
		}
		return nil, false
	}
	project, rest := s[:i], s[i+1:]
	dataset, table, isTable := strings.Cut(rest, ".")
	if domainOnly(project) && isTable { // the colon of "example.com:project.dataset.table"
		p, rest, _ := strings.Cut(rest, ".")
		if dataset, table, isTable = strings.Cut(rest, "."); !isTable {
			return nil, false
		}
		return datasetPath(project+":"+p, dataset, table)
	}
	if isTable && table == "" || domainOnly(project) {
		return nil, false
	}
	return datasetPath(project, dataset, table)
}

// domainOnly reports whether s is the domain of a project and not the project: "example.com".
func domainOnly(s string) bool { return strings.Contains(s, ".") && !strings.Contains(s, ":") }

func datasetPath(project, dataset, table string) ([]string, bool) {
	out := []string{"projects", project, "datasets", dataset}
	if table != "" {
		out = append(out, "tables", table)
	}
	return out, project != "" && dataset != ""
}

// instanceName takes Cloud SQL's "project:instance" and "project:region:instance" apart.
func instanceName(s string) ([]string, bool) {
	parts := strings.Split(s, ":")
	if len(parts) > 2 && domainOnly(parts[0]) {
		parts = append([]string{parts[0] + ":" + parts[1]}, parts[2:]...)
	}
	if len(parts) != 2 && len(parts) != 3 || parts[0] == "" || parts[len(parts)-1] == "" || domainOnly(parts[0]) {
		return nil, false
	}
	return []string{"projects", parts[0], "instances", parts[len(parts)-1]}, true
}

// canonicalPath brings the segments of a full name into the form that the asset inventory writes.
func canonicalPath(host string, s []string) ([]string, bool) {
	switch host {
	case "storage.googleapis.com":
		return bucketPath(s)
	case "container.googleapis.com":
		return clusterPath(s), true
	case "iam.googleapis.com":
		return accountPath(s), true
	}
	return s, len(s) > 0
}

// bucketPath returns the bucket. What is in a bucket is no asset.
func bucketPath(s []string) ([]string, bool) {
	if len(s) == 4 && s[0] == "projects" && s[2] == "buckets" {
		s = s[3:]
	}
	if len(s) == 2 && (s[0] == "b" || s[0] == "buckets") {
		s = s[1:]
	}
	return s, len(s) == 1 && bucketName(s[0])
}

// clusterPath writes "zones" before a zone and "locations" before a region, whichever stood there.
func clusterPath(s []string) []string {
	if len(s) < 4 || s[0] != "projects" || s[2] != "locations" && s[2] != "zones" && s[2] != "regions" {
		return s
	}
	s[2] = "locations"
	if isZone(s[3]) {
		s[2] = "zones"
	}
	return s
}

// accountPath puts the project of a service account in place of "-" if its e-mail address tells it.
func accountPath(s []string) []string {
	if len(s) < 4 || s[0] != "projects" || s[2] != "serviceAccounts" {
		return s
	}
	s[3] = strings.ReplaceAll(s[3], "%40", "@")
	if s[1] == "-" {
		s[1] = accountProject(s[3])
	}
	return s
}

// accountProject returns the project that the e-mail address of a service account names, and "-" if it names none.
// Reference: "Types of service accounts" of the IAM documentation.
func accountProject(email string) string {
	name, domain, _ := strings.Cut(email, "@")
	if p, ok := strings.CutSuffix(domain, ".iam.gserviceaccount.com"); ok && p != "" {
		if id, domain, scoped := strings.Cut(p, "."); scoped {
			return domain + ":" + id
		}
		return p
	}
	if number, ok := strings.CutSuffix(name, "-compute"); ok && domain == "developer.gserviceaccount.com" && digits(number) {
		return number
	}
	if domain == "appspot.gserviceaccount.com" && name != "" && !strings.Contains(name, ".") {
		return name
	}
	return "-"
}

// projectID returns the id of a project that is named by id or number. The colon of a project in a domain may be escaped.
func projectID(s string, project func(number string) string) string {
	s = strings.NewReplacer("%3A", ":", "%3a", ":").Replace(s)
	if project == nil || !digits(s) {
		return s
	}
	if id := project(s); id != "" {
		return id
	}
	return s
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isRegion reports whether s looks like a region: "europe-west1".
func isRegion(s string) bool {
	continent, area, ok := strings.Cut(s, "-")
	area = strings.TrimRight(area, "0123456789")
	return ok && lowerLetters(continent) && lowerLetters(area) && len(continent)+1+len(area) < len(s)
}

// isZone reports whether s looks like a zone: "europe-west1-b", "us-central1-ai1a".
func isZone(s string) bool {
	i := strings.LastIndexByte(s, '-')
	return i > 0 && i+1 < len(s) && isRegion(s[:i])
}

func lowerLetters(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}
