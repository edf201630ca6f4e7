package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The parsers call themselves for every level of nesting, and Go ends the program when a stack is full. So what is nested deeper than
// people write is refused before it is parsed.
const (
	maxNesting   = 250
	maxOperators = 50_000 // of one file; chains of operators nest too
)

var errNesting = errors.New("nested too deep")

// nesting refuses tokens that would nest too deep.
func nesting(tokens hclsyntax.Tokens) error {
	depth, operators := 0, 0
	for i, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			depth--
		case hclsyntax.TokenTemplateControl:
			depth++
			operators++
		}
		if operator(t.Type) || chained(tokens, i) {
			operators++
		}
		if depth > maxNesting || operators > maxOperators {
			return fmt.Errorf("%w at line %d: at most %d levels and %d operators in a file are read", errNesting, t.Range.Start.Line, maxNesting, maxOperators)
		}
	}
	return nil
}

func operator(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenQuestion, hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenPlus, hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPercent,
		hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual,
		hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq:
		return true
	}
	return false
}

// chained reports whether token i goes on from an index: a[0][1], a[0].b.
func chained(tokens hclsyntax.Tokens, i int) bool {
	t := tokens[i].Type
	return i > 0 && tokens[i-1].Type == hclsyntax.TokenCBrack && (t == hclsyntax.TokenOBrack || t == hclsyntax.TokenDot)
}

// nativeNesting is nesting for a file in the native syntax.
func nativeNesting(src []byte, filename string) error {
	tokens, _ := hclsyntax.LexConfig(src, filename, hcl.InitialPos) // the parser reports what is wrong
	return nesting(tokens)
}

// templateNesting is nesting for a template.
func templateNesting(src []byte, filename string) error {
	tokens, _ := hclsyntax.LexTemplate(src, filename, hcl.InitialPos)
	return nesting(tokens)
}

// jsonNesting refuses JSON that nests too deep, itself or in the templates in its strings. Broken JSON is left to the parser.
func jsonNesting(src []byte, filename string) error {
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	depth := 0
	for {
		token, err := dec.Token()
		if err != nil {
			return brokenNesting(src, err)
		}
		switch t := token.(type) {
		case json.Delim:
			depth += map[json.Delim]int{'{': 1, '[': 1, '}': -1, ']': -1}[t]
		case string:
			if strings.Contains(t, "${") || strings.Contains(t, "%{") {
				if err := templateNesting([]byte(t), filename); err != nil {
					return err
				}
			}
		}
		if depth > maxNesting {
			return fmt.Errorf("%w: at most %d levels are read", errNesting, maxNesting)
		}
	}
}

// brokenNesting ends the check of JSON: at its end there is nothing to say, and after a syntax error the parser, which is more
// lenient, must still be safe.
func brokenNesting(src []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && bytes.Count(src, []byte("["))+bytes.Count(src, []byte("{")) > maxNesting {
		return fmt.Errorf("not JSON: %w", err)
	}
	return nil
}
