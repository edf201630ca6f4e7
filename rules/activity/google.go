package activity

import (
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// google is what counts of a LogEntry beside its payload. Source: the Cloud Logging reference, LogEntry and AuditLog.
type google struct {
	InsertID  loose          `json:"insertId"`
	LogName   loose          `json:"logName"`
	Timestamp loose          `json:"timestamp"`
	Operation jsontext.Value `json:"operation"`
}

// operation ties together the entries of one that takes its time.
type operation struct {
	ID   loose `json:"id"`
	Last loose `json:"last"`
}

type audit struct {
	Service  loose          `json:"serviceName"`
	Method   loose          `json:"methodName"`
	Resource loose          `json:"resourceName"`
	Status   jsontext.Value `json:"status"`
	Who      jsontext.Value `json:"authenticationInfo"`
	Caller   jsontext.Value `json:"requestMetadata"`
	Request  jsontext.Value `json:"request"`
}

// auditParts are the members of an audit that are objects themselves.
type auditParts struct {
	status struct {
		Code loose `json:"code"`
	}
	who struct {
		Email   loose `json:"principalEmail"`
		Subject loose `json:"principalSubject"`
	}
	caller struct {
		Agent loose `json:"callerSuppliedUserAgent"`
	}
	operation operation
}

func (a *audit) parts(r *record) auditParts {
	var p auditParts
	decode(a.Status, &p.status)
	decode(a.Who, &p.who)
	decode(a.Caller, &p.caller)
	decode(r.Operation, &p.operation)
	return p
}

// logEnding says which of Google's audit logs hold writes to how things are set up.
const (
	adminLog  = "cloudaudit.googleapis.com%2Factivity"
	systemLog = "cloudaudit.googleapis.com%2Fsystem_event"
)

// auditEvent makes an event of an entry of a Google Cloud audit log; ok is false for what is none.
func (p *parser) auditEvent(r *record) (e event, ok bool) {
	at, err := time.Parse(time.RFC3339, string(r.Timestamp))
	var a audit
	decode(r.ProtoPayload, &a)
	method := string(a.Method)
	if err != nil || !isOperation(method) || a.Service == "" {
		return event{}, false
	}
	parts := a.parts(r)
	e = event{at: at.UTC(), action: method, fullName: fullName(string(a.Service), string(a.Resource)), request: a.Request}
	e.act, e.noun = p.words.googleAct(method)
	if e.actor = clean(string(parts.who.Email)); e.actor == "" {
		e.actor = clean(string(parts.who.Subject))
	}
	e.via = agentVia(string(parts.caller.Agent))
	system := strings.HasSuffix(string(r.LogName), systemLog)
	if system {
		e.via = "service"
		if e.actor == "" {
			e.actor = clean(string(a.Service))
		}
	}
	// The last entry of a long operation alone says whether it succeeded.
	succeeded := (parts.status.Code == "" || parts.status.Code == "0") && (parts.operation.ID == "" || parts.operation.Last == "true")
	e.write = succeeded && e.actor != "" && a.Resource != "" && (system || strings.HasSuffix(string(r.LogName), adminLog))
	e.id = hash(string(r.InsertID), string(parts.operation.ID))
	if r.InsertID == "" && parts.operation.ID == "" {
		e.id = hash(e.at.String(), e.action, e.actor, e.fullName)
	}
	return e, true
}

// fullName is a resource as the asset inventory calls it.
func fullName(service, name string) string {
	if bucket, ok := strings.CutPrefix(name, "projects/_/buckets/"); ok && service == "storage.googleapis.com" && !strings.Contains(bucket, "/") {
		name = bucket
	}
	return "//" + service + "/" + strings.TrimPrefix(name, "//"+service+"/")
}

// googleAct says what a method does, and to what: "v1.compute.instances.setLabels" to "instances", "google.pubsub.v1.Publisher.CreateTopic"
// to a "topic". A method that begins with a small letter acts on the collection before it: deleteAccessConfig deletes no instance.
func (v *vocabulary) googleAct(method string) (act, string) {
	segments := strings.Split(method, ".")
	name := segments[len(segments)-1]
	verb, noun := v.split(name)
	small := name != "" && unicode.IsLower(rune(name[0]))
	side := small && noun != ""
	if small && len(segments) > 1 {
		noun = strings.ToLower(segments[len(segments)-2])
	}
	switch {
	case name == "setLabels":
		return tags, noun
	case strings.EqualFold(name, "setIamPolicy"), v.idle[verb] && !side:
		return other, noun
	case side:
		return changes, noun
	case v.makes[verb]:
		return makes, noun
	case v.deletes[verb]:
		return deletes, noun
	case verb == "update" || verb == "patch":
		return updates, noun
	}
	return changes, noun
}
