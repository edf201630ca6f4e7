package activity

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// naming is an identifier in an event, with the place where it stands.
type naming struct {
	token string
	stem  string // of the member's name without "Id", "Name" and the like, lower case: "instance", "resource"; empty for "name" and "id"
	// subject says that it stands where a request names what it acts on, answer that it stands in what came of it.
	subject, answer bool
}

// maxToken bounds an identifier, in bytes.
const maxToken = 1024

// names calls yield for whatever may be the name of something that the event acts on.
func (e *event) names(yield func(naming)) {
	if e.fullName != "" {
		yield(naming{token: e.fullName, subject: true})
		return
	}
	for _, r := range e.resources {
		yield(naming{token: r, subject: true})
	}
	walk(e.request, func(path []string, text string) {
		if text == "" || len(text) > maxToken {
			return
		}
		n := naming{token: text}
		if n.stem, n.subject = subjectOf(path); n.subject {
			yield(n)
			if queue, ok := queueName(n.stem, text); ok {
				n.token = queue
				yield(n)
			}
		}
	})
	if e.act != makes {
		return
	}
	walk(e.made, func(path []string, text string) {
		if text == "" || len(text) > maxToken || len(path) > 4 {
			return
		}
		yield(naming{token: text, stem: answerStem(path), answer: true})
	})
}

// queueName takes a queue's name from its address, "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs".
func queueName(stem, text string) (string, bool) {
	if stem != "queue" || !strings.HasPrefix(text, "https://") {
		return "", false
	}
	i := strings.LastIndexByte(text, '/')
	return text[i+1:], i > len("https://")
}

// subjectOf reports whether a request names at a path what it acts on, and the stem of the name there. That is a member of the request
// itself, or of a list of things there; what stands deeper, or among tags, is what the thing shall be like.
//
//	instanceId                        yes
//	instancesSet.items.instanceId     yes
//	CreateVpcEndpointRequest.VpcId    yes: one wrapper
//	ipPermissions.items.groups.items.groupId    no: the other side of a rule
func subjectOf(path []string) (stem string, ok bool) {
	names := make([]string, 0, 4)
	for i, p := range path {
		if p == "items" || p == "member" || i == 0 && len(path) > 1 && strings.HasSuffix(p, "Request") {
			continue
		}
		if names = append(names, p); len(names) > 2 {
			return "", false
		}
	}
	if len(names) == 0 {
		return "", false
	}
	stem = stemOf(names[len(names)-1])
	if len(names) == 1 {
		return stem, true
	}
	list := strings.ToLower(names[0])
	isList := strings.HasSuffix(list, "set") || strings.HasSuffix(list, "s") || strings.HasSuffix(list, "list")
	return stem, isList && stem != "" && (stem == resource || !strings.HasPrefix(list, "tag"))
}

// resource is the stem by which operations for any type name what they act on.
const resource = "resource"

// answerStem is the stem of a name in an answer: "id" in "vpc" is that of a "vpc".
func answerStem(path []string) string {
	if stem := stemOf(path[len(path)-1]); stem != "" || len(path) == 1 {
		return stem
	}
	return stemOf(path[len(path)-2])
}

// stemOf takes off a member's name what says that a name follows.
func stemOf(name string) string {
	stem := strings.TrimSuffix(strings.ToLower(name), "list")
	for _, ending := range []string{"identifier", "name", "arn", "url", "id"} {
		if s, ok := strings.CutSuffix(strings.TrimSuffix(stem, "s"), ending); ok {
			return s
		}
	}
	if stem == "resources" {
		return resource
	}
	return stem
}

// deedTo says what an event does to a target that it names; global says that the name is a full one. It is other if it is nothing that
// counts, or if nobody can tell.
func (e *event) deedTo(t *target, n *naming, global bool) act {
	switch {
	case e.fullName != "" && (!global || (e.act == makes || e.act == deletes) && !t.called(e.noun)):
		return other // as making a topic is told under the project's name
	case e.fullName != "":
		return e.act
	case !global && t.Region != "" && e.region != t.Region:
		return other
	case e.act == tags:
		own := e.service == t.source || global && e.service == "tagging"
		if own && n.subject && (n.stem == "" || n.stem == resource || t.called(n.stem)) {
			return tags
		}
		return other
	case e.service != t.source:
		return other
	}
	if n.stem == "" && (global || n.subject) || n.stem == resource && n.subject || t.called(n.stem) {
		return t.undergoes(e)
	}
	return other
}

