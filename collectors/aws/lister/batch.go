package lister

import (
	"errors"
	"slices"
)

// ErrNotDescribed says that a call about several things neither described one of them nor said that it is gone.
var ErrNotDescribed = errors.New("the service did not describe it")

// Untold returns the names that were asked for and are not among those that an answer tells of. They are there, as far as anybody knows.
func Untold(asked, told []string) []string {
	return slices.DeleteFunc(slices.Clone(asked), func(name string) bool { return slices.Contains(told, name) })
}
