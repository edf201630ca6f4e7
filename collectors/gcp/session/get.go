package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/api/googleapi"
)

// Get reads one page of a REST path into a JSON object, as encoding/json does into an any: its numbers are float64 (64-bit integers are
// texts in Google's JSON), as they are in what the client libraries' structpb.Struct gives. Errors have gone through Classify.
func (s *Session) Get(ctx context.Context, root, service, path string, query url.Values) (map[string]any, error) {
	address := s.URL(service, path)
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", service, err)
	}
	var doc map[string]any
	if err := s.do(req, service, root, &doc); err != nil {
		return nil, Classify(err)
	}
	if doc == nil {
		return nil, Classify(fmt.Errorf("read the answer to %s %s: it is null, and no JSON object", service, operationOf(req.URL.EscapedPath())))
	}
	return doc, nil
}

// do sends a request and decodes its answer, which is one JSON value.
func (s *Session) do(req *http.Request, service, root string, to any) error {
	client, err := s.HTTP(req.Context(), service, root)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it is in memory
	op := operationOf(req.URL.EscapedPath())
	if err := googleapi.CheckResponse(resp); err != nil {
		return fmt.Errorf("%s %s: %w", service, op, err)
	}
	body, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(body, to)
	}
	if err != nil {
		return fmt.Errorf("read the answer to %s %s: %w", service, op, err)
	}
	return nil
}

// mostPermissions is how many permissions can be asked about at once.
const mostPermissions = 100

// TestPermissions asks which of some permissions the caller holds on a resource ("projects/acme-prod", "organizations/1"), and returns
// them in the order in which they were asked about. It is the only POST that is ever sent, and changes nothing. For folders ("folders/1")
// Google wants a token that may also write, so that the error is ErrScope unless the credentials are a user's.
func (s *Session) TestPermissions(ctx context.Context, resource string, permissions []string) (held []string, err error) {
	has := map[string]bool{}
	for part := range slices.Chunk(permissions, mostPermissions) {
		list, err := s.testSome(ctx, resource, part)
		if err != nil {
			return nil, Classify(fmt.Errorf("ask for the permissions on %s: %w", resource, err))
		}
		for _, p := range list {
			has[p] = true
		}
	}
	for _, p := range permissions {
		if has[p] {
			held = append(held, p)
		}
	}
	return held, nil
}

func (s *Session) testSome(ctx context.Context, resource string, permissions []string) ([]string, error) {
	kind, id, _ := strings.Cut(resource, "/")
	if id == "" || strings.Contains(id, "/") || kind != "projects" && kind != "folders" && kind != "organizations" {
		return nil, errors.New(`it is no project, folder or organization, as "projects/acme-prod"`)
	}
	body, err := json.Marshal(map[string][]string{"permissions": permissions})
	if err != nil {
		return nil, err
	}
	address := s.URL(resourceManager, "/v3/"+kind+"/"+url.PathEscape(id)+testVerb)
	req, err := http.NewRequestWithContext(context.WithValue(ctx, permissionTest{}, true), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	var out struct {
		Permissions []string `json:"permissions"`
	}
	if err := s.do(req, resourceManager, resource, &out); err != nil {
		return nil, err
	}
	return out.Permissions, nil
}
