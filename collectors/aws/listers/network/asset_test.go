package network

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const (
	ec2Prefix  = "arn:aws:ec2:eu-west-1:111122223333:"
	otherOwner = "444455556666"
)

// ec2Answer wraps the inside of an answer of EC2. A token makes it a page that another follows.
func ec2Answer(operation, token, inside string) string {
	if token != "" {
		inside += "<nextToken>" + token + "</nextToken>"
	}
	return "<" + operation + `Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>` + inside + "</" + operation + "Response>"
}

// ec2Tags are tags in an answer of EC2, where set is the element that holds them.
func ec2Tags(set string, pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString("<item><key>" + pairs[i] + "</key><value>" + pairs[i+1] + "</value></item>")
	}
	return "<" + set + ">" + b.String() + "</" + set + ">"
}

func run(t *testing.T, typ inventory.Type, answers listertest.Answers) *listertest.Outcome {
	t.Helper()
	return listertest.Run(t, listertest.Find(t, Listers(), typ), answers)
}

// wholly fails unless everything was read, and holds just the assets with these keys.
func wholly(t *testing.T, o *listertest.Outcome, keys ...string) {
	t.Helper()
	got := make([]string, len(o.Assets))
	for i, a := range o.Assets {
		got[i] = a.Key
	}
	if o.Err != nil || len(o.Unread) > 0 || !slices.Equal(got, keys) {
		t.Fatalf("error %v, unread %v, assets\n%s\nwant\n%s", o.Err, o.Unread, strings.Join(got, "\n"), strings.Join(keys, "\n"))
	}
}

func attributes(t *testing.T, a inventory.Asset, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if v, ok := a.Attributes.Get(name); !ok || string(v) != text {
			t.Errorf("%s: %s is %q, want %s", a.Name, name, v, text)
		}
	}
}

func tagged(t *testing.T, a inventory.Asset, key, value string) {
	t.Helper()
	if tag, ok := a.Tags.Get(key); !ok || tag.Value != value {
		t.Errorf("%s: tag %s is %q, want %q", a.Name, key, tag.Value, value)
	}
}

func untagged(t *testing.T, a inventory.Asset) {
	t.Helper()
	if a.Tags.State() != inventory.Known || a.Tags.Len() != 0 {
		t.Errorf("%s: tags are %s, %d of them; it is known to have none", a.Name, a.Tags.State(), a.Tags.Len())
	}
}

func tagsUnknown(t *testing.T, a inventory.Asset) {
	t.Helper()
	if a.Tags.State() != inventory.Unknown {
		t.Errorf("%s: tags are %s, want unknown", a.Name, a.Tags.State())
	}
}

func identified(t *testing.T, a inventory.Asset, kind inventory.IdentifierKind, value string) {
	t.Helper()
	if !slices.Contains(a.Identifiers, inventory.Identifier{Kind: kind, Value: value}) {
		t.Errorf("%s: no %s %s among %v", a.Name, kind, value, a.Identifiers)
	}
}

func related(t *testing.T, a inventory.Asset, kind inventory.RelationKind, key string) {
	t.Helper()
	if !slices.Contains(a.Relations, inventory.Relation{Kind: kind, Key: key}) {
		t.Errorf("%s: not %s %s: %v", a.Name, kind, key, a.Relations)
	}
}

// secretless fails if any attribute holds a text.
func secretless(t *testing.T, o *listertest.Outcome, secret string) {
	t.Helper()
	for _, a := range o.Assets {
		for attr := range a.Attributes.All() {
			if strings.Contains(string(attr.Value), secret) {
				t.Errorf("%s: %s holds the secret", a.Name, attr.Name)
			}
		}
	}
}

// TestListRefused makes sure of every lister that a listing which is refused is no empty one, and one that breaks off no whole one.
func TestListRefused(t *testing.T) {
	for _, l := range Listers() {
		answers := listertest.Answers{}
		for _, op := range l.Operations {
			answers[op.Name] = listertest.Refuse("AccessDenied")
		}
		if o := listertest.Run(t, &l, answers); o.Err == nil || len(o.Assets) > 0 {
			t.Errorf("%s: %d assets, no error", l.Type, len(o.Assets))
		}
	}
}

func TestSecondPageRefused(t *testing.T) {
	o := run(t, "AWS::EC2::Subnet", listertest.Answers{"DescribeSubnets": func(n int, _ string) listertest.Response {
		if n > 0 {
			return listertest.Response{Code: "UnauthorizedOperation"}
		}
		return listertest.Response{Body: ec2Answer("DescribeSubnets", "more", `<subnetSet><item><subnetId>subnet-1</subnetId></item></subnetSet>`)}
	}})
	if o.Err == nil || len(o.Assets) != 1 {
		t.Errorf("error %v, %d assets", o.Err, len(o.Assets))
	}
}

func TestBatchTagsOfWhatIsGone(t *testing.T) {
	gone := &apiError{"LoadBalancerNotFound"}
	assets := []*inventory.Asset{{Key: "a"}, {Key: "gone"}, {Key: "b"}}
	calls := 0
	read := func(list []*inventory.Asset) (map[string]inventory.Tags, error) {
		calls++
		tags := map[string]inventory.Tags{}
		for _, a := range list {
			if a.Key == "gone" {
				return nil, gone
			}
			tags[a.Key] = inventory.KnownTags()
		}
		return tags, nil
	}
	tags, err := batchTags(assets, read, "LoadBalancerNotFound")
	if _, there := tags["gone"]; err != nil || len(tags) != 2 || there || calls != 4 {
		t.Errorf("tags %v after %d calls, error %v", tags, calls, err)
	}
	if _, err := batchTags(assets, read, "SomethingElse"); !errors.Is(err, gone) {
		t.Errorf("error %v, want it passed on", err)
	}
}

// apiError is what a service answers.
type apiError struct{ code string }

func (e *apiError) Error() string                 { return e.code }
func (e *apiError) ErrorCode() string             { return e.code }
func (e *apiError) ErrorMessage() string          { return "" }
func (e *apiError) ErrorFault() smithy.ErrorFault { return smithy.FaultServer }
