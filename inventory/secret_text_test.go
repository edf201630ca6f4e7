package inventory

import "testing"

func TestHideSecrets(t *testing.T) {
	h := NewSecretHash([]byte("0123456789abcdef")).Hash("hunter2")
	for in, want := range map[string]string{
		"": "", "plain": "plain", h: "(secret)", "postgres://u:" + h + "@db/x": "postgres://u:(secret)@db/x",
		h + h: "(secret)(secret)", "hmac:" + h: "hmac:(secret)", "hmac:": "hmac:", h[:20]: h[:20], "hmac:xyz " + h: "hmac:xyz (secret)",
	} {
		if got := HideSecrets(in); got != want || HoldsSecret(in) != (in != want) {
			t.Errorf("HideSecrets(%q) = %q, want %q", in, got, want)
		}
	}
}
