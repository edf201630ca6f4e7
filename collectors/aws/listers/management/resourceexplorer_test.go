package management

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const indexARN = "arn:aws:resource-explorer-2:eu-west-1:111122223333:index/1a2b"

func runIndexes(t *testing.T, details listertest.Answer) *listertest.Outcome {
	t.Helper()
	list := listertest.Bodies(
		`{"Indexes":[{"Arn":"arn:aws:resource-explorer-2:us-east-1:111122223333:index/3c4d","Region":"us-east-1","Type":"LOCAL"}],"NextToken":"more"}`,
		`{"Indexes":[{"Arn":"`+indexARN+`","Region":"eu-west-1","Type":"AGGREGATOR"}]}`,
	)
	asked := ""
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::ResourceExplorer2::Index"), listertest.Answers{
		"ListIndexes": func(n int, request string) listertest.Response {
			asked = request
			return list(n, request)
		},
		"GetIndex": details,
	})
	if !strings.Contains(asked, `"Regions":["eu-west-1"]`) {
		t.Errorf("indexes of other regions were asked for: %s", asked)
	}
	return o
}

func TestIndexes(t *testing.T) {
	o := runIndexes(t, listertest.Bodies(`{"Arn":"`+indexARN+`","State":"ACTIVE","Type":"AGGREGATOR","CreatedAt":"2026-01-01T00:00:00Z","Tags":{"owner":"platform"}}`))
	if o.Err != nil || len(o.Assets) != 1 || len(o.Unread) != 0 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, indexARN)
	listertest.Attributes(t, a, map[string]string{"Type": `"AGGREGATOR"`, "IndexState": `"ACTIVE"`})
	listertest.Tag(t, a, "owner", "platform")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
}

func TestIndexGone(t *testing.T) {
	for _, details := range []listertest.Answer{listertest.Refuse("ResourceNotFoundException"), listertest.Bodies(`{"State":"DELETED"}`)} {
		if o := runIndexes(t, details); o.Err != nil || len(o.Assets) != 0 || len(o.Unread) != 0 {
			t.Errorf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
		}
	}
}

func TestIndexRefused(t *testing.T) {
	o := runIndexes(t, listertest.Refuse("AccessDeniedException"))
	if o.Err != nil || len(o.Assets) != 1 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	listertest.Unread(t, o.Assets[0], "IndexState")
	if got := o.Assets[0].Tags.State(); got != inventory.Unknown {
		t.Errorf("tags that were refused are %s", got)
	}
}
