package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// cloudStore reads the current states of workspaces.
// Reference: https://developer.hashicorp.com/terraform/cloud-docs/api-docs/state-versions and …/workspaces
type cloudStore struct{ options Options }

func newCloudStore(o Options) *cloudStore {
	o.fill()
	return &cloudStore{options: o}
}

// workspace is what is read of the API's resource of that name.
type workspace struct {
	ID         string `json:"id"`
	Attributes struct {
		Name string `json:"name"`
	} `json:"attributes"`
	Relationships struct {
		State *struct {
			Data *struct {
				ID string `json:"id"`
			} `json:"data"`
		} `json:"current-state-version"`
	} `json:"relationships"`
}

// stateless reports whether the server says that the workspace has no state. That it says nothing is no such word.
func (w workspace) stateless() bool {
	return w.Relationships.State != nil && w.Relationships.State.Data == nil
}

// stateVersion is what is read of the API's resource of that name.
type stateVersion struct {
	ID         string `json:"id"`
	Attributes struct {
		Created  time.Time `json:"created-at"`
		Size     int64     `json:"size"`
		Download string    `json:"hosted-state-download-url"`
	} `json:"attributes"`
}

const pageSize = 100

// List yields the workspaces of an organization that have a state. Those without one were never applied: there is nothing in them.
func (s *cloudStore) List(ctx context.Context, prefix Location) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		c, err := s.client(prefix)
		if err != nil {
			yield(Object{}, err)
			return
		}
		organization, name, _ := strings.Cut(prefix.Key, "/")
		query, err := s.query(ctx, c, prefix, organization, name)
		if err != nil {
			yield(Object{}, err)
			return
		}
		for page := 1; page > 0; {
			list, next, err := s.page(ctx, c, prefix, organization, query, page)
			if err == nil && next != 0 && next <= page {
				err = failed("list the workspaces of %q: page %d is followed by page %d: see whether this is a server of Terraform Enterprise", organization, page, next)
			}
			if err != nil {
				yield(Object{}, err)
				return
			}
			for _, w := range list {
				l := prefix
				l.Key, l.Query = organization+"/"+w.Attributes.Name, ""
				if !w.stateless() && strings.HasPrefix(l.Key, prefix.Key) && !yield(Object{Location: l, Size: -1}, nil) {
					return
				}
			}
			page = next
		}
	}
}

// query is what a listing is narrowed to.
func (s *cloudStore) query(ctx context.Context, c *cloudClient, l Location, organization, name string) (url.Values, error) {
	asked, err := url.ParseQuery(l.Query)
	if err != nil {
		return nil, failed("read %q: what stands behind \"?\" cannot be read", l)
	}
	query := url.Values{"page[size]": {strconv.Itoa(pageSize)}}
	if name != "" {
		query.Set("search[wildcard-name]", name+"*")
	}
	if tags := asked.Get("tags"); tags != "" {
		query.Set("search[tags]", tags)
	}
	if project := asked.Get("project"); project != "" {
		id, err := s.project(ctx, c, l, organization, project)
		if err != nil {
			return nil, err
		}
		query.Set("filter[project][id]", id)
	}
	return query, nil
}

// project finds the id of a project by its name.
func (s *cloudStore) project(ctx context.Context, c *cloudClient, l Location, organization, name string) (string, error) {
	var doc struct {
		Data []struct {
			ID         string `json:"id"`
			Attributes struct {
				Name string `json:"name"`
			} `json:"attributes"`
		} `json:"data"`
	}
	query := url.Values{"filter[names]": {name}}
	if err := c.read(ctx, l, "/api/v2/organizations/"+url.PathEscape(organization)+"/projects?"+query.Encode(), &doc); err != nil {
		return "", err
	}
	for _, p := range doc.Data {
		if p.Attributes.Name == name {
			return p.ID, nil
		}
	}
	return "", failed("the organization %q has no project %q that this token may see: %w", organization, name, ErrNotFound)
}

func (s *cloudStore) page(ctx context.Context, c *cloudClient, l Location, organization string, query url.Values, page int) ([]workspace, int, error) {
	var doc struct {
		Data *[]workspace `json:"data"`
		Meta struct {
			Pagination *struct {
				Next *int `json:"next-page"`
			} `json:"pagination"`
		} `json:"meta"`
	}
	query.Set("page[number]", strconv.Itoa(page))
	if err := c.read(ctx, l, "/api/v2/organizations/"+url.PathEscape(organization)+"/workspaces?"+query.Encode(), &doc); err != nil {
		return nil, 0, err
	}
	switch {
	case doc.Data == nil || doc.Meta.Pagination == nil: // how much there is more is not known
		return nil, 0, failed("list the workspaces of %q: the answer is no page of workspaces: see whether this is a server of Terraform Enterprise", organization)
	case doc.Meta.Pagination.Next == nil:
		return *doc.Data, 0, nil
	}
	return *doc.Data, *doc.Meta.Pagination.Next, nil
}

