package template

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

// What bounds a template. CloudFormation itself takes at most 1 MiB.
const (
	// MostJSON is for templates that programs write.
	MostJSON = 51 << 20
	// MostYAML is less, since a tree of YAML takes a multiple of its text.
	MostYAML = 8 << 20
	// mostNodes bounds the tree, aliases counted wherever they stand.
	mostNodes = 2 << 20
	mostDepth = 200
)

// ParseNode reads a JSON or YAML document. The error is a *SyntaxError, or what r returned.
func ParseNode(r io.Reader) (*Node, error) {
	text, err := io.ReadAll(io.LimitReader(r, MostJSON+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MostJSON {
		return nil, wrong(0, "it is longer than %d MiB, and CloudFormation takes no template of more than 1 MiB", MostJSON>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	var jsonErr error
	if head := bytes.TrimLeft(text, " \t\r\n"); len(head) > 0 && head[0] == '{' {
		var n *Node
		if n, jsonErr = parseJSON(text); jsonErr == nil {
			return n, nil
		}
	}
	if len(text) > MostYAML {
		if jsonErr != nil {
			return nil, jsonErr
		}
		return nil, wrong(0, "it is YAML of more than %d MiB, and CloudFormation takes no template of more than 1 MiB", MostYAML>>20)
	}
	n, err := parseYAML(text)
	if err != nil && jsonErr != nil {
		return nil, jsonErr
	}
	return n, err
}

// jsonReader makes nodes of JSON tokens.
type jsonReader struct {
	text  []byte
	d     *jsontext.Decoder
	at    int // bytes whose lines were counted
	line  int
	nodes int
}

func parseJSON(text []byte) (*Node, error) {
	r := &jsonReader{text: text, line: 1, d: jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowInvalidUTF8(true))}
	n, err := r.value(0)
	if err == nil {
		if _, more := r.d.ReadToken(); !errors.Is(more, io.EOF) {
			err = wrong(r.here(), "something follows the end of the JSON object")
		}
	}
	return n, err
}

// here is the line of the token that was read last.
func (r *jsonReader) here() int {
	end := min(int(r.d.InputOffset()), len(r.text))
	if end > r.at {
		r.line += bytes.Count(r.text[r.at:end], []byte{'\n'})
		r.at = end
	}
	return r.line
}

func (r *jsonReader) failed(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		line := 1 + bytes.Count(r.text[:min(int(syntax.ByteOffset), len(r.text))], []byte{'\n'})
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return wrong(line, "a name stands twice in one object")
		}
		return wrong(line, "it is no valid JSON: it may have been cut off")
	}
	return wrong(r.here(), "it is no valid JSON: it may have been cut off")
}

func (r *jsonReader) value(depth int) (*Node, error) {
	t, err := r.d.ReadToken()
	if err != nil {
		return nil, r.failed(err)
	}
	if r.nodes++; depth > mostDepth || r.nodes > mostNodes {
		return nil, wrong(r.here(), "it is nested too deeply, or has too many values")
	}
	n := &Node{Line: r.here()}
	switch t.Kind() {
	case '"':
		n.Kind, n.Text = Text, t.String()
	case '0':
		n.Kind, n.Text = Number, t.String()
	case 't', 'f':
		n.Kind, n.Text = Bool, strconv.FormatBool(t.Bool())
	case '[':
		err = r.list(n, depth)
	case '{':
		err = r.object(n, depth)
	}
	return n, err
}

func (r *jsonReader) list(n *Node, depth int) error {
	n.Kind = List
	for r.d.PeekKind() != ']' {
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
	}
	_, err := r.d.ReadToken()
	if err != nil {
		return r.failed(err)
	}
	return nil
}

func (r *jsonReader) object(n *Node, depth int) error {
	n.Kind = Map
	for r.d.PeekKind() != '}' {
		key, err := r.d.ReadToken()
		if err != nil {
			return r.failed(err)
		}
		p := Pair{Key: key.String(), Line: r.here()}
		if p.Value, err = r.value(depth + 1); err != nil {
			return err
		}
		n.Pairs = append(n.Pairs, p)
	}
	_, err := r.d.ReadToken()
	if err != nil {
		return r.failed(err)
	}
	return nil
}

// yamlReader makes nodes of a YAML tree.
type yamlReader struct {
	nodes int
	open  map[*yaml.Node]bool // aliases that are being followed
}

// yamlLine finds the line in an error of the YAML library, whose text may quote the document.
var yamlLine = regexp.MustCompile(`line (\d+)`)

func parseYAML(text []byte) (*Node, error) {
	var doc, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, wrong(0, "it is empty")
		}
		line := 0
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		return nil, wrong(line, "it is no valid YAML: check the indentation, and quotes around texts with colons")
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, wrong(more.Line, "a second document follows: a template is one")
	}
	r := &yamlReader{open: map[*yaml.Node]bool{}}
	if len(doc.Content) == 0 {
		return nil, wrong(0, "it is empty")
	}
	return r.value(doc.Content[0], 0)
}

