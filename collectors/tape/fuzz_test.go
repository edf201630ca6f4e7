package tape

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
	"pgregory.net/rapid"
)

const token = "eyJ0b2tlbiI6InBhZ2UtMiJ9=="

func FuzzScrubJSON(f *testing.F) {
	for _, b := range realBodies() {
		if kindOf(b.contentType) == jsonBody {
			f.Add([]byte(b.body))
		}
	}
	f.Add([]byte(`{"a":"<b password='x'/>","b":"%7B%22secret%22%3A%22x+y%22%7D","c":"https://u:p@h/?q"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		fuzzed(t, jsonType, body)
		if !json.Valid(body) || bytes.Contains(body, []byte(planted)) {
			return
		}
		whole := fmt.Sprintf(`{"MasterUserPassword":"%s","NextToken":"%s","data":%s,"environment":[{"name":"a","value":"%s"},%s]}`, planted, token, body, planted, body)
		out, err := Scrub(jsonType, []byte(whole), testHash())
		if err != nil {
			return // deeper than is searched
		}
		var got struct{ NextToken string }
		if err := json.Unmarshal(out, &got); err != nil || !strings.Contains(string(out), `"NextToken":"`+token+`"`) || strings.Contains(string(out), planted) {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func FuzzScrubXML(f *testing.F) {
	for _, b := range realBodies() {
		if kindOf(b.contentType) == xmlBody {
			f.Add([]byte(b.body))
		}
	}
	f.Add([]byte(`<a x="1" password='y'><!-- c --><b>{"secret":"x"}</b><![CDATA[<]]>t</a>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		fuzzed(t, queryType, body)
		if bytes.Contains(body, []byte(planted)) || bytes.Contains(body, []byte("<?xml")) {
			return
		}
		whole := fmt.Sprintf(`<R><MasterUserPassword>%s</MasterUserPassword><NextToken>%s</NextToken><data>%s</data></R>`, planted, token, body)
		if parsesAsXML([]byte(whole)) != nil {
			return
		}
		out, err := Scrub(queryType, []byte(whole), testHash())
		if err != nil {
			return // deeper than is searched
		}
		if err := parsesAsXML(out); err != nil || !strings.Contains(string(out), "<NextToken>"+token+"</NextToken>") || strings.Contains(string(out), planted) {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func parsesAsXML(body []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func FuzzScrubCBOR(f *testing.F) {
	f.Add(cbor.Encode(cbor.Map{"Password": cbor.String("x"), "When": &cbor.Tag{ID: 1, Value: cbor.Float64(1.7e9)}, "L": cbor.List{cbor.Uint(1), cbor.NegInt(2), &cbor.Nil{}, cbor.Bool(true)}}))
	f.Add([]byte("\xbf\x68password\x7f\x61a\x61b\xff\xff"))
	f.Add([]byte("\xa1\x66secret\x5f\x41a\x41b\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		fuzzed(t, "application/cbor", body)
		if bytes.Contains(body, []byte(planted)) {
			return
		}
		whole := slices.Concat([]byte("\xa3"), cborOf("UserData"), cborOf(planted), cborOf("NextToken"), cborOf(token), cborOf("data"), body)
		out, err := Scrub("application/cbor", whole, testHash())
		if err != nil {
			return
		}
		if _, err := cbor.Decode(whole); err != nil {
			return // the SDK's is stricter with numbers that nobody uses
		}
		got, err := cbor.Decode(out)
		if err != nil {
			t.Fatalf("%v\n%x", err, out)
		}
		if m, ok := got.(cbor.Map); !ok || m["NextToken"] != cbor.String(token) || bytes.Contains(out, []byte(planted)) {
			t.Errorf("%v", got)
		}
	})
}

func cborOf(s string) []byte { return cbor.Encode(cbor.String(s)) }

func FuzzScrubForm(f *testing.F) {
	f.Add([]byte("Action=a&Environment.Variables.entry.1.value=x&Password=%20y&Policy=%7B%22secret%22%3A1%7D"))
	f.Fuzz(func(t *testing.T, body []byte) { fuzzed(t, "application/x-www-form-urlencoded", body) })
}

// fuzzed holds that what was scrubbed can be parsed, and stays when it is scrubbed again.
func fuzzed(t *testing.T, contentType string, body []byte) {
	out, err := Scrub(contentType, body, testHash())
	if err != nil {
		return
	}
	if len(bytes.TrimSpace(out)) > 0 {
		if _, err := parse(contentType, out); err != nil {
			t.Fatalf("it cannot be parsed any more: %v\n%q\n%q", err, body, out)
		}
	}
	again, err := Scrub(contentType, out, testHash())
	if err != nil || !bytes.Equal(out, again) {
		t.Fatalf("scrubbing twice: %v\n%q\n%q\n%q", err, body, out, again)
	}
}

// tree is a value that is written as JSON, XML and CBOR.
type tree any

func treeOf(depth int) *rapid.Generator[tree] {
	leaf := rapid.SampledFrom([]tree{"plain", "", "true", "https://h/p", `{"a":"b"}`, "a=b", true, false, nil, 7})
	if depth == 0 {
		return leaf
	}
	names := rapid.SampledFrom([]string{"Name", "Value", "items", "environment", "Tags", "metadata", "Config", "Type", "member"})
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(treeOf(depth-1), 0, 3), func(l []tree) tree { return l }),
		rapid.Map(rapid.MapOfN(names, treeOf(depth-1), 0, 4), func(m map[string]tree) tree { return m }))
}

// TestScrubFindsWhatIsPlanted plants a secret and a page token somewhere in a tree, and looks for them in every encoding.
func TestScrubFindsWhatIsPlanted(t *testing.T) {
	secret := rapid.SampledFrom([]tree{
		map[string]tree{"MasterUserPassword": planted},
		map[string]tree{"UserData": map[string]tree{"Value": planted}},
		map[string]tree{"client_secret": []tree{planted, planted}},
		map[string]tree{"Environment": map[string]tree{"Variables": map[string]tree{"X": planted}}},
		map[string]tree{"Environment": []tree{map[string]tree{"Name": "X", "Value": planted}}},
		map[string]tree{"ParameterKey": "k", "ParameterValue": planted},
		map[string]tree{"Key": "db_password", "Value": planted},
		map[string]tree{"Endpoint": "https://h/p?" + planted},
		map[string]tree{"Policy": `{"Statement":[{"password":"` + planted + `"}]}`},
		map[string]tree{"Doc": `<a><pre_shared_key>` + planted + `</pre_shared_key></a>`},
		map[string]tree{"Name": "p", "Type": "SecureString", "Value": planted},
	})
	rapid.Check(t, func(t *rapid.T) {
		body := map[string]tree{"A": treeOf(3).Draw(t, "tree"), "Plants": []tree{secret.Draw(t, "secret"), secret.Draw(t, "other")}, "NextToken": token}
		for contentType, raw := range map[string][]byte{jsonType: asJSON(t, body), queryType: asXML(body), "application/cbor": cbor.Encode(asCBOR(body))} {
			out, err := Scrub(contentType, raw, testHash())
			if err != nil {
				t.Fatalf("%s: %v\n%s", contentType, err, raw)
			}
			if bytes.Contains(out, []byte(planted)) || !bytes.Contains(out, []byte(token)) {
				t.Fatalf("%s: the secret is left or the token gone\n%s", contentType, out)
			}
			again, err := Scrub(contentType, out, testHash())
			if err != nil || !bytes.Equal(again, out) {
				t.Fatalf("%s: scrubbing twice: %v\n%s\n%s", contentType, err, out, again)
			}
		}
	})
}

func asJSON(t *rapid.T, v tree) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func asXML(v tree) []byte {
	var b bytes.Buffer
	b.WriteString("<R>")
	writeXML(&b, v)
	b.WriteString("</R>")
	return b.Bytes()
}

func writeXML(b *bytes.Buffer, v tree) {
	switch v := v.(type) {
	case map[string]tree:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b.WriteString("<" + k + ">")
			writeXML(b, v[k])
			b.WriteString("</" + k + ">")
		}
	case []tree:
		for _, x := range v {
			b.WriteString("<member>")
			writeXML(b, x)
			b.WriteString("</member>")
		}
	case nil:
	default:
		b.Write(xmlText(fmt.Sprint(v)))
	}
}

func asCBOR(v tree) cbor.Value {
	switch v := v.(type) {
	case map[string]tree:
		m := cbor.Map{}
		for k, x := range v {
			m[k] = asCBOR(x)
		}
		return m
	case []tree:
		l := cbor.List{}
		for _, x := range v {
			l = append(l, asCBOR(x))
		}
		return l
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case int:
		return cbor.Uint(v)
	}
	return &cbor.Nil{}
}
