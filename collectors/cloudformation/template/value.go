package template

import (
	"encoding/json"
	"reflect"
	"strings"
)

// A value is what encoding/json decodes into an any, with numbers as json.Number, and besides an Unknown, an Either or an Absent, by itself or
// anywhere inside.

// Unknown is a value that cannot be worked out.
type Unknown struct{}

// Absent is AWS::NoValue. It is gone from lists and maps when they are evaluated, and never inside of them.
type Absent struct{}

// Either is one of two values, by a condition that nobody can decide.
type Either struct{ A, B any }

// Known reports whether nothing of a value is unknown.
func Known(x any) bool {
	switch x := x.(type) {
	case Unknown, Either:
		return false
	case []any:
		for _, item := range x {
			if !Known(item) {
				return false
			}
		}
	case map[string]any:
		for _, item := range x {
			if !Known(item) {
				return false
			}
		}
	}
	return true
}

// ScalarText returns a scalar as CloudFormation writes it into a text; false for everything else.
func ScalarText(x any) (string, bool) {
	switch x := x.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		if x {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// dynamic marks a text that CloudFormation fills in from a store of secrets or parameters when it deploys.
const dynamic = "{{resolve:"

// settled returns a text, or Unknown if a dynamic reference is in it.
func settled(s string) any {
	if strings.Contains(s, dynamic) {
		return Unknown{}
	}
	return s
}

func same(a, b any) bool { return Known(a) && Known(b) && reflect.DeepEqual(a, b) }

// Truth is an answer of three values.
type Truth uint8

// The answers.
const (
	Undecided Truth = iota
	Yes
	No
)

func truthOf(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

func (t Truth) not() Truth {
	switch t {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Undecided
}
