package lister

import (
	"errors"
	"strconv"
	"testing"
)

// TestPagesInACircle: a service that goes on in a circle of tokens is given up, however long the circle and what is before it are.
func TestPagesInACircle(t *testing.T) {
	for before := range 5 {
		for length := 1; length < 6; length++ {
			calls := 0
			err := Pages(t.Context(), func(*string) (*string, error) {
				if calls++; calls > 100 {
					return nil, nil
				}
				n := calls
				if n > before {
					n = before + (n-before)%length
				}
				token := strconv.Itoa(n)
				return &token, nil
			})
			if !errors.Is(err, ErrRepeatedPage) {
				t.Errorf("%d pages and then a circle of %d: %v after %d calls", before, length, err, calls)
			}
		}
	}
}
