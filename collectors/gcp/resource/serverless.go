package resource

import (
	"encoding/json"
	"strconv"
	"strings"
)

// serverlessKinds are the services of Cloud Run and Cloud Functions. Each has two versions of its API whose representations differ, and
// the asset inventory holds the older one of Cloud Run; the catalog names attributes as the newer one does.
func serverlessKinds() []Kind {
	return []Kind{
		{Type: "run.googleapis.com/Service", Form: formService, Describe: func(s *Subject) {
			identifyUID(s)
			s.identifyURL(s.Data.Text("uri"))
		}},
		{Type: "run.googleapis.com/Job", Form: formJob, Describe: identifyUID},
		{Type: "cloudfunctions.googleapis.com/Function", Form: formFunction},
		{Type: "cloudfunctions.googleapis.com/CloudFunction", Form: formOldFunction, Describe: func(s *Subject) {
			if s.Data.Text("status") == "DELETE_IN_PROGRESS" {
				s.Stage(stage("DELETING"))
			}
		}},
	}
}

// move is one value of a representation in its other form.
type move struct {
	to, from string
	change   func(any) any // nil keeps it
}

// moved makes a representation of another one. What that leaves out, it leaves out.
func moved(d Doc, moves []move) Doc {
	out := Doc{}
	for _, m := range moves {
		v, ok := d.At(m.from)
		if !ok {
			continue
		}
		if m.change != nil {
			v = m.change(v)
		}
		out.put(m.to, v)
	}
	return out
}

// put sets the value at a path of objects.
func (d Doc) put(path string, v any) {
	at := map[string]any(d)
	for first, rest, more := strings.Cut(path, "."); more; first, rest, more = strings.Cut(path, ".") {
		inner, ok := at[first].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[first] = inner
		}
		at, path = inner, rest
	}
	at[path] = v
}

// knative reports whether a representation of Cloud Run has the form of Knative, that of version 1 of the API.
func knative(d Doc) bool {
	_, named := d.At("metadata.name")
	_, spec := d.At("spec")
	return named && spec
}

// Prefixes of what Google itself keeps in labels and annotations.
const (
	runPrefix     = "run.googleapis.com/"
	servingPrefix = "serving.knative.dev/"
	scalingPrefix = "autoscaling.knative.dev/"
)

// annotations are those of an object; empty if it has none.
func annotations(d Doc, path string) map[string]string {
	list, _ := d.Strings(path)
	return list
}

// runForm makes what services and jobs have in common of their form in Knative.
func runForm(d Doc, moves []move) Doc {
	out := moved(d, append(moves, move{to: "createTime", from: "metadata.creationTimestamp"}, move{to: "uid", from: "metadata.uid"}))
	about := annotations(d, "metadata.annotations")
	out["launchStage"] = "GA" // what no annotation says is this
	for to, name := range map[string]string{
		"launchStage": runPrefix + "launch-stage", "description": runPrefix + "description",
		"creator": servingPrefix + "creator", "lastModifier": servingPrefix + "lastModifier",
	} {
		if v, ok := about[name]; ok {
			out[to] = v
		}
	}
	switch v := about[runPrefix+"binary-authorization"]; v {
	case "":
	case "default":
		out.put("binaryAuthorization.useDefault", true)
	default:
		out.put("binaryAuthorization.policy", v)
	}
	if labels, ok := d.Strings("metadata.labels"); ok {
		out["labels"] = ownLabels(labels)
	}
	if d.Text("metadata.deletionTimestamp") != "" {
		out["state"] = "DELETING"
	}
	return out
}

// ownLabels leaves out the labels that Google keeps its own things in.
func ownLabels(labels map[string]string) map[string]any {
	own := map[string]any{}
	for name, value := range labels {
		space, _, spaced := strings.Cut(name, "/")
		if !spaced || !strings.HasSuffix(space, ".googleapis.com") && space != "googleapis.com" && !strings.HasSuffix(space, ".knative.dev") {
			own[name] = value
		}
	}
	return own
}

// formService brings a service of Cloud Run into the form of version 2.
func formService(d Doc) Doc {
	if !knative(d) {
		return d
	}
	const spec = "spec.template.spec."
	out := runForm(d, []move{
		{to: "uri", from: "status.url"},
		{to: "traffic", from: "spec.traffic"},
		{to: "template.serviceAccount", from: spec + "serviceAccountName"},
		{to: "template.containers", from: spec + "containers", change: images},
	})
	about := annotations(d, "metadata.annotations")
	out["ingress"] = ingress(about[runPrefix+"ingress"])
	if about[runPrefix+"invoker-iam-disabled"] == "true" {
		out["invokerIamDisabled"] = true
	}
	revision(out, "template.", annotations(d, "spec.template.metadata.annotations"))
	return out
}

