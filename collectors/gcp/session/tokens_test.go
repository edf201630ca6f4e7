package session

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const planted = "pl4nt3d" // stands for everything that must stay in memory

// tokens is a server of tokens: those of service accounts, of users, of federation, of impersonation and of a machine.
type tokens struct {
	*httptest.Server
	mu       sync.Mutex
	asked    []string // "path scope"
	status   int
	failure  string
	universe string
}

func newTokens(t *testing.T) *tokens {
	s := &tokens{universe: "googleapis.com"}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *tokens) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // a short one would lack the scope
	s.mu.Lock()
	defer s.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/computeMetadata/v1/")
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Metadata-Flavor", "Google")
	switch {
	case s.failure != "":
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.failure)
		return
	case path == "universe/universe-domain":
		_, _ = io.WriteString(w, s.universe)
		return
	case strings.HasSuffix(path, "/email"):
		_, _ = io.WriteString(w, "machine@acme-prod.iam.gserviceaccount.com")
		return
	}
	s.asked = append(s.asked, path+" "+scopeOf(r, string(body)))
	_, _ = io.WriteString(w, `{"access_token":"`+planted+`-token","accessToken":"`+planted+`-token","token_type":"Bearer","expires_in":3600,`+
		`"expireTime":"2099-01-01T00:00:00Z","issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}`)
}

// scopeOf is the scope that a request for a token names, wherever it does.
func scopeOf(r *http.Request, body string) string {
	var doc struct {
		Scope any `json:"scope"`
	}
	if json.Unmarshal([]byte(body), &doc) == nil {
		text, _ := json.Marshal(doc.Scope) // it was decoded just now
		return string(text)
	}
	form, _ := http.NewRequest("POST", "/?"+body, nil)
	query := form.URL.Query()
	parts := strings.Split(query.Get("assertion"), ".")
	if len(parts) == 3 {
		claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
		return scopeOf(r, string(claims))
	}
	return query.Get("scope") + r.URL.Query().Get("scopes")
}

// file writes a file of credentials and points the default chain at it.
func file(t *testing.T, content map[string]any) {
	t.Helper()
	data, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "credentials.json")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", name)
	t.Setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "")
	t.Setenv("GOOGLE_SDK_GO_LOGGING_LEVEL", "debug") // the libraries would log tokens
}

func serviceAccount(t *testing.T, server string) map[string]any {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"type": "service_account", "project_id": "acme-audit", "private_key_id": planted, "client_email": "audit@acme-audit.iam.gserviceaccount.com",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": server + "/token",
	}
}

// federation is a file of workload identity federation.
func federation(t *testing.T, server string) map[string]any {
	t.Helper()
	subject := filepath.Join(t.TempDir(), "subject")
	if err := os.WriteFile(subject, []byte(planted+"-subject"), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"type": "external_account", "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x",
		"subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": server + "/sts", "credential_source": map[string]any{"file": subject},
	}
}
