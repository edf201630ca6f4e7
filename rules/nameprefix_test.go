package rules

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNamePrefix(t *testing.T) {
	for name, want := range map[string]string{
		"pay-api-1": "pay-api-", "pay-1": "", "pay-api": "pay-", "acme-pay-api": "acme-pay-", "acme-pay-api-03": "acme-pay-", "pay_worker": "pay_", "solo": "", "solo-1": "",
		"1-a": "", "db-a": "", "": "", "---": "", "Pay Api": "pay ", "-x-pay": "", "pay--api": "pay--", "acme.example.com": "acme.example.", "0af3-web": "",
	} {
		if got := NamePrefix(name); got != want {
			t.Errorf("NamePrefix(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestNamePrefixIsABeginning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-c0-2._ -]{0,20}`).Draw(t, "name")
		if p := NamePrefix(name); !strings.HasPrefix(name, p) || p == name && p != "" && !strings.ContainsAny(p, separators) {
			t.Fatalf("NamePrefix(%q) = %q", name, p)
		}
	})
}
