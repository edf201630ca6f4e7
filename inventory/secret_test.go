package inventory

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSecretHash(t *testing.T) {
	h := NewSecretHash([]byte("0123456789abcdef"))
	once := h.Hash("hunter2")
	if !IsSecretHash(once) || strings.Contains(once, "hunter2") {
		t.Fatalf("Hash gives %q", once)
	}
	if twice := h.Hash(once); twice != once {
		t.Errorf("a hash became %q", twice)
	}
	if other := NewSecretHash([]byte("another key of 16 bytes")).Hash("hunter2"); other == once {
		t.Error("two keys give one hash")
	}
	if h.Hash("") != "" {
		t.Error("the empty text was hashed")
	}
}

func TestIsSecretHashWantsDigits(t *testing.T) {
	for text, want := range map[string]bool{
		"hmac:00112233445566778899aabbccddeeff":  true,
		"hmac:00112233445566778899AABBCCDDEEFF":  false,
		"hmac:correct horse battery staple one":  false,
		"hmac:00112233445566778899aabbccddeeff0": false,
		"00112233445566778899aabbccddeeff":       false,
		"":                                       false,
	} {
		if got := IsSecretHash(text); got != want {
			t.Errorf("IsSecretHash(%q) = %v", text, got)
		}
	}
}

func TestSecretHashURL(t *testing.T) {
	h := NewSecretHash([]byte("0123456789abcdef"))
	tests := []struct{ in, want string }{
		{"https://hooks.example.com/in?token=abc&x=1", "https://hooks.example.com/in?" + h.Hash("token=abc&x=1")},
		{"https://ghp_abc@github.com/a/b.git", "https://" + h.Hash("ghp_abc") + "@github.com/a/b.git"},
		{"https://user:pass@example.com:8443", "https://" + h.Hash("user:pass") + "@example.com:8443"},
		{"postgres://app:p@ss@db:5432/x?sslmode=require", "postgres://app:" + h.Hash("p@ss") + "@db:5432/x?" + h.Hash("sslmode=require")},
		{"jdbc:mysql://db/x?password=abc", "jdbc:mysql://db/x?" + h.Hash("password=abc")},
		{"ssh://git@example.com/a.git", "ssh://git@example.com/a.git"},
		{"https://registry.example.com/@scope/package", "https://registry.example.com/@scope/package"},
		{"https://example.com/a?", "https://example.com/a?"},
		{"https://sqs.eu-west-1.amazonaws.com/111122223333/q", "https://sqs.eu-west-1.amazonaws.com/111122223333/q"},
		{"arn:aws:sqs:eu-west-1:111122223333:q", "arn:aws:sqs:eu-west-1:111122223333:q"},
		{"see https://example.com/?a=b", "see https://example.com/?a=b"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := h.URL(tt.in); got != tt.want {
			t.Errorf("URL(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := h.URL(rapid.StringMatching(`[a-z:]{0,6}(://)?[a-z:@/?#.]{0,20}`).Draw(t, "address"))
		if twice := h.URL(once); twice != once {
			t.Fatalf("%q, then %q", once, twice)
		}
	})
}
