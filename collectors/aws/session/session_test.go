package session

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// machine sets the environment of a machine whose calls go to a server that knows who calls.
func machine(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/ana</Arn>`+
			`<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PROFILE": "", "AWS_REGION": "eu-west-1",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_CA_BUNDLE": "",
	} {
		t.Setenv(name, value)
	}
}

// TestCancelledFirstCall: whoever comes first and is stopped, or out of time, fails alone.
func TestCancelledFirstCall(t *testing.T) {
	machine(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for name, c := range map[string]struct {
		ctx   context.Context
		cause error
	}{"cancelled": {cancelled, context.Canceled}, "late": {late, context.DeadlineExceeded}} {
		s := New(Options{Attempts: 1})
		if _, err := s.Config(c.ctx, "111122223333", Role{}, ""); !errors.Is(err, c.cause) {
			t.Errorf("%s: the first call got the error %v", name, err)
		}
		if _, err := s.Caller(c.ctx); !errors.Is(err, c.cause) {
			t.Errorf("%s: the second call got the error %v", name, err)
		}
		cfg, err := s.Config(t.Context(), "111122223333", Role{}, "")
		if err != nil || cfg.Region != "eu-west-1" {
			t.Errorf("%s: the call after them got the region %q and the error %v", name, cfg.Region, err)
		}
		if caller, err := s.Caller(t.Context()); err != nil || caller.Account != "111122223333" {
			t.Errorf("%s: caller %+v, error %v", name, caller, err)
		}
	}
}

// TestLoadedOnce: what was loaded serves all that come after, also where the files have changed meanwhile; what could not be is tried again.
func TestLoadedOnce(t *testing.T) {
	machine(t)
	file := filepath.Join(t.TempDir(), "config")
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := New(Options{Attempts: 1, Profile: "audit"})
	if _, err := s.Config(t.Context(), "111122223333", Role{}, ""); ReasonOf(err) != inventory.ReasonDenied {
		t.Errorf("a profile that is not there: %v", err)
	}
	write("[profile audit]\nregion = eu-central-1\n")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if cfg, err := s.Config(t.Context(), "111122223333", Role{}, ""); err != nil || cfg.Region != "eu-central-1" {
				t.Errorf("region %q, error %v", cfg.Region, err)
			}
		})
	}
	group.Wait()
	write("[profile audit]\nregion = eu-west-3\n")
	if cfg, err := s.Config(t.Context(), "222222222222", Role{}, ""); err != nil || cfg.Region != "eu-central-1" {
		t.Errorf("loaded again: region %q, error %v", cfg.Region, err)
	}
}

// TestPartitionOf: what is no ARN leaves the partition that nearly all accounts are in.
func TestPartitionOf(t *testing.T) {
	for text, want := range map[string]string{
		"arn:aws:iam::111122223333:root": "aws", "arn:aws-cn:iam::111122223333:user/ana": "aws-cn",
		"arn:aws-us-gov:sts::111122223333:assumed-role/Reader/muster": "aws-us-gov", "": "aws", "ana": "aws",
	} {
		if got := partitionOf(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
