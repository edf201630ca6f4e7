package rules

// Element is one part of a list or object that differs: an element that one side lacks, or a member with another value.
type Element struct {
	// Path leads to it from the attribute: "Statement[].Effect". It is empty for an element of the attribute's own list. "[]" stands for
	// elements of a list, which have no number of their own.
	Path string `json:"path"`
	// Change is what happened to it behind the declaration's back.
	Change   Change `json:"change"`
	Declared string `json:"declared,omitempty"` // as a person reads it; empty where it was added
	Actual   string `json:"actual,omitempty"`   // empty where it was removed
}

// Change says how the actual side differs from the declared one.
type Change string

// The changes of an element.
const (
	ElementAdded    Change = "added"     // it is there, and not declared
	ElementRemoved  Change = "removed"   // it is declared, and not there
	ElementChanged  Change = "changed"   // both sides have it, and it differs
	ElementsReorder Change = "reordered" // both sides have the same elements in another order
)
