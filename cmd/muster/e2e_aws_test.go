//go:build e2e

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// motoAccount is the account of moto's own credentials.
const motoAccount = "123456789012"

// moto starts a moto server, a second implementation of AWS's APIs, and returns its address. It is empty.
func moto(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close() // moto cannot choose a free port itself
	cmd := exec.Command("moto_server", "-H", "127.0.0.1", "-p", port)
	cmd.Env = append(os.Environ(), "MOTO_EC2_LOAD_DEFAULT_AMIS=false", "MOTO_ACM_VALIDATION_WAIT=0")
	if err := cmd.Start(); err != nil {
		t.Fatalf("start moto_server: install it with pip install 'moto[server]' boto3: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	url := "http://127.0.0.1:" + port
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if r, err := http.Post(url+"/moto-api/seed?a=42", "", nil); err == nil {
			r.Body.Close()
			return url
		}
		if time.Now().After(deadline) {
			t.Fatal("moto_server does not answer")
		}
	}
}

// seeded is a thing that the seed says is there.
type seeded struct {
	Type string            `json:"type"`
	Key  string            `json:"key"`
	Tags map[string]string `json:"tags"` // nil: cannot be tagged
}

// seed fills a moto server and returns what has to be found, by key.
func seed(t *testing.T, url, region string) map[string]seeded {
	t.Helper()
	want := map[string]seeded{}
	for line := range strings.Lines(python(t, url, "seed.py", region)) {
		var s seeded
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		want[s.Key] = s
	}
	return want
}

// python runs a program of fixtures/moto on a server and returns what it printed.
func python(t *testing.T, url, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command("python3", append([]string{filepath.Join("..", "..", "fixtures", "moto", name), url}, args...)...)
	var failures bytes.Buffer
	cmd.Env, cmd.Stderr = awsEnv(url), &failures
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, &failures)
	}
	return string(out)
}

// awsEnv points the default chain at a moto server, and nothing else.
func awsEnv(url string) []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") {
			env = append(env, v)
		}
	}
	return append(env, "AWS_ENDPOINT_URL="+url, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true")
}

// site is a folder with a config that is audited with the built program.
type site struct {
	t        *testing.T
	dir, url string
}

func newSite(t *testing.T, url, config string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), url: url}
	s.write("muster.yaml", config)
	return s
}

func (s *site) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// in returns the site for a subtest.
func (s *site) in(t *testing.T) *site {
	c := *s
	c.t = t
	return &c
}

// run runs a command line of muster and returns all that it printed; other exit codes than those wanted fail the test.
func (s *site) run(codes []int, args ...string) string {
	s.t.Helper()
	out, failures := s.streams(codes, args...)
	return out + failures
}

// streams is run with standard output and standard error apart.
func (s *site) streams(codes []int, args ...string) (out, failures string) {
	s.t.Helper()
	program, err := filepath.Abs(filepath.Join("..", "..", "muster"))
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.dir, awsEnv(s.url), &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		s.t.Fatalf("start %s: run make build first: %v", program, err)
	}
	if !slices.Contains(codes, cmd.ProcessState.ExitCode()) {
		s.t.Fatalf("muster %s: exit code %d\n%s%s", strings.Join(args, " "), cmd.ProcessState.ExitCode(), &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}

// rows runs a command that prints a JSON object a line.
func rows[T any](s *site, args ...string) []T {
	s.t.Helper()
	out, _ := s.streams([]int{0}, append(args, "--format", "ndjson")...)
	var list []T
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var row T
		switch err := d.Decode(&row); {
		case errors.Is(err, io.EOF):
			return list
		case err != nil:
			s.t.Fatalf("muster %s: %v", strings.Join(args, " "), err)
		}
		list = append(list, row)
	}
}

// listed is an asset as "muster assets list" prints it.
type listed struct {
	seeded
	Name     string         `json:"name"`
	Region   string         `json:"region"`
	Account  string         `json:"account"`
	Taggable *bool          `json:"taggable"`
	Shallow  bool           `json:"shallow"`
	Attrs    map[string]any `json:"attributes"`
}

