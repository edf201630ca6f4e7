package session

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// TestOwnCertificates: AWS_CA_BUNDLE names the certificates of a company's proxy, which all calls go through.
func TestOwnCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-cn:iam::111122223333:user/ana</Arn>`+
			`<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of the client that does not trust it
	server.StartTLS()
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_CA_BUNDLE": "",
	} {
		t.Setenv(name, value)
	}
	if _, err := New(Options{Attempts: 1}).Caller(t.Context()); err == nil {
		t.Error("a server that nobody vouches for was believed")
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	caller, err := New(Options{Attempts: 1}).Caller(t.Context())
	if err != nil || caller.Account != "111122223333" || caller.Partition != "aws-cn" {
		t.Errorf("caller %+v, error %v", caller, err)
	}
}
