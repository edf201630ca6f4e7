package interchange

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

const inTFLint = "TFLint's rule"

// tflint writes the block of TFLint's rule aws_resource_missing_tags, which asks for keys alone, of every resource on AWS that can bear tags.
// Source: docs/rules/aws_resource_missing_tags.md of tflint-ruleset-aws.
func (e *exporter) tflint(w io.Writer) error {
	var keys []string
	for i := range e.policy.Tags {
		r := &e.policy.Tags[i]
		if !r.Required || len(r.Keys) == 0 {
			e.lose(r, "%s asks for required keys only: the rule is left out", inTFLint)
			continue
		}
		s, ok := e.scopeOf(r, inTFLint)
		if !ok {
			continue
		}
		if s.But || s.some() {
			e.lose(r, "%s asks every type for its keys, and this rule some: the rule is left out", inTFLint)
			continue
		}
		if more := beyond(r, "required"); len(more) > 0 {
			e.lose(r, "%s cannot express %s", inTFLint, strings.Join(more, ", "))
		}
		if len(r.Keys) > 1 {
			e.lose(r, "%s has one spelling of a key: it does not know %s", inTFLint, quoted(r.Keys[1:]))
		}
		keys = append(keys, r.Keys[0])
	}
	var b strings.Builder
	b.WriteString("rule \"aws_resource_missing_tags\" {\n")
	fmt.Fprintf(&b, "  enabled = %t\n  tags = [\n", len(keys) > 0)
	for _, key := range unique(keys) {
		fmt.Fprintf(&b, "    %s,\n", hclText(key))
	}
	b.WriteString("  ]\n}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// hclText quotes a text for HCL, in which "${" and "%{" begin templates.
func hclText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case steers(r):
			b.WriteString(hclEscape(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func hclEscape(r rune) string {
	if r > 0xFFFF {
		return fmt.Sprintf(`\U%08X`, r)
	}
	return `\u` + strings.ToUpper(fmt.Sprintf("%04s", strconv.FormatInt(int64(r), 16)))
}
