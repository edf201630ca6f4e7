package compute

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	transport "google.golang.org/api/transport/http"

	"github.com/muster-audit/muster/collectors/gcp/resource"
)

// plain opens a list of global things for which the library has no client: the health checks of old.
func plain(collection string) opener {
	return func(ctx context.Context, opts []option.ClientOption, project string) (pages, func(), error) {
		client, endpoint, err := transport.NewClient(ctx, opts...)
		if err != nil {
			return nil, nil, err
		}
		if endpoint == "" {
			endpoint = "https://compute.googleapis.com"
		}
		address := strings.TrimRight(endpoint, "/") + "/compute/v1/projects/" + url.PathEscape(project) + "/global/" + collection
		return func(token string) (answer, error) { return fetch(ctx, client, address, token) }, func() {}, nil
	}
}

// document is a resource as the API gave it.
type document resource.Doc

func (d document) document() (resource.Doc, error) { return resource.Doc(d), nil }

// fetch reads one page of a list.
func fetch(ctx context.Context, client *http.Client, address, token string) (answer, error) {
	query := url.Values{"maxResults": {strconv.Itoa(largest)}}
	if token != "" {
		query.Set("pageToken", token)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+query.Encode(), nil)
	if err != nil {
		return answer{}, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	if err := googleapi.CheckResponse(resp); err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	return parse(body)
}

func parse(body []byte) (answer, error) {
	var page struct {
		Items         []document
		NextPageToken string
		Warning       struct{ Code, Message string }
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return answer{}, fmt.Errorf("read the answer: %w", err)
	}
	g := group{scope: "global"}
	for _, d := range page.Items {
		g.items = append(g.items, d)
	}
	return answer{next: page.NextPageToken, groups: []group{g}, warning: warning{code: page.Warning.Code, message: page.Warning.Message}}, nil
}
