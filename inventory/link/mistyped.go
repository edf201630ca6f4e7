package link

// Mistyped reports whether two serial numbers may be one that somebody mistyped: they differ in one or two characters, or one of
// them lacks a character of the other. It links nothing, since machines of one delivery have such numbers too.
func Mistyped(a, b string) bool {
	const few, short = 2, 5
	a, b = squeeze(a), squeeze(b)
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(b) < short || a == b {
		return false
	}
	if len(a) == len(b) {
		differ := 0
		for i := range len(a) {
			if a[i] != b[i] {
				differ++
			}
		}
		return differ <= few
	}
	at := 0
	for at < len(b) && a[at] == b[at] {
		at++
	}
	return len(a) == len(b)+1 && a[at+1:] == b[at:]
}
