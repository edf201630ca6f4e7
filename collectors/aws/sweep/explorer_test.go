package sweep

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func TestExplorer(t *testing.T) {
	const named, bare, broken, untaggable = ledger, app, branch, "arn:aws:codepipeline:eu-west-1:111122223333:webhook:deploy"
	out, wire, err := sweepOf(t, "eu-west-1", map[string]answer{
		"GetResources":   bodies(tagged("", "arn:aws:qldb:eu-west-1:111122223333:stream/books/s1")),
		"GetIndex":       bodies(localIndex),
		"GetDefaultView": bodies(someView),
		"ListResources": bodies(
			`{"NextToken":"more","Resources":[
				{"Arn":"arn:aws:qldb:eu-west-1:111122223333:stream/books/s1"},
				{"Arn":"`+named+`","Properties":[{"Name":"tags","Data":[{"Key":"owner","Value":"risk"},{"Key":"odd"}]}]}]}`,
			`{"Resources":[
				{"Arn":"`+bare+`","Properties":[{"Name":"other","Data":{"a":1}}]},
				{"Arn":"`+broken+`","Properties":[{"Name":"tags","Data":[{"Name":"owner"}]}]},
				{"Arn":"`+untaggable+`","Properties":[]},
				{"Arn":"arn:aws:apigateway:eu-west-1::/restapis/abc","OwningAccountId":"444455556666"}]}`,
		),
	}, nil)
	if err != nil || len(out.unread) != 0 || len(out.assets) != 5 {
		t.Fatalf("error %v, unread %v, assets %s", err, out.unread, out.keys())
	}
	if tag, _ := out.assets[0].Tags.Get("owner"); tag.Value != "payments" {
		t.Errorf("the tagging API's tags are gone: %v", out.assets[0].Tags)
	}
	a := out.asset(t, named)
	owner, _ := a.Tags.Get("owner")
	odd, _ := a.Tags.Get("odd")
	if owner.Value != "risk" || !odd.ValueUnknown || a.Origin.Call != "resource-explorer-2:Search" || !a.Shallow {
		t.Errorf("asset %+v", a)
	}
	for key, want := range map[string]inventory.Knowledge{bare: inventory.Unknown, broken: inventory.Unknown, untaggable: inventory.NotApplicable} {
		if got := out.asset(t, key).Tags.State(); got != want {
			t.Errorf("%s: tags are %s, want %s", key, got, want)
		}
	}
	first := wire.asked[3]
	if !strings.Contains(first, `"MaxResults":999`) || strings.Contains(first, "Filters") || !strings.Contains(wire.asked[4], `"NextToken":"more"`) {
		t.Errorf("asked %q", wire.asked)
	}
}

func TestNoIndex(t *testing.T) {
	for name, index := range map[string]answer{
		"none":        noIndex(),
		"being made":  bodies(`{"State":"CREATING","Type":"LOCAL"}`),
		"not offered": func(int, string) reply { return reply{failure: &net.DNSError{Err: "no such host", IsNotFound: true}} },
	} {
		out, asked, err := sweepOf(t, "eu-west-1", map[string]answer{"GetResources": bodies(tagged("", ledger)), "GetIndex": index}, nil)
		if err != nil || len(out.unread) != 0 || len(out.assets) != 1 || len(asked.asked) != 2 {
			t.Errorf("%s: error %v, unread %v, assets %s, asked %q", name, err, out.unread, out.keys(), asked.asked)
		}
	}
}

// A view that nobody made is no permission that somebody forgot.
func TestNoView(t *testing.T) {
	for name, none := range map[string]answer{"empty": bodies(`{}`), "not found": refuse("ResourceNotFoundException")} {
		for _, index := range []string{localIndex, replicatedIndex} {
			out, _, err := sweepOf(t, "eu-west-1", map[string]answer{
				"GetResources": bodies(tagged("", ledger)), "GetIndex": bodies(index), "GetDefaultView": none,
			}, nil)
			if err != nil || len(out.unread) != 0 || len(out.assets) != 1 {
				t.Errorf("%s: error %v, unread %v, assets %s", name, err, out.unread, out.keys())
			}
		}
	}
}

func TestExplorerRefused(t *testing.T) {
	all := func() map[string]answer {
		return map[string]answer{
			"GetResources": bodies(tagged("", ledger)), "GetIndex": bodies(replicatedIndex),
			"GetDefaultView": bodies(`{}`, someView), "ListResources": bodies(listed("", app)),
		}
	}
	page := func(int, string) reply {
		return reply{status: http.StatusInternalServerError, body: "<!doctype html><title>500</title>"}
	}
	for op, refusals := range map[string][]answer{
		"GetIndex":       {refuse("AccessDeniedException"), page, func(int, string) reply { return reply{status: http.StatusNotFound, body: "<html>"} }},
		"GetDefaultView": {refuse("AccessDeniedException"), page},
		"ListResources":  {refuse("UnauthorizedException"), page},
	} {
		for i, refusal := range refusals {
			answers := all()
			answers[op] = refusal
			out, _, err := sweepOf(t, "eu-west-1", answers, nil)
			if err != nil || len(out.unread) != 1 || !slices.Equal(out.keys(), []string{ledger}) {
				t.Errorf("%s %d: error %v, unread %v, assets %s", op, i, err, out.unread, out.keys())
			}
		}
	}
}

func TestViewOfAllRegions(t *testing.T) {
	out, wire, err := sweepOf(t, "eu-west-1", map[string]answer{
		"GetResources":   bodies(tagged("")),
		"GetIndex":       bodies(replicatedIndex),
		"GetDefaultView": bodies(`{}`, someView),
		"ListResources":  bodies(listed("", ledger, "arn:aws:qldb:us-west-2:111122223333:ledger/there", "arn:aws:wellarchitected::111122223333:lens/a")),
	}, nil)
	if err != nil || !slices.Equal(out.keys(), []string{ledger}) {
		t.Fatalf("error %v, assets %s", err, out.keys())
	}
	list := wire.asked[len(wire.asked)-1]
	if len(wire.asked) != 5 || !strings.HasPrefix(list, "us-west-2 ListResources") || !strings.Contains(list, `"region:eu-west-1"`) {
		t.Errorf("asked %q", wire.asked)
	}
}

func TestGlobal(t *testing.T) {
	const lens, network = "arn:aws:savingsplans::111122223333:savingsplan/a", "arn:aws:networkmanager::111122223333:global-network/b"
	for region, want := range map[string][]string{"us-east-1": {lens}, "us-west-2": {network}, "eu-west-1": nil} {
		out, wire, err := sweepOf(t, region, map[string]answer{
			"GetResources":   bodies(tagged("", lens, network)),
			"GetIndex":       bodies(wholeIndex),
			"GetDefaultView": bodies(someView),
			"ListResources":  bodies(listed("", lens, network)),
		}, nil)
		if err != nil || !slices.Equal(out.keys(), want) {
			t.Errorf("%s: error %v, assets %s", region, err, out.keys())
		}
		for _, a := range out.assets {
			if a.Region != "" {
				t.Errorf("%s is in %q", a.Key, a.Region)
			}
		}
		if global := strings.Contains(strings.Join(wire.asked, "\n"), `"region:global"`); global != (want != nil) {
			t.Errorf("%s: asked %q", region, wire.asked)
		}
	}
}