// Open reads the current state of a workspace, or the state version that the object names. Versions never change.
func (s *cloudStore) Open(ctx context.Context, o Object) (io.ReadCloser, Object, error) {
	l := o.Location
	c, err := s.client(l)
	if err != nil {
		return nil, o, err
	}
	v, err := s.version(ctx, c, o)
	if err != nil {
		return nil, o, err
	}
	at, err := c.download(l, v.Attributes.Download)
	if err != nil {
		return nil, o, err
	}
	resp, err := c.get(ctx, l, at)
	if err != nil {
		return nil, o, err
	}
	if resp.StatusCode != http.StatusOK || resp.ContentLength == 0 {
		_ = resp.Body.Close() // it is not read
		return nil, o, c.refused(l, resp.StatusCode)
	}
	got := Object{Location: l, Size: -1, Modified: v.Attributes.Created.UTC(), Version: v.ID}
	return &body{ReadCloser: resp.Body, location: l}, got, nil
}

func (s *cloudStore) version(ctx context.Context, c *cloudClient, o Object) (stateVersion, error) {
	var doc struct {
		Data stateVersion `json:"data"`
	}
	l := o.Location
	path := "/api/v2/state-versions/" + url.PathEscape(o.Version)
	if o.Version == "" {
		var at struct {
			Data workspace `json:"data"`
		}
		organization, name, _ := strings.Cut(l.Key, "/")
		if err := c.read(ctx, l, "/api/v2/organizations/"+url.PathEscape(organization)+"/workspaces/"+url.PathEscape(name), &at); err != nil {
			return doc.Data, err
		}
		if at.Data.ID == "" {
			return doc.Data, failed("read %q: the answer is no workspace: see whether this is a server of Terraform Enterprise", l)
		}
		if at.Data.stateless() {
			return doc.Data, noState(l)
		}
		path = "/api/v2/workspaces/" + url.PathEscape(at.Data.ID) + "/current-state-version"
	}
	err := c.read(ctx, l, path, &doc)
	switch {
	case isNotFound(err) && o.Version == "":
		// Also a token that may see the workspace and not its state is told that there is none.
		return doc.Data, failed(
			"read %q: the workspace has no state yet, or this token may not read it: give its team the right to read states: %w", l, ErrNotFound)
	case isNotFound(err):
		return doc.Data, Changed(l)
	case err == nil && (doc.Data.ID == "" || doc.Data.Attributes.Download == ""):
		err = Failure(inventory.ReasonDenied, "read %q: the server gives no address of the state: give the token's team the right to read states", l)
	}
	return doc.Data, err
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

// cloudClient speaks to one server with its token.
type cloudClient struct {
	*client
	host string
}

func (s *cloudStore) client(l Location) (*cloudClient, error) {
	token, err := tokenOf(s.options, l.Host)
	if err != nil {
		return nil, failed("read %q: %w", l, err)
	}
	if token == "" {
		return nil, Failure(inventory.ReasonDenied, "read %q: there is no token for %s: set %s, or run terraform login %s", l, l.Host, tokenVariables(l.Host)[0], l.Host)
	}
	c := &cloudClient{client: &client{options: s.options}, host: l.Host}
	c.origin = originOf(&url.URL{Scheme: "https", Host: l.Host})
	c.sign = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	return c, nil
}

// largestPage bounds an answer in JSON.
const largestPage = 32 << 20

// read asks for a path of the API and decodes the answer.
func (c *cloudClient) read(ctx context.Context, l Location, path string, to any) error {
	resp, err := c.get(ctx, l, "https://"+c.host+path)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	if resp.StatusCode != http.StatusOK {
		return c.refused(l, resp.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, largestPage+1))
	switch {
	case err != nil:
		return Cut(l, err)
	case len(text) > largestPage:
		return failed("read %q: the answer of %s is larger than %s", l, c.host, collectors.Size(largestPage))
	case json.Unmarshal(text, to) != nil: // its error could quote a signed address
		return failed("read %q: what %s answers is no JSON of this API: see the address", l, c.host)
	}
	return nil
}

func (c *cloudClient) refused(l Location, status int) error {
	if status == http.StatusNotFound {
		return NotFound(l, fmt.Sprintf("see the names, and whether the token for %s may see them", c.host))
	}
	return answer(l, status, true, fmt.Sprintf("see the token for %s in %s, or run terraform login %s", c.host, tokenVariables(c.host)[0], c.host))
}

// download returns the address of a state, which must be encrypted. It may be another server's, which is not given the token.
func (c *cloudClient) download(l Location, text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", failed("read %q: %s gives an address of the state that does not begin with https", l, c.host)
	}
	return text, nil
}
