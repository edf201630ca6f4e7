package inventory

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const secretPrefix = "hmac:"

// SecretHash turns secrets into keyed hashes, so that a change of a secret can be seen and the secret cannot.
type SecretHash struct{ key []byte }

// NewSecretHash returns a hasher for a key of at least 16 random bytes, as Store.HashKey gives.
func NewSecretHash(key []byte) SecretHash { return SecretHash{key: key} }

// Hash returns "hmac:" and 32 hex digits of HMAC-SHA-256. The empty string, which hides nothing, stays empty, and a hash stays
// what it is: a recording holds hashes where the live answer held secrets, and both must come to the same.
func (h SecretHash) Hash(secret string) string {
	if secret == "" || IsSecretHash(secret) {
		return secret
	}
	m := hmac.New(sha256.New, h.key)
	m.Write([]byte(secret))
	return secretPrefix + hex.EncodeToString(m.Sum(nil)[:16])
}

// URL returns an address with what may open a door hashed: its query, the password of its user, and over HTTP the user too, who
// may be a token. Any other text, and the path, stay as they are.
func (h SecretHash) URL(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || !isScheme(scheme) {
		return address
	}
	place, query, _ := strings.Cut(rest, "?")
	host, path := place, ""
	if i := strings.IndexAny(place, "/#"); i >= 0 {
		host, path = place[:i], place[i:]
	}
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = h.user(scheme, host[:at]) + host[at:]
	}
	if query != "" {
		query = "?" + h.Hash(query)
	} else if strings.HasSuffix(rest, "?") {
		query = "?"
	}
	return scheme + "://" + host + path + query
}

func (h SecretHash) user(scheme, user string) string {
	if strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https") {
		return h.Hash(user)
	}
	name, password, _ := strings.Cut(user, ":")
	if password == "" {
		return user
	}
	return name + ":" + h.Hash(password)
}

// isScheme reports whether s stands before "://" in an address, as "https" or "jdbc:mysql".
func isScheme(s string) bool {
	for i, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.:", rune(c))) {
			return false
		}
	}
	return s != ""
}

// IsSecretHash reports whether s is of the form that Hash returns.
func IsSecretHash(s string) bool {
	digits, ok := strings.CutPrefix(s, secretPrefix)
	return ok && len(digits) == 32 && strings.Trim(digits, "0123456789abcdef") == ""
}
