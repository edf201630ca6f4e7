package interchange

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/rules"
)

// ImportTagPolicies makes a policy of tag policies; see ReadTagPolicies for their order. For each tag there is
//
//   - a rule that forbids its key in any other case, since AWS holds that to be wrong wherever it finds it;
//   - a rule about its values, if there are any. Where the tag is missing it does not apply: AWS holds what is untagged to be right;
//   - the same two of high severity for what enforced_for names, where AWS refuses what is wrong;
//   - a rule that requires it of what report_required_tag_for names.
func ImportTagPolicies(files []Source) (*Document, error) {
	p, err := ReadTagPolicies(files)
	if err != nil {
		return nil, err
	}
	fileNames := make([]string, len(files))
	for i, f := range files {
		fileNames[i] = f.Name
	}
	d := &Document{
		From: "tag policies of AWS Organizations, the highest first: " + strings.Join(fileNames, ", "),
		Notes: []string{
			"AWS counts an empty required tag as there, muster does not. Only things on AWS are judged.",
		},
	}
	for _, l := range p.Ignored {
		d.Notes = append(d.Notes, "Without effect: "+l.String())
	}
	for _, t := range p.Tags {
		d.addTag(t)
	}
	return d, nil
}

func (d *Document) addTag(t PolicyTag) {
	enforced := d.types(t, enforcedFor, t.EnforcedFor)
	required := d.types(t, requiredFor, t.RequiredFor)
	values, globs := fromPolicyValues(t.Values)
	if slices.ContainsFunc(t.Values, blank) {
		d.Left.add(t.place, "", "tag %q: a policy's list of values cannot allow a blank one: the tag without a value is wrong here", t.Key)
	}
	add := func(suffix string, s scope, severity rules.Severity, note string) {
		if variants := caseVariants(t.Key); variants != "" {
			d.add(t.Key+"-case"+suffix, MadeRule{Note: note, Prohibited: []string{variants}, When: s.when(), Severity: severity})
			note = ""
		}
		if len(values)+len(globs) > 0 {
			d.add(t.Key+suffix, MadeRule{Note: note, Keys: []string{t.Key}, Values: values, Globs: globs, When: s.when(), Severity: severity})
		}
	}
	if enforced.some() {
		but := enforced
		but.But = true
		add("", but, rules.Medium, "")
		add("-enforced", enforced, rules.High, "AWS refuses what is wrong here: enforced_for.")
	} else {
		add("", scope{AWS: true}, rules.Medium, "")
	}
	if required.some() {
		d.add(t.Key+"-required", MadeRule{Keys: []string{t.Key}, Required: true, When: required.when(), Severity: rules.Medium})
	}
}

// types returns what a setting's names stand for. A name that is not known is left out, and told.
func (d *Document) types(t PolicyTag, setting string, list []string) scope {
	var s scope
	for _, name := range list {
		types, ok := names().scopeOf(name)
		if !ok {
			d.Left.add(t.place, "", "tag %q, %s: no type is known for %q: add its type to the rule's condition", t.Key, setting, name)
			continue
		}
		s = s.joined(types)
	}
	return s
}

// fromPolicyValues parts values with a "*" from those without, each once.
func fromPolicyValues(list []string) (values, globs []string) {
	for i, v := range list {
		switch {
		case blank(v) || slices.Contains(list[:i], v):
		case strings.Contains(v, "*"):
			globs = append(globs, globEscape.Replace(v))
		default:
			values = append(values, v)
		}
	}
	return values, globs
}

func blank(v string) bool { return strings.TrimSpace(v) == "" }

// globEscape keeps what means something in a glob of a policy and nothing in AWS's values.
var globEscape = strings.NewReplacer(`\`, `\\`, "?", `\?`, "[", `\[`)

// toPolicyValue writes a glob as AWS does; an error says why it cannot be.
func toPolicyValue(glob string) (string, error) {
	var b strings.Builder
	stars, escaped := 0, false
	for _, r := range glob {
		switch {
		case escaped && r == '*':
			return "", fmt.Errorf("%q asks for a *, which stands for any characters in AWS", glob)
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
			continue
		case r == '?' || r == '[':
			return "", fmt.Errorf("%q: AWS has only * as a wildcard", glob)
		case r == '*':
			stars++
		}
		b.WriteRune(r)
	}
	if stars > 1 {
		return "", fmt.Errorf("%q: AWS allows one * in each value", glob)
	}
	return b.String(), nil
}
