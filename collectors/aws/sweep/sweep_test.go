package sweep

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// answer is what a service sends to the n-th call of an operation: a body, or an error with a code or of the network.
type answer func(n int, request string) reply

type reply struct {
	status  int
	body    string
	code    string
	failure error
}

func bodies(list ...string) answer {
	return func(n int, _ string) reply { return reply{body: list[min(n, len(list)-1)]} }
}

func refuse(code string) answer {
	return func(int, string) reply { return reply{status: http.StatusForbidden, code: code} }
}

// services answers by operation, and remembers what it was asked: "region operation body".
type services struct {
	answers map[string]answer
	mu      sync.Mutex
	calls   map[string]int
	asked   []string
}

func (s *services) RoundTrip(r *http.Request) (*http.Response, error) {
	op := awsmiddleware.GetOperationName(r.Context())
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	n := s.calls[op]
	s.calls[op]++
	s.asked = append(s.asked, awsmiddleware.GetRegion(r.Context())+" "+op+" "+string(body))
	s.mu.Unlock()
	if s.answers[op] == nil {
		return nil, fmt.Errorf("the test has no answer to %s", op)
	}
	a := s.answers[op](n, string(body))
	if a.failure != nil {
		return nil, a.failure
	}
	out := &http.Response{StatusCode: max(a.status, http.StatusOK), Header: http.Header{}, Request: r}
	if a.code != "" {
		out.Header.Set("X-Amzn-ErrorType", a.code)
		a.body = `{"message":"refused"}`
	}
	out.Body = io.NopCloser(strings.NewReader(a.body))
	return out, nil
}

// receiver is an Out that keeps what it is given, and returns an error where a test wants it to.
type receiver struct {
	assets []inventory.Asset
	unread []error
	full   error // of Asset
	over   error // of Unread
}

func (r *receiver) Asset(a inventory.Asset) error {
	r.assets = append(r.assets, a)
	return r.full
}

func (r *receiver) Unread(_ string, err error) error {
	if err == nil {
		return nil
	}
	r.unread = append(r.unread, err)
	return r.over
}

func (r *receiver) asset(t *testing.T, key string) inventory.Asset {
	t.Helper()
	i := slices.IndexFunc(r.assets, func(a inventory.Asset) bool { return a.Key == key })
	if i < 0 {
		t.Fatalf("no asset %s among %s", key, r.keys())
	}
	return r.assets[i]
}

func (r *receiver) keys() []string {
	var list []string
	for _, a := range r.assets {
		list = append(list, a.Key)
	}
	return list
}

func nativeListers() []lister.Lister {
	return []lister.Lister{
		{Type: "AWS::EC2::Instance", ARNs: []string{"ec2:instance/*"}},
		{Type: "AWS::EC2::Snapshot", ARNs: []string{"ec2:snapshot/*"}},
		{Type: "AWS::SQS::Queue", ARNs: []string{"sqs:queue-*"}},
		{Type: "AWS::RDS::DBInstance", Also: []inventory.Type{"AWS::Neptune::DBInstance"}, ARNs: []string{"rds:db:*"}},
	}
}

