package tags

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/muster-audit/muster/rules"
)

// letters is a made-up sequence of letters and digits, which looks random and is none.
func letters(n int) string {
	const alphabet = "aB3dE7gH1jK9mN5pQ2sT8vW4yZ6bC0fG"
	return strings.Repeat(alphabet, n/len(alphabet)+1)[:n]
}

func TestCredentialsAreKnownByTheirShape(t *testing.T) {
	tests := map[string]string{
		"an access key of AWS":              made("AK", "IA", "ABCDEFGHIJKLMNOP"),
		"a private key":                     made("-----BEGIN RSA ", "PRIVATE KEY-----", "\nMIIE"),
		"a token of GitHub":                 made("gh", "p_", letters(36)),
		"a token of GitLab":                 made("gl", "pat-", letters(20)),
		"a token of Slack":                  made("xo", "xb-", "123456789012-", letters(24)),
		"a webhook of Slack":                made("https://hooks.", "slack.com/services/", "T00000000/B00000000/", letters(24)),
		"a JSON web token":                  made("ey", "JhbGciOiJub25lIn0", ".ey", "JzdWIiOiIxMjM0NTYifQ", ".", letters(20)),
		"a key of a Google API":             made("AI", "za", letters(35)),
		"a client secret of Google":         made("GOC", "SPX-", letters(28)),
		"an access token of Google":         made("ya", "29.", letters(40)),
		"a key of Stripe":                   made("sk", "_live_", letters(24)),
		"a key of SendGrid":                 made("S", "G.", letters(22), ".", letters(43)),
		"a token of npm":                    made("np", "m_", letters(36)),
		"a token of Vault":                  made("hv", "s.", letters(24)),
		"a token of HCP Terraform":          made(letters(14), ".atlas", "v1.", letters(60)),
		"a token of DigitalOcean":           made("dop", "_v1_", strings.Repeat("0a", 32)),
		"a token of Databricks":             made("da", "pi", strings.Repeat("0a", 16)),
		"a token of Shopify":                made("shp", "at_", strings.Repeat("0a", 16)),
		"a key of an Azure account":         made("Account", "Key=", letters(86), "=="),
		"an address with a password":        made("postgres://app:", "hunter22", "@db.example.com/x"),
		"a password":                        made("user=app;pass", "word=hunter22"),
		"a key or token, by its randomness": "sxH8rT0zKq3+VbE1nYw/7MfLuD2cGaJ9PiQ5oXkZ",
	}
	for kind, value := range tests {
		if got := credential(value); got != kind {
			t.Errorf("%s: told as %q", kind, got)
		}
		for _, text := range []string{"key " + value, value + " (old)"} {
			if credential(text) == "" {
				t.Errorf("%s is not found within a text", kind)
			}
		}
	}
	if got := credential(base64.StdEncoding.EncodeToString([]byte("the key is " + tests["an access key of AWS"]))); got != "an access key of AWS" {
		t.Errorf("encoded: %q", got)
	}
}

func TestWhatIsNoCredential(t *testing.T) {
	values := []string{
		"", "payments", "password", "password-rotation", "see the password store", "none", "token", "123e4567-e89b-12d3-a456-426614174000",
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/prod-AbCdEf", "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
		"da39a3ee5e6b4b0d3255bfef95601890afd80709", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"https://github.com/acme/infra/blob/main/envs/prod/main.tf", "git@github.com:acme/infra.git", "https://user@example.com/x",
		"MyAppStack-WebServerFleetLaunchTemplate-1A2B3C4D5E6F7", "MyStackMyFunctionServiceRole3F8B2A1C", "prod-stack-ApiGatewayRestApiDeploymentStage-XK2JH7LQ9W3E",
		"owned-by-Team-Payments-2026-Q1-Cost-Center-4711", "/aws/lambda/MyFunctionWithAVeryLongName2026", "AROAABCDEFGHIJKLMNOP:session", "i-0123456789abcdef0",
		"projects/acme-prod/locations/global/keyRings/Main/cryptoKeys/Key2026V1", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "2026-01-31T10:00:00Z/2026-02-28T10:00:00Z",
		"postgres://app:${PASSWORD}@db/x", "password=${env:PASSWORD}", "password=<in the store>", "-----BEGIN CERTIFICATE-----",
		strings.Repeat("0123456789", 10), strings.Repeat("aB3", 30),
	}
	for n := range 200 {
		values = append(values, base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d", uint64(n)*88172645463325252)), base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%040d", n)))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		b := make([]byte, 32)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		h := hex.EncodeToString(b)
		values = append(values, h, strings.ToUpper(h), fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:32]), h[:40])
	}
	for _, v := range values {
		if kind := credential(v); kind != "" {
			t.Errorf("%q is taken for %s", v, kind)
		}
	}
}

