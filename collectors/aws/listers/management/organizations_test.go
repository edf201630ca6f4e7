package management

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const organizationARN = "arn:aws:organizations::111122223333:"

func managedBy(account string) listertest.Answer {
	return listertest.Bodies(`{"Organization":{"Id":"o-a1b2c3d4e5","MasterAccountId":"` + account + `"}}`)
}

func accountJSON(id, name, more string) string {
	return `{"Id":"` + id + `","Arn":"` + organizationARN + `account/o-a1b2c3d4e5/` + id + `","Name":"` + name + `","Email":"someone@example.com",
		"JoinedMethod":"CREATED","JoinedTimestamp":1767225600.25` + more + `}`
}

func TestAccounts(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::Organizations::Account")
	o := listertest.Run(t, l, listertest.Answers{
		"DescribeOrganization": managedBy(listertest.Account),
		"ListAccounts": listertest.Bodies(
			`{"Accounts":[`+accountJSON("111122223333", "root", `,"State":"ACTIVE","Status":"ACTIVE","Paths":["o-a1b2c3d4e5/r-ab12/111122223333"]`)+`],"NextToken":"more"}`,
			`{"Accounts":[`+strings.Join([]string{
				accountJSON("222233334444", "shop", `,"State":"ACTIVE","Paths":["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/222233334444"]`),
				accountJSON("333344445555", "old", `,"Status":"SUSPENDED"`),
				accountJSON("444455556666", "closed", `,"State":"CLOSED","Status":"SUSPENDED"`),
			}, ",")+`]}`,
		),
		"ListTagsForResource": func(n int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "333344445555"):
				return listertest.Response{Code: "AccessDeniedException"}
			case !strings.Contains(request, "222233334444"):
				return listertest.Response{Body: `{"Tags":[]}`}
			case strings.Contains(request, "NextToken"):
				return listertest.Response{Body: `{"Tags":[{"Key":"stage","Value":"prod"}]}`}
			}
			return listertest.Response{Body: `{"Tags":[{"Key":"owner","Value":"payments"}],"NextToken":"more"}`}
		},
	})
	if o.Err != nil || len(o.Assets) != 4 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, organizationARN+"account/o-a1b2c3d4e5/222233334444")
	listertest.Attributes(t, a, map[string]string{
		"AccountId": `"222233334444"`, "AccountName": `"shop"`, "State": `"ACTIVE"`, "JoinedMethod": `"CREATED"`, "ParentIds": `["ou-ab12-22222222"]`,
	})
	listertest.Relations(t, a, inventory.Relation{Kind: inventory.MemberOf, Key: organizationARN + "ou/o-a1b2c3d4e5/ou-ab12-22222222"})
	listertest.Nowhere(t, a, "example.com")
	listertest.Tag(t, a, "owner", "payments")
	listertest.Tag(t, a, "stage", "prod")
	if want := time.UnixMilli(1767225600250); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	root := o.Asset(t, "root")
	listertest.Relations(t, root, inventory.Relation{Kind: inventory.MemberOf, Key: organizationARN + "root/o-a1b2c3d4e5/r-ab12"})
	if root.Tags.State() != inventory.Known || root.Tags.Len() != 0 {
		t.Errorf("tags of an account without tags: %v", root.Tags)
	}
	old := o.Asset(t, "old")
	listertest.Attributes(t, old, map[string]string{"State": `"SUSPENDED"`})
	listertest.Relations(t, old)
	if _, ok := old.Attributes.Get("ParentIds"); ok || old.Tags.State() != inventory.Unknown || old.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("a suspended account without a path: %+v", old)
	}
	if got := o.Asset(t, "closed").Lifecycle; got != inventory.LifecycleRetired {
		t.Errorf("a closed account is %s", got)
	}
}

