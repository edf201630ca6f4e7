package owner

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/codeowners"
	"github.com/muster-audit/muster/rules/expr"
)

// byCodeowners asks who owns the file that declares the entity: what people wrote before what a tool made of it.
func (c *Chain) byCodeowners(e *rules.Entity) answer {
	for _, d := range e.Declared {
		file, ok := c.inRepository(d.Origin.File)
		if !ok {
			continue
		}
		m := c.files.match(c.policy.Codeowners.File, file)
		if len(m.Owners) == 0 {
			continue
		}
		confidence := rules.LowConfidence
		if len(m.Owners) == 1 && (d.Origin.Layer == inventory.LayerCode || d.Origin.Layer == "") {
			confidence = rules.MediumConfidence
		}
		return answer{state: expr.Yes, name: codeowners.Team(m.Owners[0]), confidence: confidence, entry: d, about: file, match: m}
	}
	if len(e.Declared) > 0 {
		return nobody()
	}
	if why := c.notRead(inventory.Declared, e); why != "" {
		return unknown(why)
	}
	return nobody()
}

// inRepository returns the path of a file from the root of the CODEOWNERS file's repository.
func (c *Chain) inRepository(file string) (string, bool) {
	if file == "" || strings.Contains(file, "://") {
		return "", false
	}
	return codeowners.Within(c.root, c.abs(file))
}

// byRegister asks the rows of the registers, those of things in use first.
func (c *Chain) byRegister(e *rules.Entity) answer {
	var best answer
	for _, retired := range []bool{false, true} {
		for _, row := range e.Recorded {
			if (row.Lifecycle == inventory.LifecycleRetired) != retired {
				continue
			}
			a := c.columnOf(row)
			switch {
			case a.state == expr.No:
			case best.entry == nil && best.why == "":
				best = a
			case best.state == expr.Yes && a.state == expr.Yes && a.name != best.name:
				best.confidence = rules.LowConfidence
			}
		}
	}
	switch {
	case best.entry != nil || best.why != "":
		return best
	case len(e.Recorded) > 0:
		return nobody()
	}
	if why := c.notRead(inventory.Recorded, e); why != "" {
		return unknown(why)
	}
	return nobody()
}

// columnOf returns what a row says: by its attribute of that name, or its tag.
func (c *Chain) columnOf(row *inventory.Entry) answer {
	column := c.policy.Column
	value, there := row.Attributes.Get(column)
	_, confirmed := row.CurrentAttribute(column)
	text := strings.TrimSpace(value.String())
	named := there && value != inventory.Null && text != ""
	switch {
	case named && inventory.IsSecretHash(text):
		return unknown(registerUnread)
	case named && confirmed:
		return answer{state: expr.Yes, name: text, confidence: rules.MediumConfidence, entry: row, key: column}
	case named:
		return answer{state: expr.Yes, name: text, confidence: rules.LowConfidence, earlier: true, entry: row, key: column}
	}
	a := c.columnTag(row)
	if a.state != expr.Yes && unreadAttribute(row, column) {
		return unknown(registerUnread)
	}
	return a
}

func (c *Chain) columnTag(row *inventory.Entry) answer {
	t, ok := row.CurrentTags().Get(c.policy.Column)
	switch {
	case ok && !t.ValueUnknown && strings.TrimSpace(t.Value) == "":
		return nobody()
	case ok && !t.ValueUnknown:
		return answer{state: expr.Yes, name: strings.TrimSpace(t.Value), confidence: rules.MediumConfidence, entry: row, key: "tags." + t.Key}
	}
	before, was := row.Tags.Get(c.policy.Column)
	switch {
	case was && !before.ValueUnknown && strings.TrimSpace(before.Value) != "" && !inventory.IsSecretHash(before.Value):
		return answer{state: expr.Yes, name: strings.TrimSpace(before.Value), confidence: rules.LowConfidence, earlier: true, entry: row, key: "tags." + before.Key}
	case ok, row.TagsUnconfirmed:
		return unknown(registerUnread)
	}
	return nobody()
}

// unreadAttribute reports whether a row may have an attribute that nobody could read now. A register without the column does not have it.
func unreadAttribute(row *inventory.Entry, name string) bool {
	lost := func(n string) bool { return n == "*" || n == name }
	if !row.Attributes.IsKnown() || slices.ContainsFunc(row.AttributesUnconfirmed, lost) {
		return true
	}
	for a := range row.Attributes.All() {
		if a.Name == name {
			return !a.Value.IsRead()
		}
	}
	return false
}
