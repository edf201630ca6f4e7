package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Prefix begins a secret.
const Prefix = "whsec_"

// The least and most bytes of a key, as Standard Webhooks has them.
const (
	leastKey = 24
	mostKey  = 64
)

// Secrets are the keys that sign a message: more than one while a new one takes the place of an old one.
type Secrets struct{ keys [][]byte }

// String tells nothing of them.
func (Secrets) String() string { return "(secret)" }

// GoString tells nothing of them.
func (Secrets) GoString() string { return "(secret)" }

// ParseSecrets reads secrets with spaces between them: "whsec_" and 24 to 64 bytes in base64 each. Its errors quote nothing.
func ParseSecrets(text string) (Secrets, error) {
	var s Secrets
	for _, word := range strings.Fields(text) {
		encoded, ok := strings.CutPrefix(word, Prefix)
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < leastKey || len(key) > mostKey {
			return Secrets{}, errors.New(`no secret of Standard Webhooks, which is "whsec_" and 24 to 64 bytes in base64: make one with: echo "whsec_$(openssl rand -base64 32)"`)
		}
		s.keys = append(s.keys, key)
	}
	if len(s.keys) == 0 {
		return Secrets{}, errors.New("the secret is empty")
	}
	return s, nil
}

// Sign returns the signatures of a body that is sent with an id at a time (of whole seconds), with a space between them.
func (s Secrets) Sign(id string, at time.Time, body []byte) string {
	var out []string
	for _, key := range s.keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + seconds(at) + "."))
		mac.Write(body)
		out = append(out, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(out, " ")
}

func seconds(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// ID is the id of a body.
func ID(body []byte) string {
	sum := sha256.Sum256(body)
	return "muster_" + hex.EncodeToString(sum[:16])
}

// Header returns the headers of an attempt to send a body. Without secrets it has no signature.
func Header(s Secrets, at time.Time, body []byte) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("Webhook-Id", ID(body))
	h.Set("Webhook-Timestamp", seconds(at))
	if len(s.keys) > 0 {
		h.Set("Webhook-Signature", s.Sign(ID(body), at, body))
	}
	return h
}
