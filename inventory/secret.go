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

// Hash returns "hmac:" and 32 hex digits of HMAC-SHA-256. The empty string, which hides nothing, stays empty.
func (h SecretHash) Hash(secret string) string {
	if secret == "" {
		return ""
	}
	m := hmac.New(sha256.New, h.key)
	m.Write([]byte(secret))
	return secretPrefix + hex.EncodeToString(m.Sum(nil)[:16])
}

// IsSecretHash reports whether s is what Hash returns.
func IsSecretHash(s string) bool {
	return strings.HasPrefix(s, secretPrefix) && len(s) == len(secretPrefix)+32
}
