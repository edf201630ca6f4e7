//go:build e2e

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/awstest"
	"github.com/muster-audit/muster/report"
)

// before starts a server that stands before a moto server. It shrinks pages to a single thing, where moto has pages.
func before(t *testing.T, moto string) *awstest.Server {
	t.Helper()
	to, err := url.Parse(moto)
	if err != nil {
		t.Fatal(err)
	}
	return awstest.Before(t, shrink(httputil.NewSingleHostReverseProxy(to)))
}

var pageSize = regexp.MustCompile(`(Action=DescribeInstances&.*?MaxResults=|Action=DescribeDBInstances&.*?MaxRecords=|^\{"Limit":)[0-9]+`)

func shrink(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		body = pageSize.ReplaceAll(body, []byte("${1}1"))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
		next.ServeHTTP(w, r)
	})
}

// attack is a set of operations that fail from their call with a number on, counted from 0, and the types whose scopes are then
// not read whole.
type attack struct {
	name       string
	operations []string // patterns of "service:operation", with the query for REST
	from       int
	types      []string
	spared     map[string]bool // types with faults that do not keep them from being read
}

func attacks() []attack {
	return []attack{
		{
			name: "first page",
			operations: []string{
				`ec2:DescribeInstances`, `rds:DescribeDBInstances`, `dynamodb:ListTables`, `iam:GetAccountAuthorizationDetails`,
				`s3:GET /\?.*`, `lambda:GET /2015-03-31/functions/?\?.*`, `sqs:ListQueues`, `elasticloadbalancing:DescribeLoadBalancers`,
			},
			types: []string{
				"AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::DynamoDB::Table", "AWS::IAM::Role",
				"AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::ElasticLoadBalancingV2::LoadBalancer",
			},
		},
		{
			name: "second page", from: 1,
			operations: []string{`ec2:DescribeInstances`, `rds:DescribeDBInstances`, `dynamodb:ListTables`},
			types:      []string{"AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::DynamoDB::Table"},
		},
		{
			name:       "tags",
			operations: []string{`tagging:GetResources`, `s3:GET /[^?]+\?tagging.*`, `elasticloadbalancing:DescribeTags`},
			types: []string{
				"AWS::S3::Bucket", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::Lambda::Function",
			},
			// where the tagging API may not be asked, each thing is, and its own call is let through
			spared: map[string]bool{"AWS::SQS::Queue denied": true, "AWS::DynamoDB::Table denied": true, "AWS::Lambda::Function denied": true},
		},
	}
}

func (a *attack) intrude(answer awstest.Answer) func(awstest.Call) *awstest.Answer {
	pattern := regexp.MustCompile(`^(` + strings.Join(a.operations, "|") + `)$`)
	return func(c awstest.Call) *awstest.Answer {
		what := c.Service + ":" + c.Operation
		if strings.Contains(c.Operation, " ") {
			what += "?" + c.Body
		}
		if c.N < a.from || !pattern.MatchString(what) {
			return nil
		}
		return &answer
	}
}

const faultConfig = `sources:
  - name: aws
    collector: aws
    regions: [us-east-1]
    sweep: false
    types: ["AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::DynamoDB::Table", "AWS::IAM::Role", "AWS::S3::Bucket",
      "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::ElasticLoadBalancingV2::LoadBalancer"]
policy: [policy.yaml]
gate: {fail_on: never}
`

// TestMotoFaults lets operations fail between two clean nights. Nothing ends, nothing changes, nothing is called untagged that had its
// tag, the scopes that failed and no others are named, and the clean night after is as the one before.
func TestMotoFaults(t *testing.T) {
	t.Parallel()
	moto := moto(t)
	seeded := seed(t, moto, "us-east-1")
	for name, answer := range map[string]awstest.Answer{
		"denied":    {Status: http.StatusForbidden, Code: "AccessDenied"},
		"throttled": {Status: http.StatusBadRequest, Code: "ThrottlingException"},
		"broken":    {Status: http.StatusInternalServerError, Body: "<html>oops</html>"},
		"cut":       {Cut: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := before(t, moto)
			n := nights{site: newSite(t, s.URL, faultConfig), server: s, seeded: seeded}
			n.write("policy.yaml", unreadPolicy)
			n.clean()
			for _, a := range attacks() {
				n.faulty(name, &a, answer)
				n.clean()
			}
		})
	}
}

// nights are one scan after the other of one site.
type nights struct {
	*site
	server *awstest.Server
	seeded map[string]seeded
	last   int
	first  map[string]bool // keys of the findings of the first night
}

// clean scans without faults: all is as in the first night.
func (n *nights) clean() {
	n.t.Helper()
	n.server.Calls()
	n.last++
	n.run([]int{0}, "scan")
	found := n.found(0)
	if n.last == 1 {
		n.first = found
		if len(found) < 6 {
			n.t.Fatalf("findings %v", found)
		}
		return
	}
	if all := n.differences("1", strconv.Itoa(n.last)); len(all) > 0 {
		n.t.Errorf("the clean scan %d differs from the first: %v", n.last, all)
	}
	if !maps.Equal(found, n.first) {
		n.t.Errorf("findings of the clean scan %d: %v, want %v", n.last, found, n.first)
	}
}

// faulty scans with a fault.
func (n *nights) faulty(fault string, a *attack, answer awstest.Answer) {
	n.t.Helper()
	n.server.Calls()
	n.server.Intrude(a.intrude(answer))
	n.last++
	out := n.run([]int{3}, "scan", "--verbose")
	n.server.Intrude(nil)
	var want []string
	for _, typ := range a.types {
		if !a.spared[typ+" "+fault] {
			want = append(want, typ)
		}
	}
	if got := n.unread(out); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		n.t.Errorf("%s: not read whole are %v, want %v\n%s", a.name, got, want, out)
	}
	if all := n.differences(strconv.Itoa(n.last-1), strconv.Itoa(n.last)); len(all) > 0 {
		n.t.Errorf("%s: %v changed", a.name, all)
	}
	for key := range n.found(3) {
		if !n.first[key] || len(n.seeded[key].Tags) > 0 {
			n.t.Errorf("%s: %s is called untagged", a.name, key)
		}
	}
}

// unread lists the types whose scopes were not read whole. What was printed has to name each.
func (n *nights) unread(out string) []string {
	n.t.Helper()
	var types []string
	for _, r := range rows[struct{ Scope, State, Error string }](n.site, "query", "SELECT scope, state, error FROM scope_runs_now WHERE state <> 'ok' ORDER BY scope") {
		types = append(types, r.Scope[strings.LastIndex(r.Scope, "/")+1:])
		if !strings.Contains(out, r.Scope+": "+r.State+": "+r.Error) || r.Error == "" {
			n.t.Errorf("scope %s, %s for %q, is not named in\n%s", r.Scope, r.State, r.Error, out)
		}
	}
	slices.Sort(types)
	return types
}

// found checks the last scan, and returns the keys of what lacks its tag. Only in the first night is a finding new, and none is ever resolved.
func (n *nights) found(code int) map[string]bool {
	n.t.Helper()
	out, _ := n.streams([]int{code}, "check", "--format", "json")
	var r report.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		n.t.Fatal(err)
	}
	if r.Summary.Resolved > 0 || r.Summary.New > 0 && n.last > 1 || r.Scan.Complete != (code == 0) {
		n.t.Errorf("scan %d: %d findings new, %d resolved, complete %v", n.last, r.Summary.New, r.Summary.Resolved, r.Scan.Complete)
	}
	keys := map[string]bool{}
	for _, f := range r.Findings {
		keys[f.Asset.Key] = true
	}
	return keys
}