// assets returns what the last scan holds, by key.
func (s *site) assets() map[string]listed {
	s.t.Helper()
	all := map[string]listed{}
	for _, a := range rows[listed](s, "assets", "list") {
		if _, twice := all[a.Key]; twice {
			s.t.Errorf("%s is there twice", a.Key)
		}
		all[a.Key] = a
	}
	return all
}

// TestMoto scans a moto server that holds one tagged and one untagged thing of many types.
func TestMoto(t *testing.T) {
	t.Parallel()
	url := moto(t)
	want := seed(t, url, "us-east-1")
	s := newSite(t, url, "sources:\n  - {name: aws, collector: aws, regions: [us-east-1]}\n")
	out := s.run([]int{3}, "scan", "--verbose") // moto lacks some operations
	t.Log(out)
	t.Run("finds what was made", func(t *testing.T) { testFinds(s.in(t), want) })
	t.Run("policy", func(t *testing.T) { t.Parallel(); testPolicy(t, url, out) })
	t.Run("region", func(t *testing.T) { t.Parallel(); testRegion(t, url) })
	t.Run("doctor", func(t *testing.T) { t.Parallel(); testDoctor(t, url) })
	t.Run("second night", func(t *testing.T) { t.Parallel(); testSecondNight(s.in(t)) })
}

// testFinds compares what a scan found with what boto3 says.
func testFinds(s *site, want map[string]seeded) {
	t, got := s.t, s.assets()
	types := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		w := want[key]
		types[w.Type] = true
		a, ok := got[key]
		if !ok {
			t.Errorf("%s %s was not found", w.Type, key)
			continue
		}
		compare(t, w, a)
	}
	t.Logf("%d things of %d types", len(want), len(types))
	for key, a := range got {
		if _, ok := want[key]; !ok && !a.Shallow && !ownOfAWS(a) {
			t.Errorf("%s %s was found, and nobody made it", a.Type, key)
		}
	}
	for _, name := range []string{"muster.db", "muster.db-wal"} {
		if text, err := os.ReadFile(filepath.Join(s.dir, name)); err == nil && bytes.Contains(text, []byte("planted-secret-value")) {
			t.Errorf("%s holds a secret", name)
		}
	}
}

func compare(t *testing.T, w seeded, a listed) {
	t.Helper()
	if a.Type != w.Type {
		t.Errorf("%s: type %s, want %s", w.Key, a.Type, w.Type)
	}
	switch {
	case w.Tags == nil:
		if a.Taggable == nil || *a.Taggable {
			t.Errorf("%s cannot be tagged, and its tags are %v", w.Key, a.Tags)
		}
	case a.Tags == nil && w.Type == "AWS::IAM::InstanceProfile": // moto breaks down when it is asked for the tags of one without any
	case a.Tags == nil:
		t.Errorf("%s: tags are unknown, want %v", w.Key, w.Tags)
	case !maps.Equal(a.Tags, w.Tags):
		for k := range a.Tags { // AWS itself adds those of stacks
			if strings.HasPrefix(k, "aws:") {
				delete(a.Tags, k)
			}
		}
		if !maps.Equal(a.Tags, w.Tags) {
			t.Errorf("%s: tags %v, want %v", w.Key, a.Tags, w.Tags)
		}
	}
}

// ownOfAWS reports whether moto, as AWS, makes a thing by itself.
func ownOfAWS(a listed) bool {
	switch a.Type {
	case "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::NetworkAcl", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup", "AWS::EC2::DHCPOptions",
		"AWS::EC2::NetworkInterface", "AWS::EC2::Volume", "AWS::EC2::Snapshot", "AWS::EC2::InternetGateway":
		return true // parts of what was made, and the default VPC
	case "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::Athena::WorkGroup", "AWS::Events::EventBus", "AWS::ECS::CapacityProvider",
		"AWS::RDS::DBSnapshot", "AWS::RDS::DBClusterSnapshot", "AWS::ElastiCache::User", "AWS::Redshift::ClusterParameterGroup",
		"AWS::RDS::DBClusterParameterGroup", "AWS::RDS::DBParameterGroup", "AWS::RDS::OptionGroup", "AWS::SSM::Document", "AWS::ApiGateway::Stage":
		return true
	}
	return false
}
