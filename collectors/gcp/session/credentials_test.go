package session

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/tape"
	"github.com/muster-audit/muster/inventory"
)

// signedIn returns a session whose network is a function that sees what is sent to Google, and its log.
func signedIn(t *testing.T, o Options) (s *Session, sent *[]*http.Request, log *bytes.Buffer) {
	t.Helper()
	sent, log = &[]*http.Request{}, &bytes.Buffer{}
	o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.NoBackoff = true
	s = New(o)
	s.network = tripper(func(r *http.Request) (*http.Response, error) {
		*sent = append(*sent, r)
		rec := httptest.NewRecorder()
		rec.Header().Set("Content-Type", "application/json")
		_, _ = rec.WriteString(`{}`)
		return rec.Result(), nil
	})
	return s, sent, log
}

// TestScopes holds that whatever the credentials, the token that reads is asked for with scopes that may only read, and that the calls
// go out with it, and to Google alone.
func TestScopes(t *testing.T) {
	for _, scope := range Scopes() {
		if name := strings.NewReplacer("-", "", "_", "").Replace(scope); !strings.HasSuffix(name, ".readonly") && !strings.HasSuffix(name, ".read") {
			t.Errorf("%s may write", scope)
		}
	}
	spaced, commas, array := strings.Join(Scopes(), " "), strings.Join(Scopes(), ","), `["`+strings.Join(Scopes(), `","`)+`"]`
	const impersonation = "/v1/projects/-/serviceAccounts/audit@acme-audit.iam.gserviceaccount.com:generateAccessToken"
	for _, c := range []struct {
		name   string
		file   func(server string) map[string]any // nil is a machine of Google's
		asked  []string
		caller string
	}{
		{
			"service account", func(u string) map[string]any { return serviceAccount(t, u) },
			[]string{`/token "` + spaced + `"`},
			"audit@acme-audit.iam.gserviceaccount.com",
		},
		{"federation", func(u string) map[string]any { return federation(t, u) }, []string{"/sts " + spaced}, "federated identity"},
		{
			"federation and impersonation", func(u string) map[string]any {
				f := federation(t, u)
				f["service_account_impersonation_url"] = u + impersonation
				return f
			},
			// the first token is for the impersonation alone, and Google wants this scope for it
			[]string{"/sts https://www.googleapis.com/auth/cloud-platform", impersonation + " " + array},
			"audit@acme-audit.iam.gserviceaccount.com",
		},
		{
			"impersonation", func(u string) map[string]any {
				return map[string]any{
					"type": "impersonated_service_account", "service_account_impersonation_url": u + impersonation, "source_credentials": serviceAccount(t, u),
				}
			},
			[]string{`/token "https://www.googleapis.com/auth/cloud-platform"`, impersonation + " " + array},
			"audit@acme-audit.iam.gserviceaccount.com",
		},
		{"machine", nil, []string{"instance/service-accounts/default/token " + commas}, "machine@acme-prod.iam.gserviceaccount.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newTokens(t)
			if c.file != nil {
				file(t, c.file(server.URL))
			} else {
				machine(t, server)
			}
			s, sent, log := signedIn(t, Options{})
			for range 2 { // the token is asked for once
				if _, err := got(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(c.asked, server.asked); diff != "" {
				t.Error(diff)
			}
			for _, r := range *sent {
				if r.URL.Host != "dns.googleapis.com" || r.Header.Get("Authorization") != "Bearer "+planted+"-token" {
					t.Errorf("%s with %v", r.URL, r.Header)
				}
			}
			if len(*sent) != 2 || s.Caller(t.Context()) != c.caller {
				t.Errorf("%d calls, caller %q", len(*sent), s.Caller(t.Context()))
			}
			if strings.Contains(log.String(), planted) {
				t.Errorf("the log holds a token: %s", log)
			}
		})
	}
}

// machine makes this a machine of Google's, whose tokens a server gives.
func machine(t *testing.T, server *tokens) {
	t.Helper()
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("APPDATA", t.TempDir())
	t.Setenv("GCE_METADATA_HOST", strings.TrimPrefix(server.URL, "http://"))
}

// TestCallers holds that callers are named, and users are not.
func TestCallers(t *testing.T) {
	file(t, map[string]any{
		"type": "authorized_user", "client_id": "x", "client_secret": planted, "refresh_token": planted, "account": "ana@example.com",
		"quota_project_id": "acme-bill",
	})
	s, _, _ := signedIn(t, Options{})
	if got := s.Caller(t.Context()); got != "user credentials" {
		t.Errorf("a user: %q", got)
	}
	if who, err := s.identity(t.Context()); err != nil || who.quotaProject != "acme-bill" {
		t.Errorf("a user's quota project: %+v, %v", who, err)
	}
	s, _, _ = signedIn(t, Options{QuotaProject: "other"})
	if who, err := s.identity(t.Context()); err != nil || who.quotaProject != "other" {
		t.Errorf("the configured quota project: %+v, %v", who, err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none.json"))
	if got := New(Options{}).Caller(t.Context()); got != "" {
		t.Errorf("nobody: %q", got)
	}
}

// TestSigningInFails holds that it is told why there is no token, that the reason is one of the credentials, and that nothing secret is
// told.
func TestSigningInFails(t *testing.T) {
	denied, expired := inventory.ReasonDenied, inventory.ReasonExpired
	for _, c := range []struct {
		name   string
		file   func(server string) map[string]any
		status int
		answer string
		reason inventory.RunReason
		want   string
	}{
		{"session over", nil, 400, `{"error":"invalid_grant","error_description":"reauth related error (invalid_rapt)","error_subtype":"invalid_rapt"}`, expired, `…sign in to Google: invalid_grant: reauth related error (invalid_rapt): the session is over, …: run "gcloud auth application-default login"`},
		{"revoked", nil, 400, `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`, expired, `…: run "gcloud auth application-default login"`},
		{"key deleted", nil, 400, `{"error":"invalid_grant","error_description":"Invalid JWT Signature."}`, denied, `…: see whether the service account and its key are still there, …`},
		{"account deleted", nil, 400, `{"error":"invalid_grant","error_description":"Account has been deleted"}`, denied, `…: see whether the account is still there and enabled`},
		{"no such client", nil, 401, `{"error":"invalid_client","error_description":"The OAuth client was not found."}`, denied, `…invalid_client: …: Google does not take these credentials: …`},
		{"server of tokens down", nil, 503, `{"error":"internal_failure","trace":"` + planted + `"}`, inventory.ReasonError, `…sign in to Google: internal_failure (tried 5 times): the server of tokens is out of order: …`},
		{"a proxy", nil, 502, planted, inventory.ReasonError, `…sign in to Google: HTTP status 502 with no error of Google (tried 5 times): …`},
		{
			"federation refused", func(u string) map[string]any { return federation(t, u) }, 400,
			`{"error":"invalid_grant","error_description":"The given credential is rejected by the attribute condition."}`, expired, "…invalid_grant: The given credential is rejected …",
		},
		{
			"impersonation refused", func(u string) map[string]any {
				f := federation(t, newTokens(t).URL)
				f["service_account_impersonation_url"] = u + "/v1/projects/-/serviceAccounts/a@b.iam.gserviceaccount.com:generateAccessToken"
				return f
			},
			403, gcptest.Denied("iam.serviceAccounts.getAccessToken", "a@b").Body, denied,
			"…: the permission iam.serviceAccounts.getAccessToken on a@b is missing, grant the role roles/iam.serviceAccountTokenCreator …",
		},
		{"no key in the file", func(string) map[string]any {
			return map[string]any{"type": "service_account", "client_email": "a@b", "private_key": planted}
		}, 0, "", denied, "…failed to parse private key. …: see what GOOGLE_APPLICATION_CREDENTIALS names, …"},
		{"file of another kind", func(string) map[string]any { return map[string]any{"name": planted} }, 0, "", denied, "…"},
		{"other cloud", func(u string) map[string]any {
			f := serviceAccount(t, u)
			f["universe_domain"] = "example.cloud"
			return f
		}, 0, "", denied, `…they are of the cloud "example.cloud", and muster reads that of googleapis.com: …`},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newTokens(t)
			server.status, server.failure = c.status, c.answer
			if c.file == nil {
				c.file = func(u string) map[string]any { return serviceAccount(t, u) }
			}
			file(t, c.file(server.URL))
			s, sent, log := signedIn(t, Options{})
			_, err := got(t.Context(), s)
			if err == nil || ReasonOf(err) != c.reason || !alike(err.Error(), c.want) {
				t.Errorf("reason %s, %v; want %s, %q", ReasonOf(err), err, c.reason, c.want)
			}
			if len(*sent) != 0 {
				t.Error("a call went out without a token")
			}
			if err != nil && strings.Contains(err.Error()+log.String(), planted) {
				t.Errorf("a secret is told: %v, %s", err, log)
			}
		})
	}
}

// TestNoFile holds the error on a file that is not there.
func TestNoFile(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none.json"))
	for _, w := range ways() {
		_, err := w.call(t.Context(), New(Options{}))
		if err = Classify(err); ReasonOf(err) != inventory.ReasonDenied || !alike(err.Error(), "sign in to Google: open …none.json: …: GOOGLE_APPLICATION_CREDENTIALS names a file that is not there: …") {
			t.Errorf("%s: %v", w.name, err)
		}
	}
}

// TestNoneFound holds the error where there is nothing at all. The library remembers whether this is a machine of Google's, so that it
// takes another process to ask.
func TestNoneFound(t *testing.T) {
	if os.Getenv("TEST_NONE_FOUND") != "" {
		_, err := New(Options{}).HTTP(t.Context(), computeService, root)
		if err = Classify(err); err == nil {
			t.Skip("there are credentials here")
		}
		if ReasonOf(err) != inventory.ReasonDenied || !alike(err.Error(), `no Google credentials were found: run "gcloud auth application-default login", or …`) {
			t.Errorf("%s: %v", ReasonOf(err), err)
		}
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNoneFound$")
	cmd.Env = append(os.Environ(), "TEST_NONE_FOUND=1", "GOOGLE_APPLICATION_CREDENTIALS=", "GCE_METADATA_HOST=", "HOME="+t.TempDir(), "APPDATA="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestRecordingHoldsNoToken holds that neither tokens nor the calls that get them come into a recording, nor failures to get them.
func TestRecordingHoldsNoToken(t *testing.T) {
	server := newTokens(t)
	file(t, serviceAccount(t, server.URL))
	dir := filepath.Join(t.TempDir(), "tape")
	recorder, err := tape.Create(dir, tape.Header{HashKey: bytes.Repeat([]byte("k"), 32), Recorded: testTime()})
	if err != nil {
		t.Fatal(err)
	}
	s, sent, _ := signedIn(t, Options{Record: recorder})
	if _, err := got(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	caller := s.Caller(t.Context())
	server.status, server.failure = 400, `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`
	failing, _, _ := signedIn(t, Options{Record: recorder})
	if _, err := failing.Get(t.Context(), root, "run.googleapis.com", "/v1/x", nil); ReasonOf(err) != inventory.ReasonExpired {
		t.Errorf("no token: %v", err)
	}
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	if len(*sent) != 1 || (*sent)[0].Header.Get("Authorization") == "" {
		t.Error("the call went out without a token")
	}
	var files int
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), planted) || strings.Contains(string(data), "Bearer") || strings.Contains(string(data), "invalid_grant") {
			t.Errorf("%s: %s", path, data)
		}
		return err
	})
	if err != nil || files != 3 {
		t.Errorf("%d files, want the manifest, the call and the caller: %v", files, err)
	}
	if got := replaying(t, dir).Caller(t.Context()); got != caller || got == "" {
		t.Errorf("caller in the replay %q, was %q", got, caller)
	}
}

// TestNoCredentialsForEndpoint holds that nobody looks for credentials where they are not needed, or sends them there.
func TestNoCredentialsForEndpoint(t *testing.T) {
	tokens := newTokens(t)
	file(t, serviceAccount(t, tokens.URL))
	server := gcptest.New(t)
	for _, w := range ways() {
		server.On(w.path, gcptest.JSON(`{}`))
		if _, err := w.call(t.Context(), on(server)); err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
	}
	for _, c := range server.Calls() {
		if c.Authorized {
			t.Errorf("%s brought credentials", c.Path)
		}
	}
	if len(tokens.asked) != 0 {
		t.Errorf("a token was asked for: %v", tokens.asked)
	}
}

// TestBrokenOffBeforeSigningIn holds that one who is broken off says so, and leaves the credentials to the next one.
func TestBrokenOffBeforeSigningIn(t *testing.T) {
	server := newTokens(t)
	file(t, serviceAccount(t, server.URL))
	s, _, _ := signedIn(t, Options{})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.HTTP(ctx, computeService, root); err == nil {
		t.Error("no error")
	}
	if _, err := got(t.Context(), s); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

// TestLibrariesDoNotLog holds that the libraries write neither answers nor tokens to standard error, whatever the environment asks of
// them.
func TestLibrariesDoNotLog(t *testing.T) {
	file(t, serviceAccount(t, newTokens(t).URL)) // sets the environment
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = write
	server := gcptest.New(t)
	for _, w := range ways() {
		server.On(w.path, gcptest.JSON(`{"kind":"`+planted+`"}`))
		if _, err := w.call(t.Context(), on(server)); err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
	}
	signed, _, _ := signedIn(t, Options{})
	if _, err := got(t.Context(), signed); err != nil {
		t.Error(err)
	}
	os.Stderr = before
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(read); err != nil || len(text) > 0 {
		t.Errorf("%s, %v", text, err)
	}
}
