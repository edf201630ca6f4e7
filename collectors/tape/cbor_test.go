package tape

import (
	"bytes"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"
)

func TestScrubCBOR(t *testing.T) {
	h := testHash()
	in := cbor.Map{
		"AuthToken": cbor.String("x"), "SecretBinary": cbor.Slice("y"), "Password": cbor.Uint(12), "NextToken": cbor.String(token),
		"Secret": &cbor.Tag{ID: 1, Value: cbor.Uint(1700000000)}, "Long": cbor.String(strings.Repeat("k", 70000)),
		"Alarms":      cbor.List{cbor.Map{"AlarmName": cbor.String("a"), "Threshold": cbor.Float64(1.5), "ActionsEnabled": cbor.Bool(true), "Period": cbor.NegInt(60)}},
		"Environment": cbor.List{cbor.Map{"Name": cbor.String("N"), "Value": cbor.String("v")}},
		"Doc":         cbor.String(`{"password":"` + strings.Repeat("p", 300) + `"}`),
	}
	want := cbor.Map{
		"AuthToken": cbor.String(h.Hash("x")), "SecretBinary": cbor.Slice(h.Hash("y")), "Password": cbor.Uint(0), "NextToken": cbor.String(token),
		"Secret": in["Secret"], "Long": in["Long"], "Alarms": in["Alarms"],
		"Environment": cbor.List{cbor.Map{"Name": cbor.String("N"), "Value": cbor.String(h.Hash("v"))}},
		"Doc":         cbor.String(`{"password":"` + h.Hash(strings.Repeat("p", 300)) + `"}`),
	}
	out, err := Scrub("application/cbor", cbor.Encode(in), h)
	if err != nil {
		t.Fatal(err)
	}
	got, err := cbor.Decode(out)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(cbor.Value(want), got); d != "" {
		t.Errorf("scrubbed (-want +got):\n%s", d)
	}
}

func TestScrubCBORInPieces(t *testing.T) {
	for _, in := range []string{"\xbf\x68password\x7f\x64hunt\x62er\xff\xff", "\xa1\x7f\x64pass\x64word\xff\x5f\x46hunter\xff"} {
		out, err := Scrub("application/cbor", []byte(in), testHash())
		if err != nil || bytes.Contains(out, []byte("hunt")) {
			t.Fatalf("%v: %q", err, out)
		}
		got, err := cbor.Decode(out)
		if m, ok := got.(cbor.Map); err != nil || !ok || len(m) != 1 || m["password"] == nil {
			t.Errorf("%v: %v", err, got)
		}
	}
}

func TestCBORTextOfEverySize(t *testing.T) {
	for _, size := range []int{0, 1, 23, 24, 255, 256, 65535, 65536, 70000} {
		s := strings.Repeat("a", size)
		if d := cmp.Diff(cbor.Encode(cbor.String(s)), cborString(s, quoted)); d != "" {
			t.Errorf("%d: %s", size, d)
		}
		if d := cmp.Diff(cbor.Encode(cbor.Slice(s)), cborString(s, bytewise)); d != "" {
			t.Errorf("%d: %s", size, d)
		}
	}
}
