package session

import (
	"errors"
	"net/http"
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
)

// TestContentsOnlyByRange holds that the mark of a call that reads an object opens nothing else.
func TestContentsOnlyByRange(t *testing.T) {
	server := gcptest.New(t)
	s := on(server)
	for service, paths := range map[string][]string{
		storage:                        {"/x/y", "/storage/v1/b/x?alt=media", "/download/storage/v1/b/x/o/y?alt=media"},
		"secretmanager.googleapis.com": {"/v1/projects/p/secrets/s/versions/latest:access", "/storage/v1/b/x/o/y?alt=media"},
	} {
		for _, path := range paths {
			client, err := s.HTTP(t.Context(), service, root)
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req = req.WithContext(withObjectRead(req.Context()))
			resp, err := client.Do(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if !errors.Is(err, ErrRefused) {
				t.Errorf("%s%s: %v", service, path, err)
			}
		}
	}
	if calls := server.Calls(); len(calls) != 0 {
		t.Errorf("reached the server: %v", gcptest.Paths(calls))
	}
}