func (r *yamlReader) value(y *yaml.Node, depth int) (*Node, error) {
	if r.nodes++; depth > mostDepth || r.nodes > mostNodes {
		return nil, wrong(y.Line, "it is nested too deeply, or has too many values")
	}
	if y.Kind == yaml.AliasNode {
		if r.open[y.Alias] {
			return nil, wrong(y.Line, "an alias stands inside of what it names")
		}
		r.open[y.Alias] = true
		defer delete(r.open, y.Alias)
		return r.value(y.Alias, depth+1)
	}
	n, err := r.plain(y, depth)
	if err != nil {
		return nil, err
	}
	return short(y, n), nil
}

func (r *yamlReader) plain(y *yaml.Node, depth int) (*Node, error) {
	n := &Node{Line: y.Line}
	switch y.Kind {
	case yaml.ScalarNode:
		n.Kind, n.Text = scalar(y)
	case yaml.SequenceNode:
		n.Kind = List
		for _, c := range y.Content {
			item, err := r.value(c, depth+1)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, item)
		}
	case yaml.MappingNode:
		n.Kind = Map
		return n, r.mapping(n, y, depth)
	}
	return n, nil
}

func (r *yamlReader) mapping(n *Node, y *yaml.Node, depth int) error {
	seen := make(map[string]bool, len(y.Content)/2)
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return wrong(key.Line, "a key is a list or a map: keys are texts")
		}
		if key.Tag == "!!merge" {
			return wrong(key.Line, "CloudFormation knows no merge keys (<<): write the members out")
		}
		if seen[key.Value] {
			return wrong(key.Line, "a name stands twice in one map")
		}
		seen[key.Value] = true
		v, err := r.value(y.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		n.Pairs = append(n.Pairs, Pair{Key: key.Value, Line: key.Line, Value: v})
	}
	return nil
}

// decimal is what CloudFormation takes for a number: "0777" and "1_000" are texts.
var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// scalar reads a scalar as CloudFormation does: true, false and plain numbers are such, and everything else that is not null is a
// text, dates and yes among it.
func scalar(y *yaml.Node) (Kind, string) {
	quoted := y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	switch {
	case quoted || y.Style&yaml.TaggedStyle != 0:
		return Text, y.Value
	case y.Value == "" || y.Value == "~" || y.Value == "null":
		return Null, ""
	case y.Value == "true" || y.Value == "false":
		return Bool, y.Value
	case decimal.MatchString(y.Value):
		return Number, y.Value
	}
	return Text, y.Value
}

// short turns a value with a short tag into the call of the function that it stands for.
func short(y *yaml.Node, n *Node) *Node {
	if y.Style&yaml.TaggedStyle == 0 || strings.HasPrefix(y.Tag, "!!") || !strings.HasPrefix(y.Tag, "!") || len(y.Tag) == 1 {
		return n
	}
	name := strings.TrimPrefix(y.Tag, "!")
	switch name {
	case "Ref", "Condition":
	case "GetAtt":
		if n.Kind == Text {
			resource, attribute, _ := strings.Cut(n.Text, ".")
			n = &Node{Kind: List, Line: n.Line, Items: []*Node{textNode(resource, n.Line), textNode(attribute, n.Line)}}
		}
		name = function + name
	default:
		name = function + strings.TrimPrefix(name, function)
	}
	return &Node{Kind: Map, Line: n.Line, Pairs: []Pair{{Key: name, Line: n.Line, Value: n}}}
}

func textNode(text string, line int) *Node { return &Node{Kind: Text, Text: text, Line: line} }

// describe names the kind of a node in an error.
func describe(n *Node) string {
	if n == nil {
		return "not there"
	}
	return [...]string{"empty", "a text", "a number", "true or false", "a list", "a map"}[n.Kind]
}
