package compute

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	compute "cloud.google.com/go/compute/apiv1"
	"cloud.google.com/go/compute/apiv1/computepb"
	"google.golang.org/api/option"
	"google.golang.org/protobuf/proto"

	"github.com/muster-audit/muster/inventory"
)

// service begins the names of the types.
const service = "compute.googleapis.com/"

// listing is one list of the API, and the types of what it lists by where that is. The names of types are those of the asset inventory,
// which for most kinds of thing has one type wherever it is.
type listing struct {
	collection string // "instances", as in names and permissions
	also       []string
	method     string // "aggregatedList", if it is not that of the collection: "regionCommitments.aggregatedList"
	global     string // names of types; empty where there are none
	regional   string
	zonal      string
	open       opener
}

// opener makes a client and returns what fetches a page by its token, the first one's being empty.
type opener func(ctx context.Context, opts []option.ClientOption, project string) (next pages, closes func(), err error)

type pages func(token string) (answer, error)

// largest is the most that the API gives at once.
const largest = 500

func listings() []listing {
	var all []listing
	for _, part := range [][]listing{machineLists(), diskLists(), networkLists(), linkLists(), balancerLists(), proxyLists()} {
		all = append(all, part...)
	}
	return all
}

// call names the call as Google's audit logs do: "compute.instances.aggregatedList".
func (l *listing) call() string {
	if strings.Contains(l.method, ".") {
		return "compute." + l.method
	}
	return "compute." + l.collection + "." + l.method
}

func (l *listing) types() []inventory.Type {
	var list []inventory.Type
	for _, name := range []string{l.zonal, l.regional, l.global} {
		if name != "" {
			list = append(list, inventory.Type(service+name))
		}
	}
	return list
}

// typeAt returns the type of what is in a scope: "zones/europe-west1-b", "regions/europe-west1", "global". In a scope of another form,
// or where nobody expects such things, it is the usual type, and known is false.
func (l *listing) typeAt(scope string) (t inventory.Type, known bool) {
	kind, _, _ := strings.Cut(scope, "/")
	name := map[string]string{"zones": l.zonal, "regions": l.regional, "global": l.global}[kind]
	if name != "" {
		return inventory.Type(service + name), true
	}
	return l.types()[0], false
}

// rest opens a list of one of the library's clients.
func rest[C io.Closer](client func(context.Context, ...option.ClientOption) (C, error), list func(context.Context, C, string) pages) opener {
	return func(ctx context.Context, opts []option.ClientOption, project string) (pages, func(), error) {
		c, err := client(ctx, opts...)
		if err != nil {
			return nil, nil, err
		}
		return list(ctx, c, project), func() { _ = c.Close() }, nil // it only drops its connections
	}
}

// errNoResponse says that the library changed.
var errNoResponse = errors.New("the client library gives no response of the page")

// paged fetches pages by what an iterator of the library has for the library itself. The iterator as such goes over several pages at
// once where they are empty, and keeps the response of the last one only.
func paged[T any](fetch func(pageSize int, token string) ([]T, string, error), response *any) pages {
	return func(token string) (answer, error) {
		_, next, err := fetch(largest, token)
		if err != nil {
			return answer{}, err
		}
		m, ok := (*response).(proto.Message)
		if !ok {
			return answer{}, fmt.Errorf("%w: %T", errNoResponse, *response)
		}
		a := read(m)
		a.next = next
		return a, nil
	}
}

// probe opens a list of which one thing is asked for. Every project that has the API may list its networks.
func probe() opener {
	return rest(compute.NewNetworksRESTClient, func(ctx context.Context, c *compute.NetworksClient, project string) pages {
		it := c.List(ctx, &computepb.ListNetworksRequest{Project: project})
		return func(token string) (answer, error) {
			_, _, err := it.InternalFetch(1, token)
			return answer{}, err
		}
	})
}
