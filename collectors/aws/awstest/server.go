// Package awstest is a small AWS for tests and measurements: a server on loopback that tells by a request which account, region,
// service and operation it is for, and answers with what the test says. Everything else of the way is real: the SDK's clients,
// signatures, retries and parsers.
package awstest

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Account is the one of the credentials that Use sets.
const Account = "111122223333"

// Call is a request.
type Call struct {
	Account, Region string
	Service         string // as in the signature: "ec2"
	Operation       string // "DescribeInstances"; for REST protocols method and path: "GET /"
	Body            string // of the request, or its query
	Protocol        string // "query", "json", "cbor" or "rest"
	N               int    // how many of this operation came before, in this account and region
	Again           bool   // the client tries once more what went wrong before
}

// Answer is what the server sends.
type Answer struct {
	Status int // 0 is 200
	Body   string
	Code   string // makes an error of the service's protocol
	Cut    bool   // closes the connection without an answer
	Hang   bool   // answers only when the client has gone
}

// Server is a small AWS. Its fields are set before it is used.
type Server struct {
	URL string
	// Latency is waited before every answer.
	Latency time.Duration
	// Regions are those that are enabled; nil is us-east-1 and eu-west-1.
	Regions []string
	// Otherwise answers the operations that no answer was set for; nil fails them.
	Otherwise func(Call) Answer

	mu      sync.Mutex
	answers map[string]func(Call) Answer
	intrude func(Call) *Answer
	next    http.Handler // answers what the test has no answer for; nil if nobody does
	counts  map[Call]int
	calls   []Call
}

// New starts a server that knows who its callers are and which regions there are.
func New(t testing.TB) *Server {
	s, stop := Start()
	t.Cleanup(stop)
	return s
}

// Start is New for programs; stop ends the server.
func Start() (s *Server, stop func()) {
	s, stop = start()
	s.On("sts:GetCallerIdentity", func(c Call) Answer {
		return Answer{Body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
			`<Arn>arn:aws:iam::` + c.Account + `:user/test</Arn><Account>` + c.Account + `</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`}
	})
	s.On("sts:AssumeRole", assumeRole)
	s.On("ec2:DescribeRegions", s.describeRegions)
	return s, stop
}

// Before starts a server that stands before another one: it hands on what the test has no answer for.
func Before(t testing.TB, next http.Handler) *Server {
	s, stop := start()
	t.Cleanup(stop)
	s.next = next
	return s
}

func start() (s *Server, stop func()) {
	s = &Server{answers: map[string]func(Call) Answer{}, counts: map[Call]int{}}
	h := httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = h.URL
	return s, h.Close
}

// Use points the SDK's default chain of this test at the server.
func (s *Server) Use(t testing.TB) {
	for name, value := range s.Environment() {
		t.Setenv(name, value)
	}
}

// Environment are the variables that point the SDK's default chain at the server.
func (s *Server) Environment() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL": s.URL, "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "AKIA" + Account, "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_CA_BUNDLE": "",
		"AWS_EC2_METADATA_DISABLED": "true",
	}
}

// On sets the answer to an operation: "ec2:DescribeInstances".
func (s *Server) On(operation string, answer func(Call) Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[operation] = answer
}

// Pages answers an operation in every region with one body after the other by the page token that the body before holds.
func Pages(bodies ...string) func(Call) Answer {
	return func(c Call) Answer {
		for i := range bodies {
			if i > 0 && strings.Contains(c.Body, PageToken(i)) {
				return Answer{Body: bodies[i]}
			}
		}
		return Answer{Body: bodies[0]}
	}
}

// PageToken is the token by which Pages knows the page with an index.
func PageToken(index int) string { return fmt.Sprintf("page-token-%d-end", index) }

// Intrude sets what is asked before every answer; it lets a call through by returning nil.
func (s *Server) Intrude(f func(Call) *Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intrude = f
}

// Calls lists the calls so far, and forgets them.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls, s.counts = nil, map[Call]int{}
	return calls
}

