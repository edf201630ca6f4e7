package activity

import (
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// loose is a text, number or truth value as text. Whatever else stands there says nothing.
type loose string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *loose) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*l = ""
	v, err := d.ReadValue()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, v)
		*l = loose(text)
		return err
	case '0', 't', 'f':
		*l = loose(v)
	}
	return nil
}

// record is an event of CloudTrail. Source: the CloudTrail user guide, "CloudTrail record contents". Tables of Athena have the same names
// in lower case, and the request as text.
type record struct {
	EventID      loose          `json:"eventID"`
	EventTime    loose          `json:"eventTime"`
	EventSource  loose          `json:"eventSource"`
	EventName    loose          `json:"eventName"`
	EventType    loose          `json:"eventType"`
	Region       loose          `json:"awsRegion"`
	ErrorCode    loose          `json:"errorCode"`
	ReadOnly     loose          `json:"readOnly"`
	Management   loose          `json:"managementEvent"`
	UserAgent    loose          `json:"userAgent"`
	FromConsole  loose          `json:"sessionCredentialFromConsole"`
	Account      loose          `json:"recipientAccountId"`
	Identity     jsontext.Value `json:"userIdentity"`
	Request      jsontext.Value `json:"requestParameters"`
	Response     jsontext.Value `json:"responseElements"`
	Resources    jsontext.Value `json:"resources"`
	CloudTrail   loose          `json:"CloudTrailEvent"` // the record as text, as "lookup-events" prints it
	ProtoPayload jsontext.Value `json:"protoPayload"`    // Google's
	google
}

type identity struct {
	Type        loose `json:"type"`
	ARN         loose `json:"arn"`
	PrincipalID loose `json:"principalId"`
	Account     loose `json:"accountId"`
	UserName    loose `json:"userName"`
	InvokedBy   loose `json:"invokedBy"`
}

// decode reads a value. What has not the expected shape leaves out what cannot be read.
func decode(v jsontext.Value, out any) {
	if len(v) == 0 || v.Kind() != '{' {
		return
	}
	_ = json.Unmarshal(v, out, append(tolerant(), json.MatchCaseInsensitiveNames(true))...)
}

// object is an object, or one that stands there as text.
func object(v jsontext.Value) jsontext.Value {
	if len(v) == 0 || v.Kind() != '"' {
		return v
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if inner := jsontext.Value(text); err == nil && inner.IsValid(tolerant()...) {
		return inner
	}
	return nil
}

// trailEvent makes an event of CloudTrail's record; ok is false for what is none.
func (p *parser) trailEvent(r *record) (e event, ok bool) {
	at, err := time.Parse(time.RFC3339, string(r.EventTime))
	name := string(r.EventName)
	if err != nil || !isOperation(name) {
		return event{}, false
	}
	service, amazon := strings.CutSuffix(string(r.EventSource), ".amazonaws.com")
	if service, _ = strings.CutSuffix(service, ".cn"); !amazon && !strings.HasSuffix(string(r.EventSource), ".amazonaws.com.cn") || !isOperation(service) {
		return event{}, false
	}
	var who identity
	decode(object(r.Identity), &who)
	e = event{
		at: at.UTC(), service: service, action: service + ":" + name, account: string(r.Account), region: string(r.Region),
		request: object(r.Request), made: object(r.Response), resources: p.resources(r),
	}
	if e.account == "" {
		e.account = string(who.Account)
	}
	e.actor, e.via = actorOf(&who), viaOf(&who, r)
	e.act, e.noun = p.words.act(name)
	e.write = p.isWrite(r, name) && e.actor != ""
	e.id = eventID(r, &e)
	return e, true
}

// isWrite reports whether a call was to change how things are set up, and did.
func (p *parser) isWrite(r *record, name string) bool {
	if r.ErrorCode != "" || strings.EqualFold(string(r.Management), "false") || r.EventType == "AwsCloudTrailInsight" {
		return false
	}
	if r.ReadOnly != "" {
		return strings.EqualFold(string(r.ReadOnly), "false")
	}
	verb, _ := p.words.split(name)
	return !p.words.reads[verb]
}

// resources are the ARNs that CloudTrail itself says an event is about.
func (p *parser) resources(r *record) []string {
	v := object(r.Resources)
	if len(v) == 0 || v.Kind() != '[' {
		return nil
	}
	var list []struct {
		ARN loose `json:"ARN"`
	}
	if json.Unmarshal(v, &list, append(tolerant(), json.MatchCaseInsensitiveNames(true))...) != nil {
		return nil
	}
	var arns []string
	for _, l := range list {
		if strings.HasPrefix(string(l.ARN), "arn:") {
			arns = append(arns, string(l.ARN))
		}
	}
	return arns
}

func eventID(r *record, e *event) uint64 {
	if r.EventID != "" {
		return hash(string(r.EventID))
	}
	return hash(e.at.String(), e.action, e.actor, string(e.request))
}

// actorOf names who acted.
func actorOf(who *identity) string {
	for _, name := range []loose{who.ARN, who.InvokedBy, who.UserName, who.PrincipalID} {
		if s := clean(string(name)); s != "" {
			return s
		}
	}
	return clean(string(who.Type))
}