// undergoes says what an operation does to a thing of the target's type. Its noun is either that type, or a side of it: what makes,
// deletes or changes a side changes the thing. But what is made beside a thing is seldom a side of it: CreateVpcEndpoint changes no VPC.
func (t *target) undergoes(e *event) act {
	for _, side := range sides()[t.Type] {
		if e.noun == side {
			return changes
		}
	}
	for _, w := range t.words {
		rest, ok := strings.CutPrefix(e.noun, w)
		exact := rest == "" || rest == "s" || rest == "es" || strings.HasPrefix(rest, "from")
		switch {
		case !ok:
		case exact:
			return e.act
		case e.act == makes && rest != "version" && rest != "entry":
		default:
			return changes
		}
	}
	return other
}

// called reports whether the stem of a member's name is what the target's type is called: "group" for a security group.
func (t *target) called(stem string) bool {
	stem = strings.TrimSuffix(stem, "s")
	ends := func(w string) bool {
		w = strings.TrimSuffix(w, "s")
		return strings.HasSuffix(w, stem) || t.google && strings.HasSuffix(stem, w)
	}
	return len(stem) > 1 && slices.ContainsFunc(t.words, ends) ||
		slices.Contains(keyStems()[t.Type], stem)
}

// wordsOf returns what operations call a thing of a type: the last part of its name, and what else is known.
func wordsOf(t inventory.Type) []string {
	name := strings.ToLower(string(t))
	if i := strings.LastIndexAny(name, ":/"); i >= 0 {
		name = name[i+1:]
	}
	return append([]string{name}, aliases()[t]...)
}

// aliases lists what operations call a thing where that is not its type's name. Source: the services' API references.
func aliases() map[inventory.Type][]string {
	return map[inventory.Type][]string{
		"AWS::EC2::EIP":           {"address"},
		"AWS::IAM::ManagedPolicy": {"policy"},
	}
}

// sides lists what operations call a side of a thing, where that does not begin with the name of its type. Source: as for aliases.
func sides() map[inventory.Type][]string {
	return map[inventory.Type][]string{
		"AWS::AutoScaling::AutoScalingGroup":        {"desiredcapacity"},
		"AWS::DynamoDB::Table":                      {"continuousbackups", "timetolive"},
		"AWS::EC2::RouteTable":                      {"route"},
		"AWS::ECR::Repository":                      {"imagetagmutability", "imagescanningconfiguration", "lifecyclepolicy"},
		"AWS::ElasticLoadBalancingV2::LoadBalancer": {"securitygroups", "subnets", "ipaddresstype"},
		"AWS::IAM::ManagedPolicy":                   {"defaultpolicyversion"},
		"AWS::IAM::Role":                            {"assumerolepolicy"},
		"AWS::Logs::LogGroup":                       {"retentionpolicy"},
	}
}

// keyStems lists stems by which requests name things of a type, where they are no part of the type's name.
func keyStems() map[inventory.Type][]string {
	return map[inventory.Type][]string{"AWS::EC2::EIP": {"allocation"}}
}

// serviceOf returns the service that operations on a target belong to, as in an event's source without ".amazonaws.com".
func serviceOf(t *Target) string {
	service := ""
	for _, n := range t.Names {
		if parts := strings.SplitN(n, ":", 6); len(parts) == 6 && parts[0] == "arn" {
			service = parts[2]
			break
		}
	}
	if parts := strings.Split(string(t.Type), "::"); service == "" && len(parts) == 3 {
		service = strings.ToLower(parts[1])
	}
	switch service {
	case "cloudwatch":
		return "monitoring"
	case "elasticloadbalancingv2":
		return "elasticloadbalancing"
	}
	return service
}