// Operations lists the different operations among calls, sorted: "ec2:DescribeInstances".
func Operations(calls []Call) []string {
	var list []string
	for _, c := range calls {
		list = append(list, c.Service+":"+c.Operation)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	c, answer, intrude := s.note(callOf(r, string(body)))
	if s.Latency > 0 {
		time.Sleep(s.Latency)
	}
	if intrude != nil {
		if a := intrude(c); a != nil {
			send(w, r, c, *a)
			return
		}
	}
	switch {
	case answer != nil:
		send(w, r, c, answer(c))
	case s.next != nil:
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.next.ServeHTTP(w, r)
	case s.Otherwise != nil:
		send(w, r, c, s.Otherwise(c))
	default:
		send(w, r, c, Answer{Status: http.StatusNotFound, Code: "NotInThisTest"})
	}
}

// note numbers and remembers a call, and returns what answers it.
func (s *Server) note(c Call) (_ Call, answer func(Call) Answer, intrude func(Call) *Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := Call{Account: c.Account, Region: c.Region, Service: c.Service, Operation: c.Operation}
	c.N = s.counts[key]
	s.counts[key]++
	s.calls = append(s.calls, c)
	return c, s.answers[c.Service+":"+c.Operation], s.intrude
}

// credential takes a signature apart. Only the keys of this package name an account.
var credential = regexp.MustCompile(`Credential=(?:[A-Z]{4}([0-9]{12})|[^/]*)/[0-9]+/([a-z0-9-]+)/([a-z0-9-]+)/`)

func callOf(r *http.Request, body string) Call {
	c := Call{Body: body, Again: !strings.HasPrefix(r.Header.Get("Amz-Sdk-Request"), "attempt=1")}
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		c.Account, c.Region, c.Service = m[1], m[2], m[3]
	}
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		c.Protocol = "json"
		_, c.Operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		c.Protocol = "query"
		form, _ := url.ParseQuery(body)
		c.Operation = form.Get("Action")
	case strings.Contains(r.URL.Path, "/operation/"):
		c.Protocol = "cbor"
		c.Operation = r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	default:
		c.Protocol = "rest"
		c.Operation = r.Method + " " + r.URL.Path
		c.Body = r.URL.RawQuery
	}
	return c
}

func send(w http.ResponseWriter, r *http.Request, c Call, a Answer) {
	switch {
	case a.Hang:
		<-r.Context().Done()
		return
	case a.Cut:
		panic(http.ErrAbortHandler)
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
		if a.Code != "" {
			a.Status = http.StatusBadRequest
		}
	}
	if a.Code != "" {
		w.Header().Set("X-Amzn-ErrorType", a.Code)
		a.Body = failure(r, c, a.Code)
	}
	if c.Protocol == "cbor" {
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	}
	if c.Service == "dynamodb" {
		w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(a.Body))))
	}
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Body)
}

// failure is the body of an error in the protocol of a request.
func failure(r *http.Request, c Call, code string) string {
	switch {
	case c.Service == "ec2":
		return "<Response><Errors><Error><Code>" + code + "</Code><Message>said the test</Message></Error></Errors></Response>"
	case c.Service == "s3":
		return "<Error><Code>" + code + "</Code><Message>said the test</Message></Error>"
	case strings.Contains(r.Header.Get("Content-Type"), "urlencoded"), c.Service == "route53", c.Service == "cloudfront":
		return "<ErrorResponse><Error><Code>" + code + "</Code><Message>said the test</Message></Error></ErrorResponse>"
	}
	return `{"__type":"` + code + `","message":"said the test"}`
}

// Nothing is the answer of a service that has nothing, in the protocol of the call.
func Nothing(c Call) Answer {
	switch {
	case c.Service == "ec2":
		return Answer{Body: "<" + c.Operation + "Response/>"}
	case c.Protocol == "query":
		return Answer{Body: "<" + c.Operation + "Response><" + c.Operation + "Result/></" + c.Operation + "Response>"}
	case c.Protocol == "cbor":
		return Answer{Body: "\xa0"}
	case c.Service == "s3", c.Service == "route53", c.Service == "cloudfront":
		return Answer{Body: "<Nothing/>"}
	}
	return Answer{Body: "{}"}
}

// assumeRole gives credentials of the account in the role's ARN.
func assumeRole(c Call) Answer {
	form, _ := url.ParseQuery(c.Body)
	arn := strings.Split(form.Get("RoleArn"), ":")
	if len(arn) < 6 || strings.HasSuffix(form.Get("RoleArn"), "/Refused") {
		return Answer{Status: http.StatusForbidden, Code: "AccessDenied"}
	}
	return Answer{Body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>` +
		`<AccessKeyId>ASIA` + arn[4] + `</AccessKeyId><SecretAccessKey>test</SecretAccessKey><SessionToken>test</SessionToken>` +
		`<Expiration>` + time.Now().Add(time.Hour).UTC().Format(time.RFC3339) + `</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`}
}

func (s *Server) describeRegions(Call) Answer {
	regions := s.Regions
	if regions == nil {
		regions = []string{"us-east-1", "eu-west-1"}
	}
	var b strings.Builder
	b.WriteString(`<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><regionInfo>`)
	for _, r := range regions {
		b.WriteString("<item><regionName>" + r + "</regionName><optInStatus>opt-in-not-required</optInStatus></item>")
	}
	b.WriteString("<item><regionName>ap-east-1</regionName><optInStatus>not-opted-in</optInStatus></item></regionInfo></DescribeRegionsResponse>")
	return Answer{Body: b.String()}
}
