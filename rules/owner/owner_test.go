package owner

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/codeowners"
)

const thing = inventory.Type("AWS::SQS::Queue")

func observed(tags inventory.Tags, account string) *inventory.Entry {
	return &inventory.Entry{Asset: inventory.Asset{Key: "q", Book: inventory.Observed, Type: thing, Account: account, Tags: tags}}
}

func declared(file string) *inventory.Entry {
	return &inventory.Entry{Asset: inventory.Asset{
		Key: "q#", Book: inventory.Declared, Type: thing, Tags: inventory.KnownTags(),
		Origin: inventory.Origin{File: file, Layer: inventory.LayerCode},
	}}
}

func recorded(attributes inventory.Attributes) *inventory.Entry {
	return &inventory.Entry{Asset: inventory.Asset{Key: "row", Book: inventory.Recorded, Type: thing, Attributes: attributes}}
}

func entity(entries ...*inventory.Entry) *rules.Entity {
	e := &rules.Entity{}
	for _, entry := range entries {
		e.Add(entry)
	}
	return e
}

func tag(key, value string) inventory.Tags {
	return inventory.KnownTags(inventory.Tag{Key: key, Value: value})
}

func chain(t *testing.T) *Chain {
	t.Helper()
	file, err := codeowners.Parse(".github/CODEOWNERS", []byte("*.tf @acme/platform\n/search/ @acme/search\n"))
	if err != nil {
		t.Fatal(err)
	}
	return New(Inputs{Dir: "/repo", Policy: &rules.Policy{Owner: &rules.OwnerPolicy{
		Tags:       []string{"owner", "team"},
		Stacks:     []rules.OwnerOf{{Pattern: "web-*", Owner: "web"}, {Pattern: "web-shop", Owner: "shop"}},
		Accounts:   []rules.OwnerOf{{Pattern: "111122223333", Owner: "payments"}},
		Codeowners: &rules.Codeowners{File: file, Name: ".github/CODEOWNERS", Root: "."},
		Column:     "Owner",
	}}})
}

// TestChain: each link names somebody, says that nobody is named, or cannot tell; the first that does not say nobody decides.
func TestChain(t *testing.T) {
	none, unread := inventory.KnownTags(), inventory.UnknownTags()
	stack := func(name string) inventory.Tags { return tag("aws:cloudformation:stack-name", name) }
	row := recorded(inventory.KnownAttributes(inventory.Attribute{Name: "Owner", Value: inventory.StringValue("ops")}))
	silent := recorded(inventory.KnownAttributes())
	for _, test := range []struct {
		name   string
		entity *rules.Entity
		want   rules.Owner
	}{
		{"tag", entity(observed(tag("owner", " core "), "111122223333")), rules.Owner{Name: "core", Confidence: rules.HighConfidence}},
		{"second tag, the first is blank", entity(observed(inventory.KnownTags(inventory.Tag{Key: "owner", Value: " "}, inventory.Tag{Key: "team", Value: "core"}), "1")), rules.Owner{Name: "core", Confidence: rules.HighConfidence}},
		{"tags unread: a map does not take their place", entity(observed(unread, "111122223333")), rules.Owner{Unknown: tagsUnread}},
		{"value unknown", entity(observed(inventory.KnownTags(inventory.Tag{Key: "owner", ValueUnknown: true}), "111122223333")), rules.Owner{Unknown: valueUnknown}},
		{"not taggable", entity(observed(inventory.NotTaggable(), "111122223333")), rules.Owner{Name: "payments", Confidence: rules.LowConfidence}},
		{"stack by pattern", entity(observed(stack("web-blog"), "111122223333")), rules.Owner{Name: "web", Confidence: rules.MediumConfidence}},
		{"stack by name", entity(observed(stack("web-shop"), "111122223333")), rules.Owner{Name: "shop", Confidence: rules.MediumConfidence}},
		{"account", entity(observed(none, "111122223333")), rules.Owner{Name: "payments", Confidence: rules.LowConfidence}},
		{"account unknown", entity(observed(none, "")), rules.Owner{Unknown: accountUnread}},
		{"code", entity(observed(none, "1"), declared("search/main.tf")), rules.Owner{Name: "search", Confidence: rules.MediumConfidence}},
		{"code, the last line that matches", entity(observed(none, "1"), declared("net/main.tf")), rules.Owner{Name: "platform", Confidence: rules.MediumConfidence}},
		{"a file outside of the repository", entity(observed(none, "1"), declared("s3://states/a.tfstate"), row), rules.Owner{Name: "ops", Confidence: rules.MediumConfidence}},
		{"register", entity(observed(none, "1"), row), rules.Owner{Name: "ops", Confidence: rules.MediumConfidence}},
		{"register that cannot be read", entity(observed(none, "1"), recorded(inventory.Attributes{})), rules.Owner{Unknown: registerUnread}},
		{"nobody", entity(observed(none, "1"), silent), rules.Owner{}},
	} {
		if got := chain(t).Owner(test.entity); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

// TestTagsAlone: without a chain the tags of any book tell, and nothing is weighed.
func TestTagsAlone(t *testing.T) {
	c := New(Inputs{Policy: &rules.Policy{}})
	if got := c.Owner(entity(observed(tag("Team", "core"), "1"))); got.Name != "core" || got.Confidence != "" {
		t.Errorf("%+v, want core", got)
	}
	if got := c.Owner(entity(observed(inventory.UnknownTags(), "1"))); got.Name != "" || got.Unknown == "" {
		t.Errorf("%+v, want unknown", got)
	}
}
