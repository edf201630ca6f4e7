package backend

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/muster-audit/muster/collectors/remote"
)

// found is the block without an address.
func (b block) found(folder string) Found {
	return Found{File: b.file, Line: b.line, Folder: folder, Type: b.kind}
}

// locate says where a backend keeps the states of all workspaces of the configuration in a folder.
// Reference: https://developer.hashicorp.com/terraform/language/backend
func (b block) locate(folder string) Found {
	f := b.found(folder)
	c := &config{values: b.values}
	switch b.kind {
	case "local":
		f.Address = c.local(folder)
	case "s3":
		f.Address, f.Access = c.s3()
	case "gcs":
		f.Address = c.gcs()
	case "http":
		f.Address = c.need("address")
	case "cloud", "remote":
		f.Address = c.cloud()
	case "azurerm", "consul", "kubernetes", "pg":
		f.Why = fmt.Sprintf("backend %q is not read: write the state with terraform state pull, and give that file in paths", b.kind)
		return f
	case "":
		f.Why = "which backend it is is not written literally: give the state in paths"
		return f
	default:
		f.Why = fmt.Sprintf("backend %q is not known here: write the state with terraform state pull, and give that file in paths", b.kind)
		return f
	}
	if f.Why = c.why(b.kind); f.Why == "" && remote.IsRemote(f.Address) {
		f.Why = check(b.kind, f.Address)
	}
	if f.Why != "" {
		f.Address, f.Access = "", remote.Access{}
	}
	return f
}

func check(kind, address string) string {
	if _, err := remote.Parse(address); err != nil {
		return fmt.Sprintf("backend %q: the address %v", kind, err)
	}
	return ""
}

// oneOf writes a glob for any of some globs.
func oneOf(globs ...string) string {
	for i, g := range globs {
		globs[i] = strings.ReplaceAll(g, ",", `\,`)
	}
	return "{" + strings.Join(globs, ",") + "}"
}

func (c *config) local(folder string) string {
	state := c.or("path", "terraform.tfstate")
	spaces := c.or("workspace_dir", "terraform.tfstate.d")
	if state == "" {
		state = "terraform.tfstate"
	}
	at := func(p string) string {
		if path.IsAbs(p) {
			return path.Clean(p)
		}
		return path.Join(folder, p)
	}
	return oneOf(remote.Escape(at(state)), remote.Escape(at(spaces))+"/*/terraform.tfstate")
}

func (c *config) s3() (string, remote.Access) {
	bucket, key := c.need("bucket"), c.need("key")
	prefix := c.or("workspace_key_prefix", "env:")
	if c.has("endpoint") || c.inner("endpoints").has("s3") {
		c.unknown = append(c.unknown, "endpoints (it names a server other than AWS's: set AWS_ENDPOINT_URL_S3 and give s3://bucket/key in paths)")
	}
	if c.has("sse_customer_key") {
		c.unknown = append(c.unknown, "sse_customer_key (the state is encrypted with a key of the customer)")
	}
	access := remote.Access{Profile: c.text("profile"), Region: c.text("region"), Role: c.text("role_arn"), ExternalID: c.text("external_id")}
	if role := c.inner("assume_role"); c.has("assume_role") {
		access.Role, access.ExternalID = role.text("role_arn"), role.text("external_id")
		c.unknown = append(c.unknown, role.unknown...)
	}
	spaces := "*/" + remote.Escape(key)
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		spaces = remote.Escape(prefix) + "/" + spaces
	}
	return "s3://" + bucket + "/" + oneOf(remote.Escape(key), spaces), access
}

func (c *config) gcs() string {
	bucket, prefix := c.need("bucket"), c.text("prefix")
	if c.has("encryption_key") {
		c.unknown = append(c.unknown, "encryption_key (the state is encrypted with a key of the customer)")
	}
	return "gs://" + bucket + "/" + path.Join(remote.Escape(strings.Trim(prefix, "/")), "*.tfstate")
}

func (c *config) cloud() string {
	organization, host := c.need("organization"), c.text("hostname")
	spaces := c.inner("workspaces")
	name, glob := spaces.text("name"), spaces.text("prefix")
	query := url.Values{}
	if spaces.has("tags") {
		if tags, ok := spaces.texts("tags"); ok {
			query.Set("tags", strings.Join(tags, ","))
		} else {
			spaces.unknown = append(spaces.unknown, "tags")
		}
	}
	if project := spaces.text("project"); project != "" && name == "" {
		query.Set("project", project)
	}
	switch {
	case name != "":
		query = url.Values{}
	case glob != "":
		name = remote.Escape(glob) + "*"
	case len(query) > 0:
		name = "*"
	case len(spaces.unknown) == 0 && len(c.unknown) == 0:
		c.missing = append(c.missing, "workspaces")
	}
	for _, u := range spaces.unknown {
		c.unknown = append(c.unknown, "workspaces."+u)
	}
	address := "hcp://" + organization + "/" + name
	if host != "" && host != "app.terraform.io" {
		address = "tfe://" + host + "/" + organization + "/" + name
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address
}
