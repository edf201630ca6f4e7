package compute

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/resource"
)

// What is handed over is what the API answered, with its names, numbers, and everything that is false or 0, except what is dropped on
// purpose, and lists and maps that are empty, which the library does not tell from those that are not there.
func TestDocumentIsWhatTheAPIAnswered(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		collection := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(collection, func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := server(t)
			s.On("GET "+base+"/aggregated/"+collection, gcptest.JSON(string(body)))
			got, err := list(t, s, of())
			if err != nil {
				t.Fatal(err)
			}
			want := recorded(t, body, collection)
			if len(got) != len(want) || len(got) == 0 {
				t.Fatalf("%d resources, want %d", len(got), len(want))
			}
			for i, r := range got {
				if !reflect.DeepEqual(map[string]any(r.Data), want[i]) {
					t.Errorf("%s:\n got %v\nwant %v", r.Name, r.Data, want[i])
				}
				if r.Name != want[i]["selfLink"] || r.Project != project || !strings.HasPrefix(r.Call, "compute.") {
					t.Errorf("%+v", r)
				}
			}
		})
	}
}

// recorded returns the resources of an answer in the order of their scopes.
func recorded(t *testing.T, body []byte, collection string) []map[string]any {
	t.Helper()
	var page struct {
		Items map[string]map[string]any
	}
	if err := json.Unmarshal(body, &page); err != nil {
		t.Fatal(err)
	}
	var scopes []string
	for scope := range page.Items {
		scopes = append(scopes, scope)
	}
	slices.Sort(scopes)
	var out []map[string]any
	for _, scope := range scopes {
		list, _ := page.Items[scope][collection].([]any)
		for _, x := range list {
			m, _ := clean(x).(map[string]any)
			out = append(out, m)
		}
	}
	return out
}

// clean leaves out what is not handed over.
func clean(x any) any {
	switch x := x.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, v := range x {
			v = clean(v)
			if list, ok := v.([]any); ok && len(list) == 0 || name == "pairingKey" {
				continue
			}
			if m, ok := v.(map[string]any); ok && len(m) == 0 && name == "labels" {
				continue
			}
			out[name] = v
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = clean(item)
		}
		return out
	}
	return x
}

// Values that protobuf could lose: what is false, 0 and empty is there, 64-bit numbers are texts and others numbers.
func TestDocumentKeepsWhatIsFalse(t *testing.T) {
	s := server(t)
	s.On("GET "+base+"/aggregated/forwardingRules", gcptest.JSON(`{"items": {"regions/a-b1": {"forwardingRules": [{
		"name": "r", "IPAddress": "203.0.113.7", "IPProtocol": "TCP", "allPorts": false, "description": "", "pscConnectionId": "18446744073709551615",
		"externalManagedBackendBucketMigrationTestingPercentage": 0.6, "someNewField": {"a": 1}}]}}}`))
	s.On("GET "+base+"/global/firewalls", gcptest.JSON(`{"items": [{"name": "f", "priority": 0, "disabled": false, "logConfig": {"enable": false}, "allowed": [{"IPProtocol": "tcp", "ports": ["80-81"]}]}]}`))
	got, err := list(t, s, of("ForwardingRule", "Firewall"))
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	want := []resource.Doc{
		{
			"name": "f", "priority": 0.0, "disabled": false, "logConfig": map[string]any{"enable": false},
			"allowed": []any{map[string]any{"IPProtocol": "tcp", "ports": []any{"80-81"}}},
		},
		{
			"name": "r", "IPAddress": "203.0.113.7", "IPProtocol": "TCP", "allPorts": false, "description": "", "pscConnectionId": "18446744073709551615",
			"externalManagedBackendBucketMigrationTestingPercentage": 0.6, // and nothing of what the library does not know
		},
	}
	for i, r := range got {
		if !reflect.DeepEqual(r.Data, want[i]) {
			t.Errorf("\n got %v\nwant %v", r.Data, want[i])
		}
	}
}

