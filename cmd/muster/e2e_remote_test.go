//go:build e2e

package main

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/objects"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

// TestMotoRemoteStates reads objects of buckets in two regions, by a role, twice, and while they are written, from a second implementation
// of S3.
func TestMotoRemoteStates(t *testing.T) {
	url := moto(t)
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	for _, v := range awsEnv(url) {
		if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value)
		}
	}
	const client = `
import boto3, sys
s3 = boto3.client("s3", region_name="eu-west-1", endpoint_url=sys.argv[1], aws_access_key_id="test", aws_secret_access_key="test")
`
	byHand(t, url, client+`
s3.create_bucket(Bucket="acme.states", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
for i in range(1100):
    s3.put_object(Bucket="acme.states", Key="many/%04d.tfstate" % i, Body=b"{}")
for key in ("app/terraform.tfstate", "env:/dev/app/terraform.tfstate", "env:/prod eu/app/terraform.tfstate", "env:/dev/other/terraform.tfstate"):
    s3.put_object(Bucket="acme.states", Key=key, Body=key.encode())
s3.put_object(Bucket="acme.states", Key="large.tfstate", Body=b"0123456789" * 1000000)
s3.put_object(Bucket="acme.states", Key="empty.tfstate", Body=b"")
`)
	stores := remote.NewStores(remote.Options{}, objects.Scheme())
	list := func(access remote.Access, text string) []inventory.Scope {
		p, err := remote.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		p.Access = access
		found, err := remote.Set{Stores: stores, Patterns: []remote.Pattern{p}}.Scopes(t.Context(), inventory.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	read := func(f *remote.File) (string, error) {
		r, err := f.Open(t.Context())
		if err != nil {
			return "", err
		}
		defer r.Close()
		text, err := io.ReadAll(r)
		return string(text), err
	}
	file := func(s inventory.Scope) *remote.File {
		f, err := stores.File(s)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}

	role := remote.Access{Role: "arn:aws:iam::" + motoAccount + ":role/States"}
	var texts []string
	for _, s := range list(role, "s3://acme.states/{app/terraform.tfstate,env:/*/app/terraform.tfstate}") {
		text, err := read(file(s))
		if err != nil {
			t.Error(err)
		}
		texts = append(texts, text)
	}
	if want := []string{"app/terraform.tfstate", "env:/dev/app/terraform.tfstate", "env:/prod eu/app/terraform.tfstate"}; !slices.Equal(texts, want) {
		t.Errorf("read %q, want %q", texts, want)
	}
	if n := len(list(remote.Access{}, "s3://acme.states/many/")); n != 1100 {
		t.Errorf("%d of 1100 objects were listed", n)
	}
	large := file(list(remote.Access{}, "s3://acme.states/large.tfstate")[0])
	for range 2 {
		if text, err := read(large); err != nil || text != strings.Repeat("0123456789", 1000000) {
			t.Errorf("%d bytes, %v", len(text), err)
		}
	}
	byHand(t, url, client+`s3.put_object(Bucket="acme.states", Key="large.tfstate", Body=b"0123456788" * 1000000)`)
	if text, err := read(large); !errors.Is(err, remote.ErrChanged) || text != "" {
		t.Errorf("after it was written: %d bytes, %v", len(text), err)
	}
	for text, want := range map[string]string{
		"s3://acme.states/absent": "nothing is at", "s3://acme.absent/a": "there is no bucket", "s3://acme.states/empty.tfstate": "is empty",
	} {
		if _, err := read(file(list(remote.Access{}, text)[0])); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, want := range map[string]string{"s3://acme.absent/**": "there is no bucket", "s3://acme.states/x*": "nothing matches"} {
		if _, err := stores.File(list(remote.Access{}, text)[0]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
