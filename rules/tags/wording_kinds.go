package tags

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/rules"
)

// subjectTitle is the title of a rule that does not speak of the tag of Keys; empty for others.
func subjectTitle(t rules.TagRule) string {
	switch {
	case len(t.Prohibited) > 0:
		return "No tag key matches " + patterns(t.Prohibited)
	case t.Closed:
		return "No tag key but those that are allowed"
	case t.Naming != nil && t.Naming.Pattern != nil:
		return "Every tag key matches " + t.Naming.Pattern.Text
	case t.Naming != nil:
		return "Every tag key is written in " + style(t.Naming.Style)
	case len(t.AnyOf) > 0:
		return fmt.Sprintf("One of the tags %s is there", quoteAll(t.AnyOf))
	case len(t.AllOf) > 0:
		return fmt.Sprintf("All of the tags %s are there", quoteAll(t.AllOf))
	case len(t.Keys) == 0:
		return "No tag holds what looks like a credential"
	}
	return ""
}

// asks lists what a rule asks of a value, as ends of "The value must …".
func asks(t rules.TagRule) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if len(t.Placeholders) > 0 {
		add("be no placeholder such as %s", strings.Join(t.Placeholders[:min(3, len(t.Placeholders))], ", "))
	}
	if t.Type != "" {
		add("be %s", t.Type.Form())
	}
	if t.Min != nil {
		add("be at least %s", t.Min.Text)
	}
	if t.Max != nil {
		add("be at most %s", t.Max.Text)
	}
	if t.NotPast {
		add("not be over")
	}
	if t.Length != nil {
		add("have %s", bounds(t.Length))
	}
	if t.Case != "" {
		add("be written in %s", style(t.Case))
	}
	if t.Equals != nil {
		add("be what %s is", t.Equals.Source())
	}
	if t.TagKinds.Check != nil {
		add("satisfy %s", t.TagKinds.Check.Source())
	}
	if t.Secrets {
		add("not look like a credential")
	}
	return list
}

// subjectHelp says what to do about a rule that does not speak of the tag of Keys; empty for others.
func subjectHelp(t rules.TagRule) string {
	switch {
	case len(t.Prohibited) > 0:
		return fmt.Sprintf("Remove the tags whose keys match %s.", patterns(t.Prohibited))
	case t.Closed && len(t.AllowedKeys) > 0:
		return fmt.Sprintf("Allowed are the keys that the rules of the policy name, and those that match %s.", patterns(t.AllowedKeys))
	case t.Closed:
		return "Allowed are the keys that the rules of the policy name."
	case t.Naming != nil:
		return "Rename the tags."
	case len(t.AnyOf) > 0:
		return fmt.Sprintf("Set one of the tags %s.", quoteAll(t.AnyOf))
	case len(t.AllOf) > 0:
		return fmt.Sprintf("Set the tags %s.", quoteAll(t.AllOf))
	case len(t.Keys) == 0:
		return "Make the credential invalid, and remove the tag: everyone who may list the asset reads it."
	}
	return ""
}

// vocabularyOf is what a help text lists as allowed.
func vocabularyOf(t rules.TagRule) []string { return slices.Concat(t.Values, t.Globs) }
