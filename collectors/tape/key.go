package tape

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory/catalog"
)

// DefaultKey returns what tells a request from others of its operation, and stays the same in another run: the method, the path, the
// query sorted, the header X-Amz-Target, and the body with its members in a fixed order. Signatures, client tokens, user agents and
// the host do not count, so that the key survives another endpoint; but a bucket that stands in the host does.
func DefaultKey(req *http.Request, body []byte) string {
	return strings.Join([]string{
		req.Method, pathOf(req), queryOf(req.URL.RawQuery), req.Header.Get("X-Amz-Target"), canonical(req.Header.Get("Content-Type"), body),
	}, "\n")
}

// volatile reports whether a parameter, by its plain name, differs from run to run: those of a signature and of idempotence.
func volatile(plain string) bool {
	switch plain {
	case "xamzalgorithm", "xamzcredential", "xamzdate", "xamzexpires", "xamzsignedheaders", "xamzsignature", "xamzsecuritytoken",
		"accesstoken", "clienttoken", "clientrequesttoken", "idempotencytoken":
		return true
	}
	return false
}

// queryOf sorts a query or a form. What cannot be parsed counts as it stands.
func queryOf(raw string) string {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return raw
	}
	for name := range q {
		if volatile(catalog.PlainName(name)) {
			delete(q, name)
		}
	}
	return q.Encode()
}

// pathOf is the path, with the bucket of a request to S3 before it if it stands in the host.
func pathOf(req *http.Request) string {
	p := req.URL.EscapedPath()
	bucket := bucketOf(req)
	if bucket == "" {
		return trimSlash(p)
	}
	return trimSlash("/" + bucket + p)
}

func trimSlash(p string) string {
	if t := strings.TrimSuffix(p, "/"); t != "" {
		return t
	}
	return "/"
}

// bucketOf returns what a request's host tells of its bucket. The host of a strange endpoint counts as a whole if the request is one to
// S3: two buckets with one key would swap their answers, while a key that another endpoint lacks is only missed.
func bucketOf(req *http.Request) string {
	labels := strings.Split(hostOf(req), ".")
	for i := len(labels) - 2; i >= 0; i-- {
		if isStorage(labels[i]) {
			return strings.Join(labels[:i], ".")
		}
	}
	if !signedForStorage(req) || net.ParseIP(hostOf(req)) != nil || len(labels) == 1 {
		return ""
	}
	if last := len(labels) - 1; labels[last] == "localhost" {
		return strings.Join(labels[:last], ".")
	}
	return strings.Join(labels, ".")
}

func hostOf(req *http.Request) string {
	if req.URL.Hostname() != "" {
		return req.URL.Hostname()
	}
	return req.Host
}

// isStorage recognises the label of S3 in a host: "s3", "s3-fips", "s3-eu-west-1", "s3express-use1-az4".
func isStorage(label string) bool {
	return label == "s3" || strings.HasPrefix(label, "s3-") || strings.HasPrefix(label, "s3express-")
}

func signedForStorage(req *http.Request) bool {
	auth := req.Header.Get("Authorization")
	return strings.Contains(auth, "/s3/aws4_request") || strings.Contains(auth, "/s3express/aws4_request")
}

// canonical writes a body with the members of its objects sorted, which encoders of maps do not keep in order.
func canonical(contentType string, body []byte) string {
	if len(body) == 0 {
		return ""
	}
	if kindOf(contentType) == formBody {
		return queryOf(string(body))
	}
	d, err := parse(contentType, body)
	if err != nil || d.format == xmlBody {
		return string(body)
	}
	var b strings.Builder
	writeCanonical(&b, &d.root, true)
	return b.String()
}

func writeCanonical(b *strings.Builder, n *node, top bool) {
	b.WriteByte('<' + byte(n.kind)) // a text is no number, and an empty list no empty object
	switch n.kind {
	case object:
		kids := slices.Clone(n.kids)
		if top {
			kids = slices.DeleteFunc(kids, func(k node) bool { return volatile(k.plain) && !k.compound() })
		}
		slices.SortStableFunc(kids, func(x, y node) int { return strings.Compare(x.name, y.name) })
		for i := range kids {
			writeSized(b, kids[i].name)
			writeCanonical(b, &kids[i], false)
		}
	case list:
		for i := range n.kids {
			writeCanonical(b, &n.kids[i], false)
		}
	default:
		writeSized(b, n.text)
	}
	b.WriteByte('.')
}

// writeSized writes a text so that its end cannot be mistaken.
func writeSized(b *strings.Builder, s string) {
	b.WriteString(strconv.Itoa(len(s)))
	b.WriteByte(':')
	b.WriteString(s)
}