// formJob brings a job of Cloud Run into the form of version 2.
func formJob(d Doc) Doc {
	if !knative(d) {
		return d
	}
	const spec = "spec.template.spec.template.spec."
	out := runForm(d, []move{
		{to: "executionCount", from: "status.executionCount"},
		{to: "template.template.serviceAccount", from: spec + "serviceAccountName"},
		{to: "template.template.containers", from: spec + "containers", change: images},
	})
	revision(out, "template.template.", annotations(d, "spec.template.metadata.annotations"))
	return out
}

// revision reads the annotations of what is run.
func revision(out Doc, path string, about map[string]string) {
	if v := about[runPrefix+"vpc-access-connector"]; v != "" {
		out.put(path+"vpcAccess.connector", v)
	}
	switch v := about[runPrefix+"vpc-access-egress"]; v {
	case "":
	case "all", "all-traffic":
		out.put(path+"vpcAccess.egress", "ALL_TRAFFIC")
	default:
		out.put(path+"vpcAccess.egress", strings.ToUpper(strings.ReplaceAll(v, "-", "_")))
	}
	if v := about[runPrefix+"encryption-key"]; v != "" {
		out.put(path+"encryptionKey", v)
	}
	if v := about[scalingPrefix+"maxScale"]; v != "" && strings.Trim(v, "0123456789") == "" {
		out.put(path+"scaling.maxInstanceCount", json.Number(v))
	}
}

// images keeps of containers which image each runs, and nothing of their environment.
func images(v any) any {
	list, _ := v.([]any)
	out := make([]any, 0, len(list))
	for _, item := range list {
		if c, ok := item.(map[string]any); ok && c["image"] != nil {
			out = append(out, map[string]any{"image": c["image"]})
		}
	}
	return out
}

// ingress is from where a service is reached, in the words of version 2. Without an annotation it is reached from everywhere.
func ingress(annotation string) string {
	switch annotation {
	case "", "all":
		return "INGRESS_TRAFFIC_ALL"
	case "internal":
		return "INGRESS_TRAFFIC_INTERNAL_ONLY"
	case "internal-and-cloud-load-balancing":
		return "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
	case "none":
		return "INGRESS_TRAFFIC_NONE"
	}
	return annotation
}

// formFunction brings a function that is told in the form of version 1 into that of version 2.
func formFunction(d Doc) Doc {
	if _, newer := d.At("buildConfig"); newer || d.Text("runtime") == "" {
		return d
	}
	return moved(d, append(sameOfFunctions(), []move{
		{to: "state", from: "status"},
		{to: "url", from: "httpsTrigger.url"},
		{to: "buildConfig.runtime", from: "runtime"},
		{to: "buildConfig.entryPoint", from: "entryPoint"},
		{to: "serviceConfig.availableMemory", from: "availableMemoryMb", change: func(v any) any { return textOf(v) + "M" }},
		{to: "serviceConfig.timeoutSeconds", from: "timeout", change: func(v any) any { return number(strings.TrimSuffix(textOf(v), "s")) }},
		{to: "serviceConfig.serviceAccountEmail", from: "serviceAccountEmail"},
		{to: "serviceConfig.maxInstanceCount", from: "maxInstances"},
		{to: "serviceConfig.ingressSettings", from: "ingressSettings"},
		{to: "serviceConfig.vpcConnector", from: "vpcConnector"},
	}...))
}

// formOldFunction brings a function that is told in the form of version 2 into that of version 1.
func formOldFunction(d Doc) Doc {
	if _, newer := d.At("buildConfig"); !newer {
		return d
	}
	return moved(d, append(sameOfFunctions(), []move{
		{to: "status", from: "state"},
		{to: "httpsTrigger.securityLevel", from: "serviceConfig.securityLevel"},
		{to: "runtime", from: "buildConfig.runtime"},
		{to: "entryPoint", from: "buildConfig.entryPoint"},
		{to: "availableMemoryMb", from: "serviceConfig.availableMemory", change: megabytes},
		{to: "serviceAccountEmail", from: "serviceConfig.serviceAccountEmail"},
		{to: "maxInstances", from: "serviceConfig.maxInstanceCount"},
		{to: "ingressSettings", from: "serviceConfig.ingressSettings"},
		{to: "vpcConnector", from: "serviceConfig.vpcConnector"},
	}...))
}

// sameOfFunctions is what both versions write alike.
func sameOfFunctions() []move {
	var list []move
	for _, name := range []string{"name", "labels", "description", "kmsKeyName", "createTime", "updateTime"} {
		list = append(list, move{to: name, from: name})
	}
	return list
}

// megabytes reads "256M", "256Mi", "1G" and "1Gi". Anything else stays as it is.
func megabytes(v any) any {
	text := strings.TrimSuffix(textOf(v), "i")
	for unit, times := range map[string]int{"M": 1, "G": 1024} {
		if n, err := strconv.Atoi(strings.TrimSuffix(text, unit)); err == nil && strings.HasSuffix(text, unit) {
			return json.Number(strconv.Itoa(n * times))
		}
	}
	return v
}

// number is a text of digits as a number. Anything else stays as it is.
func number(text string) any {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return text
	}
	return json.Number(text)
}
