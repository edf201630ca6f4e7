package tape

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
)

func keyOf(t testing.TB, method, target, contentType, body string, headers ...string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return DefaultKey(req, []byte(body))
}

const signed = "AWS4-HMAC-SHA256 Credential=AKIA/20260301/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=abc"

func TestKeyStays(t *testing.T) {
	form := "application/x-www-form-urlencoded"
	get := func(target string, headers ...string) string { return keyOf(t, "GET", target, "", "", headers...) }
	for name, pair := range map[string][2]string{
		"host":            {get("https://sqs.eu-west-1.amazonaws.com/a"), get("http://127.0.0.1:5000/a")},
		"query in order":  {get("http://h/?b=2&a=1"), get("http://h/?a=1&b=2")},
		"signature":       {get("http://h/?a=1&X-Amz-Signature=x&X-Amz-Date=1"), get("http://h/?a=1&X-Amz-Signature=y&X-Amz-Date=2&X-Amz-Security-Token=t")},
		"headers":         {get("http://h/", "Amz-Sdk-Invocation-Id", "1", "X-Amz-Date", "1", "User-Agent", "a"), get("http://h/", "Amz-Sdk-Request", "attempt=2", "Authorization", "x")},
		"last slash":      {get("http://h/a/"), get("http://h/a")},
		"members of JSON": {keyOf(t, "POST", "http://h/", jsonType, `{"b":{"y":1,"x":[2]},"a":"x"}`), keyOf(t, "POST", "http://h/", jsonType, `{"a":"\u0078", "b":{"x":[2],"y":1}}`)},
		"client token":    {keyOf(t, "POST", "http://h/", jsonType, `{"ClientToken":"1","a":1}`), keyOf(t, "POST", "http://h/", jsonType, `{"clientToken":"2","a":1}`)},
		"form":            {keyOf(t, "POST", "http://h/", form, "Action=A&B=2&ClientToken=1"), keyOf(t, "POST", "http://h/", form, "B=2&Action=A")},
		"CBOR": {
			keyOf(t, "POST", "http://h/", "application/cbor", "\xa2\x61a\x01\x61b\x02"), keyOf(t, "POST", "http://h/", "application/cbor", "\xa2\x61b\x02\x61a\x01"),
		},
		"bucket in host or path": {get("https://my.bucket.s3.eu-west-1.amazonaws.com/?tagging"), get("http://127.0.0.1:5000/my.bucket?tagging")},
		"bucket at a local name": {get("http://b1.localhost:5000/?tagging", "Authorization", signed), get("https://b1.s3.amazonaws.com/?tagging", "Authorization", signed)},
		"bucket named s3":        {get("https://s3.s3.eu-west-1.amazonaws.com/"), get("https://s3.eu-west-1.amazonaws.com/s3")},
		"account in the host":    {get("https://111122223333.ddb.eu-west-1.amazonaws.com/"), get("https://dynamodb.eu-west-1.amazonaws.com/")},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s:\n%s\n---\n%s", name, pair[0], pair[1])
		}
	}
}

func TestKeyTellsCallsApart(t *testing.T) {
	seen := map[string]int{}
	keys := []string{
		keyOf(t, "GET", "http://h/a", "", ""),
		keyOf(t, "HEAD", "http://h/a", "", ""),
		keyOf(t, "GET", "http://h/b", "", ""),
		keyOf(t, "GET", "http://h/a%2Fb", "", ""),
		keyOf(t, "GET", "http://h/a/b", "", ""),
		keyOf(t, "GET", "http://h/a?nextToken=1", "", ""),
		keyOf(t, "GET", "http://h/a?nextToken=2", "", ""),
		keyOf(t, "GET", "http://h/a?n=1&n=2", "", ""),
		keyOf(t, "GET", "http://h/a?n=2&n=1", "", ""),
		keyOf(t, "POST", "http://h/", jsonType, `{"NextToken":"1"}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"NextToken":"2"}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"NextToken":"2"}`, "X-Amz-Target", "A.B"),
		keyOf(t, "POST", "http://h/", jsonType, `{"a":["1","2"]}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"a":["2","1"]}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"a":["1"],"b":["2"]}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"a":{"ClientToken":"1"}}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"a":{"ClientToken":"2"}}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"a":1}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"a":"1"}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"a":[]}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"a":{}}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"a":null}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"Key":"1"}`),
		keyOf(t, "POST", "http://h/", jsonType, `{"Key":"2"}`),
		keyOf(t, "POST", "http://h/", jsonType, `broken 1`),
		keyOf(t, "POST", "http://h/", jsonType, `broken 2`),
		keyOf(t, "POST", "http://h/", "application/xml", `<a>1</a>`),
		keyOf(t, "POST", "http://h/", "application/xml", `<a>2</a>`),
		keyOf(t, "POST", "http://h/", "application/cbor", string(cbor.Encode(cbor.Map{"T": cbor.Float64(1)}))),
		keyOf(t, "POST", "http://h/", "application/cbor", string(cbor.Encode(cbor.Map{"T": cbor.Float64(2)}))),
		keyOf(t, "POST", "http://h/", "application/cbor", string(cbor.Encode(cbor.Map{"T": &cbor.Tag{ID: 1, Value: cbor.Uint(1)}}))),
		keyOf(t, "POST", "http://h/", "application/cbor", string(cbor.Encode(cbor.Map{"T": &cbor.Tag{ID: 1, Value: cbor.Uint(2)}}))),
		keyOf(t, "GET", "https://b1.s3.eu-west-1.amazonaws.com/?tagging", "", ""),
		keyOf(t, "GET", "https://b2.s3.eu-west-1.amazonaws.com/?tagging", "", ""),
		keyOf(t, "GET", "https://b1.minio.corp/?tagging", "", "", "Authorization", signed),
		keyOf(t, "GET", "https://b2.minio.corp/?tagging", "", "", "Authorization", signed),
	}
	for i, k := range keys {
		if j, ok := seen[k]; ok {
			t.Errorf("%d and %d have one key: %s", j, i, k)
		}
		seen[k] = i
	}
}

func TestKeyIsStoredAsAHash(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir)
	call(t, r.Transport(space, answer(200, nil, `{}`)), "POST", "http://h/a", "text/plain", "pl4nt3d in a body that cannot be searched")
	closed(t, r)
	for name, content := range files(t, dir) {
		if strings.Contains(name+content, planted) {
			t.Errorf("%s:\n%s", name, content)
		}
	}
}
