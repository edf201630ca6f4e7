package rules_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

func someone() rules.Who {
	return rules.Who{Actor: "jane", At: time.Date(2026, 11, 22, 10, 3, 4, 0, time.UTC), Action: "ec2:ModifyInstanceAttribute", Via: "console"}
}

func TestSetWho(t *testing.T) {
	first := rules.Note("declared: somewhere")
	given := []rules.Evidence{first}
	for _, c := range []struct {
		rule   string
		others int
		via    string
		want   string
	}{
		{"drift/changed", 0, "console", "changed by jane at 2026-11-22T10:03:04Z (ec2:ModifyInstanceAttribute, console)"},
		{"drift/missing", 1, "", "deleted by jane at 2026-11-22T10:03:04Z (ec2:ModifyInstanceAttribute); 1 earlier write fits as well"},
		{"drift/unmanaged", 3, "CLI", "made by jane at 2026-11-22T10:03:04Z (ec2:ModifyInstanceAttribute, CLI); 3 earlier writes fit as well"},
		{"drift/orphan", rules.MostOthers, "CLI", "made by jane at 2026-11-22T10:03:04Z (ec2:ModifyInstanceAttribute, CLI); 20 or more earlier writes fit as well"},
	} {
		f := rules.Finding{Rule: c.rule, Evidence: given}
		f.SetWho(rules.Who{Actor: "joe", Action: "a"})
		who := someone()
		who.Others, who.Via = c.others, c.via
		f.SetWho(who)
		if want := []rules.Evidence{first, rules.Note("%s", c.want)}; !reflect.DeepEqual(f.Evidence, want) || *f.Who != who {
			t.Errorf("%s: %+v %+v", c.rule, f.Evidence, f.Who)
		}
	}
	if len(given) != 1 {
		t.Error("the evidence given was changed")
	}
}

func TestWhoIsStored(t *testing.T) {
	f := rules.Finding{Fingerprint: "a", Rule: "drift/changed", Severity: rules.High, State: inventory.FindingOpen}
	f.SetWho(someone())
	list, err := rules.Records(&rules.Evaluation{Findings: []rules.Finding{f}})
	if err != nil {
		t.Fatal(err)
	}
	back, err := rules.ParseRecord(list[0])
	if err != nil || back.Who == nil || *back.Who != someone() {
		t.Errorf("%+v, error %v", back.Who, err)
	}
}