// TestRandomKeysAreMostlyFound bounds what the conservative limits let pass.
func TestRandomKeysAreMostlyFound(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	found, n := 0, 1000
	for range n {
		key := make([]byte, 40)
		for i := range key {
			key[i] = alphabet[random.IntN(len(alphabet))]
		}
		if credential(string(key)) != "" {
			found++
		}
	}
	if found < n/2 {
		t.Errorf("%d of %d are found", found, n)
	}
	t.Logf("%d of %d are found", found, n)
}

// TestNoRuleTellsACredential: whatever a rule has against a value, neither message nor fix nor evidence hold it.
func TestNoRuleTellsACredential(t *testing.T) {
	secret := made("gh", "p_", letters(36))
	list := []string{
		`keys: [k], secrets: true`, `keys: [k], values: [a]`, `keys: [k], pattern: 'x'`, `keys: [k], globs: ["x*"]`, `keys: [k], type: date`, `keys: [k], case: upper`,
		`keys: [k], case: lower`, `keys: [k], length: {max: 3}`, `keys: [k], equals: asset.account`, `keys: [k], check: 'value == "x"'`, `keys: [owner, k], spelling: canonical`,
		`any_of: [k], values: [a]`, `all_of: [k, x], values: [a]`, `closed: true, allowed_keys: [x]`, `naming: '[a-j]+'`, `prohibited: [k]`, `keys: [x], equals: asset.tags.k`, `keys: [k], equals: value.upperAscii()`,
	}
	judged := map[string]rules.Rule{}
	for _, text := range list {
		judged[text] = one(t, text)
	}
	for _, o := range rules.OptionalRules() {
		p := mustParse(t, "version: 1\nbuiltin: ["+o.ID+"]\n")
		for _, r := range BuiltinRules(p, mustCatalog(t), now, nil, []string{"aws", "gcp"}) {
			judged[o.ID] = r
		}
	}
	failed := 0
	for text, r := range judged {
		for _, value := range []string{secret, " " + secret, secret + "\u200b", secret + "\n"} {
			v := judgeBy(t, r, observed(instance(known("k", value, "K", value, "x", "y"))))
			if v.Outcome == rules.Fail {
				failed++
			}
			for _, said := range []string{v.Message, v.Fix, v.Reason, fmt.Sprint(v.Evidence), fmt.Sprint(v.Diff), fmt.Sprint(v.Parts)} {
				if strings.Contains(strings.ToLower(said), strings.ToLower(secret[4:])) {
					t.Errorf("%s tells it: %s", text, said)
				}
			}
		}
	}
	if failed < 4*len(list)-2 {
		t.Errorf("only %d verdicts are failures: the test looks at nothing", failed)
	}
}

func FuzzCredential(f *testing.F) {
	for _, s := range []string{"", "=", "key==", made("gh", "p_", letters(36)), "\xff\xfe", "a://:xxx@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if kind := credential(s); kind != "" && len(s) < shortest {
			t.Errorf("%q is %s", s, kind)
		}
	})
}
