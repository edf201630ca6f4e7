package link

import "strings"

// uuidSize is the number of bytes in a UUID.
const uuidSize = 16

// parseHex reads exactly size bytes of hex digits, between which separators may stand.
func parseHex(v string, size int) ([]byte, bool) {
	out := make([]byte, 0, 16)
	digits := 0
	for i := range len(v) {
		d, ok := hexDigit(v[i])
		if !ok {
			if strings.IndexByte(" -:.{}", v[i]) < 0 {
				return nil, false
			}
			continue
		}
		if digits == 2*size {
			return nil, false
		}
		if digits%2 == 0 {
			out = append(out, d<<4)
		} else {
			out[len(out)-1] |= d
		}
		digits++
	}
	return out, digits == 2*size
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func hexText(b []byte) string {
	var out [32]byte
	hexInto(out[:], b)
	return string(out[:2*len(b)])
}

// hexInto writes the hex digits of b into out, which has room for them.
func hexInto(out, b []byte) {
	const digits = "0123456789abcdef"
	for i, c := range b {
		out[2*i], out[2*i+1] = digits[c>>4], digits[c&15]
	}
}
