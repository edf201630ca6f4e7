// Package gcptest is a small Google Cloud for tests and measurements: a server on loopback that stands for every API and answers with
// what the test says, in the form that Google's answers have. Everything else of the way is real: the client libraries, their parsers
// and the session's way of calls.
package gcptest

import (
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

// Call is a request.
type Call struct {
	Method  string
	Path    string // as it was sent, escaped
	Query   url.Values
	Service string // "compute.googleapis.com"; empty if the request does not tell
	Body    string
	Header  http.Header
	// Vars are what stands in the place of the names of the pattern: {"project": "acme-prod"}.
	Vars       map[string]string
	Authorized bool // it brought credentials along
	N          int  // how many with that method, service and path came before
}

// Answer is what the server sends.
type Answer struct {
	Status int // 0 is 200
	Body   string
	Header map[string]string // Content-Type is that of JSON unless it is set
	Cut    bool              // closes the connection in the middle of the answer
	Hang   bool              // answers only when the client has gone
}

// Handler answers a call.
type Handler func(Call) Answer

// Server is a small Google Cloud. Its fields are set before it is used.
type Server struct {
	URL string
	// Latency is waited before every answer.
	Latency time.Duration
	// Otherwise answers the calls that no answer was set for; nil answers 404, and fails the test of New.
	Otherwise Handler

	mu      sync.Mutex
	routes  []route
	intrude func(Call) *Answer
	counts  map[string]int
	calls   []Call
	unknown func(Call) // nil where nobody is to be told
}

type route struct {
	method, service string
	path            *regexp.Regexp
	answer          Handler
}

// New starts a server that fails the test when it is asked for what the test has no answer for, unless Otherwise is set.
func New(t testing.TB) *Server {
	s, stop := Start()
	t.Cleanup(stop)
	s.unknown = func(c Call) {
		t.Errorf("the test has no answer to %s %s%s?%s", c.Method, c.Service, c.Path, c.Query.Encode())
	}
	return s
}

// Start is New for programs; stop ends the server.
func Start() (s *Server, stop func()) {
	s = &Server{counts: map[string]int{}}
	h := httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = h.URL
	return s, h.Close
}

// On sets the answer to a method and a path, the latest that matches:
//
//	"GET /compute/v1/projects/{project}/aggregated/instances"
//	"GET cloudasset.googleapis.com/v1/{root...}:searchAllResources"
//
// {name} stands for a part without "/" and ":", {name...} for several parts. A pattern without a host matches every service. The pattern
// is the test's own: it panics if it is none.
func (s *Server) On(pattern string, answer Handler) {
	method, rest, ok := strings.Cut(pattern, " ")
	slash := strings.IndexByte(rest, '/')
	if !ok || slash < 0 {
		panic("gcptest: " + pattern + ` is no pattern, as "GET /v1/projects/{project}"`)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.routes = append(s.routes, route{method, rest[:slash], expression(rest[slash:]), answer})
}

var variable = regexp.MustCompile(`\{([a-zA-Z]+)(\.\.\.)?\}`)

// expression makes one that matches the paths of a pattern.
func expression(path string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("^")
	at := 0
	for _, m := range variable.FindAllStringSubmatchIndex(path, -1) {
		b.WriteString(regexp.QuoteMeta(path[at:m[0]]))
		match := "[^/:]+"
		if m[4] >= 0 {
			match = ".+"
		}
		b.WriteString("(?P<" + path[m[2]:m[3]] + ">" + match + ")")
		at = m[1]
	}
	b.WriteString(regexp.QuoteMeta(path[at:]) + "$")
	return regexp.MustCompile(b.String())
}

// Intrude sets what is asked before every answer; it lets a call through by returning nil.
func (s *Server) Intrude(f func(Call) *Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intrude = f
}

// Calls lists the calls so far, in the order in which they came, and forgets them.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls, s.counts = nil, map[string]int{}
	return calls
}

// Paths lists the different methods and paths among calls, sorted: "GET /v3/projects:search".
func Paths(calls []Call) []string {
	var list []string
	for _, c := range calls {
		list = append(list, c.Method+" "+c.Path)
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
			send(w, r, *a)
			return
		}
	}
	switch {
	case answer != nil:
		send(w, r, answer(c))
	case s.Otherwise != nil:
		send(w, r, s.Otherwise(c))
	default:
		if s.unknown != nil {
			s.unknown(c)
		}
		send(w, r, NoMethod())
	}
}

// note numbers and remembers a call, and returns what answers it.
func (s *Server) note(c Call) (_ Call, answer Handler, intrude func(Call) *Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := c.Method + " " + c.Service + c.Path
	c.N = s.counts[key]
	s.counts[key]++
	for _, r := range slices.Backward(s.routes) {
		m := r.path.FindStringSubmatch(c.Path)
		if m == nil || r.method != c.Method || r.service != "" && r.service != c.Service {
			continue
		}
		for i, name := range r.path.SubexpNames() {
			if name != "" {
				c.Vars[name], _ = url.PathUnescape(m[i]) // it came as a path
			}
		}
		answer = r.answer
		break
	}
	s.calls = append(s.calls, c)
	return c, answer, s.intrude
}

func callOf(r *http.Request, body string) Call {
	c := Call{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Body: body, Header: r.Header, Vars: map[string]string{},
		Authorized: r.Header.Get("Authorization") != "",
	}
	if strings.HasSuffix(r.Host, ".googleapis.com") { // a session names the service it means
		c.Service = r.Host
	}
	return c
}

func send(w http.ResponseWriter, r *http.Request, a Answer) {
	if a.Hang {
		<-r.Context().Done()
		return
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	if a.Cut {
		w.Header().Set("Content-Length", "1000000")
	}
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Body)
	if a.Cut {
		_ = http.NewResponseController(w).Flush() // the client may have gone
		panic(http.ErrAbortHandler)
	}
}
