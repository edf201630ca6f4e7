package remote

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/muster-audit/muster/collectors"
)

// Location is the place of one object.
type Location struct {
	Scheme string // s3, gs, https, http, hcp, tfe
	// Host is the bucket, or the server with its port.
	Host string
	// Key is the name of the object in the bucket, byte for byte; the escaped path on a server, without the first slash; or
	// organization/workspace.
	Key string
	// Query is what stands behind "?" in an address of a server; and of HCP Terraform, which workspaces a listing is about.
	Query  string
	Access Access
}

// hcpHost is the server of HCP Terraform.
const hcpHost = "app.terraform.io"

// String returns the address: "s3://bucket/key", "hcp://org/workspace", "tfe://host/org/workspace". It is the id of the scope.
func (l Location) String() string {
	text := l.Scheme + "://"
	if l.Scheme != "hcp" {
		text += l.Host + "/"
	}
	text += l.Key
	if l.Query != "" {
		text += "?" + l.Query
	}
	return text
}

// Pattern is what a user or a backend block names: one location, or a glob of keys.
type Pattern struct {
	Location // Key is the glob, in which a backslash takes the meaning off the next character
}

// schemes are the beginnings of addresses.
func schemes() []string { return []string{"s3", "gs", "https", "http", "hcp", "tfe"} }

// IsRemote reports whether a configured path is an address and not the path of a file.
func IsRemote(path string) bool {
	scheme, _, ok := strings.Cut(path, "://")
	return ok && slices.Contains(schemes(), strings.ToLower(scheme))
}

var (
	// bucketName is wider than each provider's rules, and holds nothing that means something in an address or a glob.
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$`)
	cloudName  = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// Parse reads an address. The errors say what to do, and quote no query, which may hold a secret.
func Parse(text string) (Pattern, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	switch {
	case !ok || !slices.Contains(schemes(), scheme):
		return Pattern{}, errors.New("is no address: write s3://bucket/key, gs://bucket/key, https://server/path, hcp://organization/workspace or tfe://server/organization/workspace")
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return Pattern{}, errors.New("holds a control character: take it out")
	case scheme == "s3" || scheme == "gs":
		return parseBucket(scheme, rest)
	case scheme == "https" || scheme == "http":
		return parseWeb(scheme, text)
	}
	return parseCloud(scheme, rest)
}

// folderGlob is what a bucket or a folder in it stands for.
const folderGlob = "**/*.tfstate"

func parseBucket(scheme, rest string) (Pattern, error) {
	bucket, key, _ := strings.Cut(rest, "/")
	p := Pattern{Location{Scheme: scheme, Host: bucket, Key: key}}
	switch {
	case strings.ContainsAny(bucket, "*?[{"):
		return p, fmt.Errorf("has a glob for the name of the bucket: name each bucket, as %s://bucket/**/*.tfstate", scheme)
	case !bucketName.MatchString(bucket):
		return p, fmt.Errorf("%q is no name of a bucket: write %s://bucket/key", bucket, scheme)
	}
	if key == "" || strings.HasSuffix(key, "/") {
		p.Key += folderGlob
	}
	return p, checkGlob(p.Key)
}

func checkGlob(glob string) error {
	if !doublestar.ValidatePattern(glob) {
		return fmt.Errorf("%q is not a valid glob: a bracket or brace is not closed", glob)
	}
	_, err := expand(glob)
	return err
}

func parseWeb(scheme, text string) (Pattern, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return Pattern{}, errors.New("is not a valid address: write https://server/path")
	case u.User != nil:
		return Pattern{}, errors.New("holds a user name or a password: take them out, and set TF_HTTP_USERNAME and TF_HTTP_PASSWORD")
	case !validHost(u.Host):
		return Pattern{}, errors.New("names no server: write https://server/path")
	case u.Fragment != "":
		return Pattern{}, errors.New(`has a part behind "#", which no server is told: take it out`)
	case hasMeta(u.EscapedPath()):
		return Pattern{}, errors.New("is a glob, but a server of the HTTP backend cannot be asked what it holds: name each state")
	}
	if name := secretIn(u.Query()); name != "" {
		return Pattern{}, fmt.Errorf("holds a secret, %q: take it out, since addresses are stored; use TF_HTTP_USERNAME and TF_HTTP_PASSWORD", name)
	}
	return Pattern{Location{
		Scheme: scheme, Host: strings.ToLower(u.Host), Key: strings.TrimPrefix(u.EscapedPath(), "/"), Query: u.RawQuery,
	}}, nil
}

// secretIn returns the name of a parameter that is known to let its bearer in.
func secretIn(query url.Values) string {
	for name := range query {
		switch strings.ToLower(name) {
		case "sig", "signature", "token", "private_token", "access_token", "job_token", "password", "x-amz-signature", "x-amz-security-token",
			"x-amz-credential", "x-goog-signature", "api_key", "apikey", "key", "secret":
			return name
		}
	}
	return ""
}

func validHost(host string) bool {
	name := host
	if h, port, err := net.SplitHostPort(host); err == nil {
		if name = h; port == "" {
			return false
		}
	}
	return name != "" && !strings.ContainsAny(name, " \t/\\?#@*{}")
}

func parseCloud(scheme, rest string) (Pattern, error) {
	rest, query, _ := strings.Cut(rest, "?")
	p := Pattern{Location{Scheme: scheme, Host: hcpHost, Query: query}}
	form := "hcp://organization/workspace"
	if scheme == "tfe" {
		form = "tfe://server/organization/workspace"
		p.Host, rest, _ = strings.Cut(rest, "/")
		if p.Host = strings.ToLower(p.Host); !validHost(p.Host) {
			return p, errors.New("names no server: write " + form)
		}
	}
	organization, workspace, _ := strings.Cut(rest, "/")
	workspace = strings.TrimSuffix(workspace, "/")
	if workspace == "" {
		workspace = "*"
	}
	switch {
	case !cloudName.MatchString(organization):
		return p, fmt.Errorf("%q is no name of an organization: write %s", organization, form)
	case !hasMeta(workspace) && !cloudName.MatchString(workspace):
		return p, fmt.Errorf("%q is no name of a workspace: write %s, or a glob such as prod-*", workspace, form)
	}
	if err := checkCloudQuery(query, hasMeta(workspace)); err != nil {
		return p, err
	}
	p.Key = organization + "/" + workspace
	return p, checkGlob(p.Key)
}

func checkCloudQuery(query string, glob bool) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New(`what stands behind "?" cannot be read: write ?tags=a,b or ?project=name`)
	}
	for name := range values {
		if name != "tags" && name != "project" {
			return fmt.Errorf("has a parameter %q: there are tags and project, as ?tags=a,b or ?project=name", name)
		}
	}
	if len(values) > 0 && !glob {
		return errors.New("names one workspace, of which tags and project are not asked: take them out, or write a glob such as hcp://organization/*")
	}
	return nil
}

// Check returns the problems of those configured paths that are addresses. option is their yaml path.
func Check(option string, paths []string) []collectors.OptionError {
	var list []collectors.OptionError
	for i, p := range paths {
		if !IsRemote(p) {
			continue
		}
		if _, err := Parse(p); err != nil {
			list = append(list, collectors.OptionError{Option: fmt.Sprintf("%s[%d]", option, i), Message: "the address " + err.Error()})
		}
	}
	return list
}