func loaded(t testing.TB) *catalog.Catalog {
	t.Helper()
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// sweepOf runs the sweep of a region; out may be nil.
func sweepOf(t *testing.T, region string, answers map[string]answer, out *receiver) (*receiver, *services, error) {
	t.Helper()
	if out == nil {
		out = &receiver{}
	}
	wire := &services{answers: answers, calls: map[string]int{}}
	l := Lister(nativeListers(), loaded(t))
	target := listertest.Target(&l, wire)
	target.Region, target.Config.Region = region, region
	err := l.List(t.Context(), target, out)
	for _, asked := range wire.asked {
		op := strings.Fields(asked)[1]
		if !slices.ContainsFunc(l.Operations, func(o lister.Operation) bool { return o.Name == op }) {
			t.Errorf("called %s, which its operations do not hold", op)
		}
	}
	return out, wire, err
}

func tagged(token string, arns ...string) string {
	var list []string
	for _, a := range arns {
		list = append(list, fmt.Sprintf(`{"ResourceARN":%q,"Tags":[{"Key":"owner","Value":"payments"}]}`, a))
	}
	return fmt.Sprintf(`{"PaginationToken":%q,"ResourceTagMappingList":[%s]}`, token, strings.Join(list, ","))
}

func listed(token string, arns ...string) string {
	var list []string
	for _, a := range arns {
		list = append(list, fmt.Sprintf(`{"Arn":%q,"OwningAccountId":"111122223333","Properties":[]}`, a))
	}
	if token != "" {
		token = fmt.Sprintf(`"NextToken":%q,`, token)
	}
	return fmt.Sprintf(`{%s"Resources":[%s]}`, token, strings.Join(list, ","))
}

const (
	localIndex      = `{"Arn":"arn:aws:resource-explorer-2:eu-west-1:111122223333:index/a","State":"ACTIVE","Type":"LOCAL"}`
	replicatedIndex = `{"State":"ACTIVE","Type":"LOCAL","ReplicatingTo":["us-west-2"]}`
	wholeIndex      = `{"State":"UPDATING","Type":"AGGREGATOR","ReplicatingFrom":["us-west-2"]}`
	someView        = `{"ViewArn":"arn:aws:resource-explorer-2:eu-west-1:111122223333:view/all/b"}`

	ledger = "arn:aws:qldb:eu-west-1:111122223333:ledger/books"
	app    = "arn:aws:amplify:eu-west-1:111122223333:apps/d1abc"
	branch = "arn:aws:amplify:eu-west-1:111122223333:apps/d1abc/branches/main"
)

func noIndex() answer { return refuse("ResourceNotFoundException") }

func TestTaggedPages(t *testing.T) {
	out, wire, err := sweepOf(t, "eu-west-1", map[string]answer{
		"GetResources": bodies(
			tagged("more", ledger, "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"),
			tagged("", ledger, app, "arn:aws:qldb:eu-central-1:111122223333:ledger/other"),
		),
		"GetIndex": noIndex(),
	}, nil)
	if err != nil || len(out.unread) != 0 || !slices.Equal(out.keys(), []string{ledger, app}) {
		t.Fatalf("error %v, unread %v, assets %s", err, out.unread, out.keys())
	}
	if len(wire.asked) != 3 || !strings.Contains(wire.asked[1], `"PaginationToken":"more"`) || !strings.Contains(wire.asked[0], `"ResourcesPerPage":100`) {
		t.Errorf("asked %q", wire.asked)
	}
	a := out.assets[0]
	if a.Type != "AWS::QLDB::Ledger" || a.Name != "books" || a.Region != "eu-west-1" || !a.Shallow || a.Attributes.IsKnown() ||
		a.Origin.Call != "tag:GetResources" || !slices.Equal(a.Identifiers, []inventory.Identifier{{Kind: inventory.ARN, Value: ledger}}) {
		t.Errorf("asset %+v", a)
	}
	if tag, _ := a.Tags.Get("owner"); tag.Value != "payments" {
		t.Errorf("tags %v", a.Tags)
	}
}

// What once bore tags is returned with none: it is known to have none.
func TestPreviouslyTagged(t *testing.T) {
	out, _, err := sweepOf(t, "eu-west-1", map[string]answer{
		"GetResources": bodies(`{"ResourceTagMappingList":[{"ResourceARN":"` + ledger + `","Tags":[]}]}`),
		"GetIndex":     noIndex(),
	}, nil)
	if got := out.asset(t, ledger).Tags; err != nil || got.State() != inventory.Known || got.Len() != 0 {
		t.Errorf("error %v, tags %s %v", err, got.State(), got)
	}
}

// Tags that were seen are believed before the catalog, which does not know that the type can have any.
func TestTagsOfAnUntaggableType(t *testing.T) {
	const webhook = "arn:aws:codepipeline:eu-west-1:111122223333:webhook:deploy"
	out, _, err := sweepOf(t, "eu-west-1", map[string]answer{"GetResources": bodies(tagged("", webhook)), "GetIndex": noIndex()}, nil)
	if got := out.asset(t, webhook).Tags; err != nil || got.State() != inventory.Known || got.Len() != 1 {
		t.Errorf("error %v, tags %s %v", err, got.State(), got)
	}
}

func TestNativesAreLeftAlone(t *testing.T) {
	out, _, err := sweepOf(t, "eu-west-1", map[string]answer{
		"GetResources": bodies(tagged("",
			"arn:aws:sqs:eu-west-1:111122223333:queue-a",          // by its pattern
			"arn:aws:sqs:eu-west-1:111122223333:orders",           // by its type
			"arn:aws:ec2:eu-west-1::snapshot/snap-1",              // a type that CloudFormation does not have
			"arn:aws:rds:eu-west-1:111122223333:db:main",          // of two types
			"arn:aws:rds:eu-west-1:111122223333:cluster:aurora")), // neither
		"GetIndex":       bodies(localIndex),
		"GetDefaultView": bodies(someView),
		"ListResources":  bodies(listed("", "arn:aws:sqs:eu-west-1:111122223333:payments", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1")),
	}, nil)
	if err != nil || !slices.Equal(out.keys(), []string{"arn:aws:rds:eu-west-1:111122223333:cluster:aurora"}) {
		t.Errorf("error %v, assets %s", err, out.keys())
	}
}

func TestRepeatedToken(t *testing.T) {
	out, _, err := sweepOf(t, "eu-west-1", map[string]answer{
		"GetResources":   bodies(tagged("again", ledger)),
		"GetIndex":       bodies(localIndex),
		"GetDefaultView": bodies(someView),
		"ListResources":  bodies(listed("again", app)),
	}, nil)
	if err != nil || len(out.unread) != 2 || !slices.Equal(out.keys(), []string{ledger, app}) {
		t.Fatalf("error %v, unread %v, assets %s", err, out.unread, out.keys())
	}
	for _, why := range out.unread {
		if !errors.Is(why, lister.ErrRepeatedPage) {
			t.Errorf("told %v", why)
		}
	}
}

func TestTaggingRefused(t *testing.T) {
	out, _, err := sweepOf(t, "eu-west-1", map[string]answer{
		"GetResources":   refuse("AccessDeniedException"),
		"GetIndex":       bodies(localIndex),
		"GetDefaultView": bodies(someView),
		"ListResources":  bodies(listed("", ledger)),
	}, nil)
	if err != nil || len(out.unread) != 1 || len(out.assets) != 1 {
		t.Fatalf("error %v, unread %v, assets %s", err, out.unread, out.keys())
	}
	if got := out.assets[0].Tags.State(); got != inventory.Unknown {
		t.Errorf("tags are %s", got)
	}
}

// What the first page held is not lost by the second, nor by what Resource Explorer says of the same thing.
func TestTaggingBreaksOff(t *testing.T) {
	out, _, err := sweepOf(t, "eu-west-1", map[string]answer{
		"GetResources": func(n int, _ string) reply {
			return []reply{{body: tagged("more", ledger)}, {status: http.StatusBadRequest, code: "PaginationTokenExpiredException"}}[n]
		},
		"GetIndex":       bodies(localIndex),
		"GetDefaultView": bodies(someView),
		"ListResources":  bodies(listed("", ledger, app)),
	}, nil)
	if err != nil || len(out.unread) != 1 || !slices.Equal(out.keys(), []string{ledger, app}) {
		t.Fatalf("error %v, unread %v, assets %s", err, out.unread, out.keys())
	}
	if out.asset(t, ledger).Tags.State() != inventory.Known || out.asset(t, app).Tags.State() != inventory.Unknown {
		t.Errorf("assets %+v", out.assets)
	}
}

func TestReceiverStops(t *testing.T) {
	full, over := errors.New("full"), errors.New("over")
	answers := map[string]answer{"GetResources": bodies(tagged("", ledger, app)), "GetIndex": noIndex()}
	out, wire, err := sweepOf(t, "eu-west-1", answers, &receiver{full: full})
	if !errors.Is(err, full) || len(out.assets) != 1 || len(out.unread) != 0 || len(wire.asked) != 1 {
		t.Errorf("error %v, unread %v, assets %s, asked %q", err, out.unread, out.keys(), wire.asked)
	}
	answers["GetResources"] = refuse("ThrottlingException")
	out, wire, err = sweepOf(t, "eu-west-1", answers, &receiver{over: over})
	if !errors.Is(err, over) || len(out.unread) != 1 || len(wire.asked) != 1 {
		t.Errorf("error %v, unread %v, asked %q", err, out.unread, wire.asked)
	}
	answers["GetResources"] = bodies(tagged("", "no arn", app))
	out, _, err = sweepOf(t, "eu-west-1", answers, &receiver{over: over})
	if !errors.Is(err, over) || len(out.unread) != 1 || len(out.assets) != 0 {
		t.Errorf("error %v, unread %v, assets %s", err, out.unread, out.keys())
	}
	out, _, err = sweepOf(t, "eu-west-1", answers, nil)
	if err != nil || len(out.unread) != 1 || !slices.Equal(out.keys(), []string{app}) {
		t.Errorf("error %v, unread %v, assets %s", err, out.unread, out.keys())
	}
}

// Making the lister must cost nothing: it is made for every command.
func TestListerIsLazy(t *testing.T) {
	l := Lister(nativeListers(), nil)
	if l.Type != "AWS::*" || l.Place != lister.Regional || l.Operations[0].Action != "tag:GetResources" {
		t.Errorf("lister %+v", l)
	}
	if n := testing.AllocsPerRun(10, func() { Lister(nil, nil) }); n > 20 {
		t.Errorf("%v allocations", n)
	}
}
