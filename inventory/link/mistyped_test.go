package link

import "testing"

func TestMistyped(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"7xk2q03", "7xk2q08", true},
		{"7xk2q03", "7x2kq03", true},
		{"7xk2q03", "7xk2q0", true},
		{"7xk2q03", "7xkq03", true},
		{"7xk2q03", "7xk2q03", false},
		{"7xk2q03", "czj1234", false},
		{"1234", "1235", false},
		{"", "", false},
		{"7xk2q03", "7xk2", false},
		{"7XK 2Q03", "7xk2q03", false},
	} {
		if got := Mistyped(tt.a, tt.b); got != tt.want || Mistyped(tt.b, tt.a) != tt.want {
			t.Errorf("%s, %s: %v", tt.a, tt.b, got)
		}
	}
}
