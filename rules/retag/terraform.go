package retag

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/muster-audit/muster/inventory"
)

// EditTerraform sets tags in the block of a resource, and changes nothing else of a file. address is that of the resource in its module,
// attribute what holds its tags: "tags", "labels". Where the code does not say the tags plainly, as where it merges two maps, the error
// says why a person has to do it.
func EditTerraform(src []byte, address, attribute string, set []inventory.Tag) ([]byte, error) {
	if strings.ContainsAny(address, "[]") {
		return nil, fmt.Errorf("one block declares several")
	}
	for _, t := range set {
		block, err := findBlock(src, address)
		if err != nil {
			return nil, err
		}
		if src, err = setTag(src, block, attribute, t); err != nil {
			return nil, err
		}
	}
	return src, nil
}

func findBlock(src []byte, address string) (*hclsyntax.Block, error) {
	file, diagnostics := hclsyntax.ParseConfig(src, "", hcl.InitialPos)
	if diagnostics.HasErrors() {
		return nil, fmt.Errorf("the file does not parse")
	}
	body, _ := file.Body.(*hclsyntax.Body)
	kind, name, ok := strings.Cut(address, ".")
	for _, b := range body.Blocks {
		if ok && b.Type == "resource" && len(b.Labels) == 2 && b.Labels[0] == kind && b.Labels[1] == name {
			switch {
			case b.Body.Attributes["count"] != nil, b.Body.Attributes["for_each"] != nil:
				return nil, fmt.Errorf("one block declares several")
			}
			return b, nil
		}
	}
	return nil, fmt.Errorf("the file holds no such block now")
}

func setTag(src []byte, block *hclsyntax.Block, attribute string, t inventory.Tag) ([]byte, error) {
	attr := block.Body.Attributes[attribute]
	if attr == nil {
		text := attribute + " = { " + hclKey(t.Key) + " = " + hclString(t.Value) + " }"
		return insertInBlock(src, block, text), nil
	}
	object, ok := attr.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return nil, fmt.Errorf("its %s are an expression", attribute)
	}
	for _, item := range object.Items {
		key, known := literal(item.KeyExpr)
		if !known {
			return nil, fmt.Errorf("its %s have keys that are expressions", attribute)
		}
		if key != t.Key {
			continue
		}
		if _, known := literal(item.ValueExpr); !known {
			return nil, fmt.Errorf("the value of %s is an expression", t.Key)
		}
		return splice(src, item.ValueExpr.Range(), hclString(t.Value)), nil
	}
	return insertInObject(src, object, hclKey(t.Key)+" = "+hclString(t.Value)), nil
}

// literal is the value of an expression that is a plain text.
func literal(e hclsyntax.Expression) (string, bool) {
	if len(e.Variables()) > 0 {
		return "", false
	}
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		if word := hcl.ExprAsKeyword(k.Wrapped); word != "" && !k.ForceNonLiteral {
			return word, true
		}
	}
	v, diagnostics := e.Value(nil)
	if diagnostics.HasErrors() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// insertInBlock adds a line at the end of a block, as far in as its first one.
func insertInBlock(src []byte, block *hclsyntax.Block, text string) []byte {
	open, end := block.OpenBraceRange, block.CloseBraceRange
	if open.Start.Line == end.Start.Line { // {} or { one = thing }
		if len(block.Body.Attributes)+len(block.Body.Blocks) == 0 {
			return replace(src, open.End.Byte, end.Start.Byte, newline(src)+"  "+text+newline(src))
		}
		inner := strings.TrimSpace(string(src[open.End.Byte:end.Start.Byte]))
		return replace(src, open.End.Byte, end.Start.Byte, newline(src)+"  "+inner+newline(src)+"  "+text+newline(src))
	}
	start := lineStart(src, end.Start.Byte)
	indent := string(src[start:end.Start.Byte])
	return replace(src, start, start, indent+"  "+text+newline(src))
}

// insertInObject adds an item behind the last one, in a line of its own if that one has one.
func insertInObject(src []byte, object *hclsyntax.ObjectConsExpr, text string) []byte {
	r := object.SrcRange
	end := r.End.Byte - 1 // the closing brace
	if len(object.Items) == 0 {
		return replace(src, r.Start.Byte, r.End.Byte, "{ "+text+" }")
	}
	last := object.Items[len(object.Items)-1]
	after := last.ValueExpr.Range().End
	if after.Line == r.End.Line { // { a = "b" }
		return replace(src, after.Byte, end, ", "+text+" ")
	}
	start := lineStart(src, last.KeyExpr.Range().Start.Byte)
	line := src[start:last.KeyExpr.Range().Start.Byte]
	indent := string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
	next := bytes.IndexByte(src[after.Byte:], '\n')
	at := after.Byte + next + 1
	comma := bytes.HasPrefix(bytes.TrimLeft(src[after.Byte:], " \t"), []byte(","))
	if comma {
		text += ","
	}
	return replace(src, at, at, indent+text+newline(src))
}

func lineStart(src []byte, at int) int { return bytes.LastIndexByte(src[:at], '\n') + 1 }

// newline is the line end of a file.
func newline(src []byte) string {
	if bytes.Contains(src, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

func splice(src []byte, r hcl.Range, text string) []byte {
	return replace(src, r.Start.Byte, r.End.Byte, text)
}

func replace(src []byte, start, end int, text string) []byte {
	out := make([]byte, 0, len(src)+len(text))
	out = append(out, src[:start]...)
	out = append(out, text...)
	return append(out, src[end:]...)
}

// hclKey writes a key of an object: bare if it is a word.
func hclKey(key string) string {
	if hclsyntax.ValidIdentifier(key) && !slices.Contains([]string{"null", "true", "false", "for", "if"}, key) {
		return key
	}
	return hclString(key)
}

// hclString quotes a text for HCL, in which "${" and "%{" would begin a template.
func hclString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{").Replace(s) + `"`
}