// TestNoOrganisationOfItsOwn tells an account that has nothing to list from one that may not list it.
func TestNoOrganisationOfItsOwn(t *testing.T) {
	for _, typ := range []inventory.Type{"AWS::Organizations::Account", "AWS::Organizations::OrganizationalUnit"} {
		l := listertest.Find(t, Listers(), typ)
		for name, answer := range map[string]listertest.Answer{
			"a member":           managedBy("999900001111"),
			"in no organisation": listertest.Refuse("AWSOrganizationsNotInUseException"),
		} {
			o := listertest.Run(t, l, listertest.Answers{"DescribeOrganization": answer})
			if o.Err != nil || len(o.Assets) != 0 || len(o.Unread) != 0 {
				t.Errorf("%s, %s: error %v, %d assets", typ, name, o.Err, len(o.Assets))
			}
		}
		o := listertest.Run(t, l, listertest.Answers{"DescribeOrganization": listertest.Refuse("AccessDeniedException")})
		if o.Err == nil {
			t.Errorf("%s: a refusal is no error", typ)
		}
		o = listertest.Run(t, l, listertest.Answers{
			"DescribeOrganization": managedBy(listertest.Account),
			"ListAccounts":         listertest.Refuse("AccessDeniedException"),
			"ListRoots":            listertest.Refuse("AccessDeniedException"),
		})
		if o.Err == nil {
			t.Errorf("%s: a refused list is no error", typ)
		}
	}
}

func unitJSON(id, name string) string {
	return `{"Id":"` + id + `","Arn":"` + organizationARN + `ou/o-a1b2c3d4e5/` + id + `","Name":"` + name + `"}`
}

func TestUnits(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::Organizations::OrganizationalUnit")
	o := listertest.Run(t, l, listertest.Answers{
		"DescribeOrganization": managedBy(listertest.Account),
		"ListRoots":            listertest.Bodies(`{"Roots":[{"Id":"r-ab12","Arn":"` + organizationARN + `root/o-a1b2c3d4e5/r-ab12","Name":"Root"}]}`),
		"ListOrganizationalUnitsForParent": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "NextToken"):
				return listertest.Response{Body: `{"OrganizationalUnits":[` + unitJSON("ou-ab12-closed", "closed") + `,` + unitJSON("ou-ab12-gone", "gone") + `]}`}
			case strings.Contains(request, "r-ab12"):
				return listertest.Response{Body: `{"OrganizationalUnits":[` + unitJSON("ou-ab12-work", "work") + `],"NextToken":"more"}`}
			case strings.Contains(request, "ou-ab12-work"):
				return listertest.Response{Body: `{"OrganizationalUnits":[` + unitJSON("ou-ab12-prod", "prod") + `]}`}
			case strings.Contains(request, "ou-ab12-closed"):
				return listertest.Response{Code: "AccessDeniedException"}
			case strings.Contains(request, "ou-ab12-gone"):
				return listertest.Response{Code: "ParentNotFoundException"}
			}
			return listertest.Response{Body: `{"OrganizationalUnits":[]}`}
		},
		"ListTagsForResource": listertest.For(map[string]string{"": `{"Tags":[]}`, "ou-ab12-prod": `{"Tags":[{"Key":"owner","Value":"platform"}]}`}),
	})
	if o.Err != nil || len(o.Assets) != 4 || len(o.Unread) != 1 || !strings.HasPrefix(o.Unread[0], ": list what is in "+organizationARN+"ou/o-a1b2c3d4e5/ou-ab12-closed") {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
	a := o.Asset(t, organizationARN+"ou/o-a1b2c3d4e5/ou-ab12-prod")
	listertest.Attributes(t, a, map[string]string{"Name": `"prod"`, "Id": `"ou-ab12-prod"`, "ParentId": `"ou-ab12-work"`})
	listertest.Relations(t, a, inventory.Relation{Kind: inventory.MemberOf, Key: organizationARN + "ou/o-a1b2c3d4e5/ou-ab12-work"})
	listertest.Tag(t, a, "owner", "platform")
	listertest.Relations(t, o.Asset(t, "work"), inventory.Relation{Kind: inventory.MemberOf, Key: organizationARN + "root/o-a1b2c3d4e5/r-ab12"})
}
