package inventory

import "strings"

// HoldsSecret reports whether a text is, or holds, the hash of a secret.
func HoldsSecret(s string) bool { return HideSecrets(s) != s }

// HideSecrets returns a text with "(secret)" in place of the hashes of secrets, for people: that two hashes differ matters to them, and
// what they are tells them nothing.
func HideSecrets(s string) string {
	const length = len(secretPrefix) + 32
	i := strings.Index(s, secretPrefix)
	if i < 0 {
		return s
	}
	var b strings.Builder
	for ; i >= 0; i = strings.Index(s, secretPrefix) {
		if end := i + length; end <= len(s) && IsSecretHash(s[i:end]) {
			b.WriteString(s[:i] + "(secret)")
			s = s[end:]
			continue
		}
		b.WriteString(s[:i+len(secretPrefix)])
		s = s[i+len(secretPrefix):]
	}
	return b.String() + s
}
