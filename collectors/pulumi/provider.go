package pulumi

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory/catalog"
)

// provider is the configuration of a provider.
type provider struct {
	account, region string
	tags            map[string]any // that it adds to all it makes
	unread          bool           // the tags are not known
}

// learnProvider notes the configuration of a provider.
func (k *stack) learnProvider(e *entry) {
	if k.providers == nil {
		k.providers = map[string]provider{}
	}
	var p provider
	for _, raw := range []json.RawMessage{e.Inputs, e.Outputs} {
		object, _ := (&reader{words: true}).value(decode(raw), false).(map[string]any)
		p.read(object)
	}
	k.providers[e.URN+"::"+e.ID] = p
}

// read takes what counts of a configuration, in which whatever is no text is the text of its JSON.
func (p *provider) read(object map[string]any) {
	if s, ok := object["region"].(string); ok && s != unknownText {
		p.region = s
	}
	if ids, ok := opened(object["allowed_account_ids"]).([]any); ok && len(ids) == 1 {
		if id, ok := ids[0].(string); ok && id != unknownText {
			p.account = id
		}
	}
	for _, name := range []string{"assume_role", "assume_roles"} {
		if account := roleAccount(opened(object[name])); account != "" && p.account == "" {
			p.account = account
		}
	}
	p.readTags(opened(object["default_labels"]), object["default_labels"] != nil)
	block, named := opened(object["default_tags"]), object["default_tags"] != nil
	if tags, ok := block.(map[string]any); ok {
		block, named = tags["tags"], tags["tags"] != nil
	}
	p.readTags(block, named)
}

func (p *provider) readTags(x any, named bool) {
	if !named {
		return
	}
	tags, ok := x.(map[string]any)
	p.tags, p.unread = tags, !ok
}

// opened returns the value of a JSON text, and anything else as it is.
func opened(x any) any {
	s, ok := x.(string)
	if !ok || !strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "[") {
		return x
	}
	r := reader{words: false}
	v := r.value(decode([]byte(s)), true)
	if object, ok := v.(map[string]any); ok && r.hidden {
		for name := range object {
			object[name] = unknownText
		}
	}
	return v
}

// roleAccount returns the account of the role that a provider assumes: the last one, where there are several.
func roleAccount(x any) string {
	if list, ok := x.([]any); ok && len(list) > 0 {
		x = list[len(list)-1]
	}
	object, _ := x.(map[string]any)
	for _, name := range []string{"role_arn", "roleArn"} {
		if s, ok := object[name].(string); ok {
			a, _ := catalog.ParseARN(s)
			return a.Account
		}
	}
	return ""
}

// homes tells the survey where the providers work.
func (k *stack) homes() {
	for name, p := range k.providers {
		if p.account != "" || p.region != "" {
			k.survey.Home(name, p.account, p.region)
		}
	}
}

// effectiveTags sets the tags with those that the provider adds, where the stack hides them: Pulumi takes them for a secret. They are
// unknown if those of the provider are.
func (m *maker) effectiveTags(e *entry, row catalog.TerraformRow, attributes map[string]any) {
	effective, own := "tags_all", "tags"
	if row.Provider == "gcp" {
		effective, own = "terraform_labels", "labels"
	}
	if !m.hidden || !slices.Contains(row.Tags, effective) || attributes[effective] != nil {
		return
	}
	attributes[effective] = unknownText
	p, known := m.providers[e.Provider]
	tags, ok := attributes[own].(map[string]any)
	if !ok && attributes[own] != nil || !known || p.unread {
		return
	}
	all := map[string]any{}
	for key, v := range p.tags {
		all[key] = v
	}
	for key, v := range tags {
		all[key] = v
	}
	attributes[effective] = all
	m.markAsWell(own, effective)
}

// markAsWell marks what is secret in one attribute as secret in another that holds the same.
func (m *maker) markAsWell(from, to string) {
	begin, _ := json.Marshal(from) // a string always has a text
	there, _ := json.Marshal(to)
	for _, path := range slices.Clone(m.sensitive) {
		head := `[{"type":"get_attr","value":` + string(begin) + `}`
		if rest, ok := strings.CutPrefix(path, head); ok {
			m.sensitive = append(m.sensitive, `[{"type":"get_attr","value":`+string(there)+`}`+rest)
		}
	}
}
