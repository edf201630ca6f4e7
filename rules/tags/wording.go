package tags

import (
	"fmt"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// maxListed is how many allowed values a message lists.
const maxListed = 10

func meta(t rules.TagRule) rules.Meta {
	m := rules.Meta{ID: "tags/" + t.ID, Severity: t.Severity, Title: title(t), Help: help(t), Current: true}
	if t.Required {
		m.Coverage, m.CoverageName = "tag", t.Keys[0]
	}
	return m
}

func title(t rules.TagRule) string {
	if title := subjectTitle(t); title != "" {
		return title
	}
	switch judged := len(vocabularyOf(t)) > 0 || t.Pattern != nil || t.ChecksValue(); {
	case t.Required && !judged:
		return fmt.Sprintf("Tag %q is there and not empty", t.Keys[0])
	case t.Required:
		return fmt.Sprintf("Tag %q is there and has an allowed value", t.Keys[0])
	case !judged && t.Unique:
		return fmt.Sprintf("Tag %q has a value of its own on every asset that bears it", t.Keys[0])
	case !judged && t.Canonical:
		return fmt.Sprintf("Tag %q is spelled so", t.Keys[0])
	}
	return fmt.Sprintf("Tag %q, where it is there, has an allowed value", t.Keys[0])
}

func help(t rules.TagRule) string {
	var b strings.Builder
	sentence := func(format string, args ...any) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, format, args...)
	}
	if what := subjectHelp(t); what != "" {
		sentence("%s", what)
	}
	if len(t.Keys) > 0 {
		sentence("Set the tag %q.", t.Keys[0])
	}
	switch {
	case len(t.Keys) > 1 && t.Canonical:
		sentence("Rename what is spelled %s.", strings.Join(t.Keys[1:], ", "))
	case len(t.Keys) > 1:
		sentence("Accepted spellings: %s.", strings.Join(t.Keys[1:], ", "))
	}
	if list := vocabularyOf(t); len(list) > 0 {
		sentence("Allowed %s.", allowed(list))
	}
	if t.Pattern != nil {
		sentence("The whole value must match %s.", t.Pattern.Text)
	}
	if list := asks(t); len(list) > 0 {
		sentence("The value must %s.", strings.Join(list, "; it must "))
	}
	if t.Grace > 0 {
		sentence("Assets younger than %s are not judged.", hours(t.Grace))
	}
	if t.When != nil {
		sentence("Applies where %s.", t.When.Source())
	}
	return b.String()
}

// spellings says in which other ways the tag may be written, and whether a key looks as if it was meant.
func (r *rule) spellings(found inventory.Tags) string {
	text := ""
	if len(r.Keys) > 1 {
		text = " (also accepted: " + strings.Join(r.Keys[1:], ", ") + ")"
	}
	var keys []string
	for tag := range found.All() {
		keys = append(keys, tag.Key)
	}
	if near := misspelt(r.Keys[0], keys); near != "" {
		text += fmt.Sprintf("; there is %q", near)
	}
	return text
}

// misspelt returns the key that looks as if another was meant, or "".
func misspelt(key string, keys []string) string {
	near := inventory.Nearest(key, keys)
	if len(near) > 4 || strings.EqualFold(near, key) {
		return near
	}
	return ""
}

// allowed lists allowed values: "are dev, prod", "is dev".
func allowed(values []string) string {
	listed := values
	if len(values) > maxListed {
		listed = values[:maxListed]
	}
	text := isOrAre(values) + " " + strings.Join(listed, ", ")
	if more := len(values) - len(listed); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// placeholder stands for a value that a person has to choose.
func placeholder(values []string) string {
	switch {
	case len(values) == 1:
		return values[0]
	case len(values) > 1 && len(values) <= 5:
		return "<" + strings.Join(values, "|") + ">"
	}
	return "<value>"
}

func patterns(list []rules.Pattern) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.Text
	}
	return strings.Join(texts, " or ")
}

func quoteAll(keys []string) string {
	quoted := make([]string, len(keys))
	for i, k := range keys {
		quoted[i] = fmt.Sprintf("%q", k)
	}
	return strings.Join(quoted, ", ")
}

func isOrAre(list []string) string {
	if len(list) == 1 {
		return "is"
	}
	return "are"
}

// hours writes a duration without the zeros of time.Duration: "24h", "1h30m".
func hours(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
