package sqlite

import "iter"

// deliver makes an iterator of a function that visits values. Its error is the last thing that the iterator yields,
// unless the caller left before.
func deliver[T any](visit func(yield func(T) bool) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		left := false
		err := visit(func(v T) bool {
			left = !yield(v, nil)
			return !left
		})
		if err != nil && !left {
			var none T
			yield(none, err)
		}
	}
}