// Nothing secret leaves the package, on whatever level it stands: startup scripts, keys of users, disks and tunnels.
func TestNoSecrets(t *testing.T) {
	metadata := `{"fingerprint": "f", "items": [{"key": "startup-script", "value": "canary"}, {"key": "created-by", "value": "projects/1/zones/a-b1-c/instanceGroupManagers/g"},
		{"key": "ssh-keys", "value": "canary"}, {"key": "kube-env", "value": "canary"}, {"key": "Created-By", "value": "canary"}]}`
	key := `{"rawKey": "canary", "rsaEncryptedKey": "canary", "sha256": "kept", "kmsKeyName": "kept"}`
	answers := map[string]string{
		"/aggregated/instances": `{"items": {"zones/a-b1-c": {"instances": [{"name": "i", "metadata": ` + metadata + `, "disks": [{"diskEncryptionKey": ` + key + `,
			"shieldedInstanceInitialState": {"pk": {"content": "canary"}}, "initializeParams": {"sourceImageEncryptionKey": ` + key + `}}]}]}}}`,
		"/aggregated/instanceTemplates": `{"items": {"global": {"instanceTemplates": [{"name": "t", "properties": {"metadata": ` + metadata + `}}]}}}`,
		"/global/machineImages":         `{"items": [{"name": "m", "instanceProperties": {"metadata": ` + metadata + `}, "sourceInstanceProperties": {"metadata": ` + metadata + `}}]}`,
		"/global/images":                `{"items": [{"name": "i", "shieldedInstanceInitialState": {"dbs": [{"content": "canary"}]}, "imageEncryptionKey": ` + key + `}]}`,
		"/aggregated/vpnTunnels":        `{"items": {"regions/a-b1": {"vpnTunnels": [{"name": "v", "sharedSecret": "canary", "sharedSecretHash": "canary"}]}}}`,
		"/aggregated/sslCertificates": `{"items": {"global": {"sslCertificates": [{"name": "c", "certificate": "canary", "privateKey": "canary",
			"selfManaged": {"certificate": "canary", "privateKey": "canary"}, "expireTime": "kept"}]}}}`,
		"/aggregated/routers": `{"items": {"regions/a-b1": {"routers": [{"name": "r", "md5AuthenticationKeys": [{"name": "k", "key": "canary"}]}]}}}`,
		"/aggregated/backendServices": `{"items": {"global": {"backendServices": [{"name": "b", "iap": {"enabled": true, "oauth2ClientSecret": "canary", "oauth2ClientSecretSha256": "canary"},
			"securitySettings": {"awsV4Authentication": {"accessKey": "canary", "accessKeyId": "kept"}}}]}}}`,
		"/aggregated/interconnectAttachments": `{"items": {"regions/a-b1": {"interconnectAttachments": [{"name": "a", "pairingKey": "canary"}]}}}`,
	}
	s := server(t)
	for path, body := range answers {
		s.On("GET "+base+path, gcptest.JSON(body))
	}
	got, err := list(t, s, of())
	if err != nil || len(got) != len(answers) {
		t.Fatal(names(got), err)
	}
	kept, created := 0, 0
	for _, r := range got {
		text, err := json.Marshal(r.Data)
		if err != nil || strings.Contains(string(text), "canary") {
			t.Errorf("%s: %s %v", r.Type, text, err)
		}
		kept += strings.Count(string(text), `"kept"`)
		created += strings.Count(string(text), `"created-by"`)
	}
	if kept != 8 || created != 4 {
		t.Errorf("%d values and %d creators are left", kept, created)
	}
}

func FuzzPlainAnswer(f *testing.F) {
	f.Add([]byte(`{"items": [{"name": "a", "id": "1"}], "nextPageToken": "x", "warning": {"code": "UNREACHABLE"}}`))
	f.Add([]byte(`{"items": {}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := parse(body)
		if err != nil {
			return
		}
		if len(a.groups) != 1 || a.groups[0].scope != "global" {
			t.Errorf("groups %v", a.groups)
		}
		for _, i := range a.groups[0].items {
			if _, err := i.document(); err != nil {
				t.Error(err)
			}
		}
	})
}
