//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// house is a folder with a config in which the program runs as a process of its own.
type house struct {
	t   *testing.T
	dir string
}

func newHouse(t *testing.T, files map[string]string) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	for name, text := range files {
		h.write(name, text)
	}
	return h
}

func (h *house) path(name string) string { return filepath.Join(h.dir, name) }

func (h *house) write(name, text string) {
	h.t.Helper()
	if err := os.MkdirAll(filepath.Dir(h.path(name)), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(h.path(name), []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) read(name string) []byte {
	h.t.Helper()
	text, err := os.ReadFile(h.path(name))
	if err != nil {
		h.t.Fatal(err)
	}
	return text
}

// process is the program while it runs.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err bytes.Buffer
}

// start begins "muster ARGS": this test binary, which TestMain makes behave as the program.
func (h *house) start(args ...string) *process {
	h.t.Helper()
	self, err := os.Executable()
	if err != nil {
		h.t.Fatal(err)
	}
	p := &process{t: h.t, cmd: exec.CommandContext(h.t.Context(), self)}
	p.cmd.Args = append([]string{"muster"}, args...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = h.dir, &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	return p
}

// wait returns the exit code; -1 is a process that a signal ended.
func (p *process) wait() int {
	p.t.Helper()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// run runs the program to its end, checks the exit code, and returns standard output and error.
func (h *house) run(code int, args ...string) (stdout, stderr string) {
	h.t.Helper()
	p := h.start(args...)
	if got := p.wait(); got != code {
		h.t.Fatalf("muster %v: exit code %d, want %d\n%.1000s\n%.3000s", args, got, code, &p.out, &p.err)
	}
	return p.out.String(), p.err.String()
}

func (h *house) signal(p *process, s os.Signal) {
	h.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		h.t.Fatal(err)
	}
}

// fifo makes a named pipe.
func (h *house) fifo(name string) {
	h.t.Helper()
	if err := syscall.Mkfifo(h.path(name), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// halfway waits until the program's source says that it is in the middle.
func (h *house) halfway() {
	h.t.Helper()
	h.read("halfway")
}

// release lets the source go on, if one is waiting, and the next one pass.
func (h *house) release() {
	h.t.Helper()
	h.write("released", "")
	f, err := os.OpenFile(h.path("go"), os.O_RDWR, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) rows() string {
	h.t.Helper()
	out, _ := h.run(0, "query", "--format", "csv", "SELECT book, count(*) FROM assets_now GROUP BY book ORDER BY book")
	return out
}

const (
	slowRows   = 30000
	slowConfig = `sources:
  - {name: quick, collector: exec, book: recorded, paths: [quick.ndjson]}
  - {name: slow, collector: exec, command: [sh, slow.sh]}
policy: [policy.yaml]
`
	slowPolicy = "version: 1\ntags:\n  - {id: owner, keys: [owner], required: true, severity: low}\n"
	// slowSource prints half of its lines, says so, waits to be released, and prints the rest.
	slowSource = `cat first
if [ ! -e released ]; then
  echo here > halfway
  read -r go < go
fi
cat second
`
)

// queues returns lines of assets, of which one in a hundred has no owner.
func queues(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		owner := `"owner":"payments"`
		if i%100 == 0 {
			owner = ""
		}
		fmt.Fprintf(&b, `{"key":"arn:aws:sqs:eu-west-1:111122223333:q%06d","type":"AWS::SQS::Queue","tags":{%s}}`+"\n", i, owner)
	}
	return b.String()
}

func slowHouse(t *testing.T) *house {
	h := newHouse(t, map[string]string{
		"muster.yaml": slowConfig, "policy.yaml": slowPolicy, "slow.sh": slowSource,
		"first": queues(0, 15000), "second": queues(15000, 30000),
		"quick.ndjson": `{"key":"row-1","type":"datacenter/server","tags":{}}` + "\n",
	})
	h.fifo("halfway")
	h.fifo("go")
	t.Cleanup(h.release) // nothing waits when the test is over
	return h
}

// TestStopped stops a scan in the middle of a big source, by Ctrl-C and by SIGKILL: nothing of the half is seen, and after
// --resume the report is that of a scan which nobody stopped.
func TestStopped(t *testing.T) {
	clean := slowHouse(t)
	clean.release()
	want, _ := clean.run(0, "audit", "--format", "json")
	for _, tt := range []struct {
		name   string
		signal os.Signal
		code   int
	}{{"interrupted", os.Interrupt, 130}, {"terminated", syscall.SIGTERM, 130}, {"killed", os.Kill, -1}} {
		t.Run(tt.name, func(t *testing.T) {
			h := slowHouse(t)
			p := h.start("scan", "--parallel", "1")
			h.halfway()
			h.signal(p, tt.signal)
			if code := p.wait(); code != tt.code {
				t.Fatalf("exit code %d, want %d\n%s", code, tt.code, &p.err)
			}
			if tt.code == 130 && !strings.Contains(p.err.String(), "muster scan --resume") {
				t.Errorf("does not say how to go on:\n%s", &p.err)
			}
			if rows := h.rows(); strings.Contains(rows, "observed") {
				t.Errorf("half a scope is visible:\n%s", rows)
			}
			h.release()
			got, _ := h.run(0, "audit", "--resume", "--format", "json")
			if d := cmp.Diff(timeless(t, want), timeless(t, got)); d != "" {
				t.Errorf("not the report of a clean run (-clean +resumed):\n%s", d)
			}
			if _, errText := h.run(2, "scan", "--resume"); !strings.Contains(errText, "no interrupted scan") {
				t.Errorf("a finished scan can be resumed: %s", errText)
			}
		})
	}
}

// TestDoctorStopped: Ctrl-C ends the doctor too, and not with an answer that looks whole.
func TestDoctorStopped(t *testing.T) {
	h := slowHouse(t)
	p := h.start("doctor")
	h.halfway()
	h.signal(p, os.Interrupt)
	if code := p.wait(); code != 130 || strings.Contains(p.out.String(), "slow") {
		t.Errorf("exit code %d\n%s%s", code, &p.out, &p.err)
	}
}

// timeless decodes a report without what any two runs differ in.
func timeless(t *testing.T, text string) any {
	t.Helper()
	text = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`).ReplaceAllString(text, "TIME")
	var doc map[string]any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if scan, ok := doc["scan"].(map[string]any); ok {
		delete(scan, "id")
	}
	return doc
}

// TestTwoScans starts a scan while another one runs.
func TestTwoScans(t *testing.T) {
	h := slowHouse(t)
	h.release()
	h.run(0, "scan")
	if err := os.Remove(h.path("released")); err != nil {
		t.Fatal(err)
	}
	first := h.start("scan")
	h.halfway()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"scan"}, {"audit"}, {"check"}, {"scan", "--resume"}} {
		_, errText := h.run(2, args...)
		for _, want := range []string{strconv.Itoa(first.cmd.Process.Pid), host, "muster scan"} {
			if !strings.Contains(errText, want) {
				t.Errorf("muster %v does not name %q:\n%s", args, want, errText)
			}
		}
	}
	readWhileScanning(t, h)
	h.release()
	if code := first.wait(); code != 0 {
		t.Fatalf("the first scan ended with %d:\n%s", code, &first.err)
	}
	if rows, want := h.rows(), fmt.Sprintf("observed,%d\nrecorded,1\n", slowRows); !strings.HasSuffix(rows, want) {
		t.Errorf("got %q, want %q", rows, want)
	}
	integrity, _ := h.run(0, "query", "--format", "csv", "PRAGMA integrity_check")
	if !strings.HasSuffix(integrity, "ok\n") {
		t.Error(integrity)
	}
}

// readWhileScanning reads the store with muster and with the sqlite3 program.
func readWhileScanning(t *testing.T, h *house) {
	t.Helper()
	h.run(0, "query", "SELECT count(*) FROM assets_now")
	h.run(0, "assets", "list")
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Log("no sqlite3 program here: read with muster alone")
		return
	}
	out, err := exec.CommandContext(t.Context(), program, "-readonly", h.path("muster.db"), "SELECT count(*) FROM assets_now WHERE book = 'observed'").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != strconv.Itoa(slowRows) {
		t.Errorf("sqlite3 during a scan: %q, %v", out, err)
	}
}

const goodConfig = "sources:\n  - {name: live, collector: exec, paths: [live.ndjson]}\n"

func goodLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"key":"arn:aws:sqs:eu-west-1:111122223333:q%06d","type":"AWS::SQS::Queue","name":"a queue with a name of its own, number %d","tags":{"number":"%d"}}`+"\n", i, i, i)
	}
	return b.String()
}

// TestNewerStore: a store of a newer muster is refused, and stays as it is to the last byte.
func TestNewerStore(t *testing.T) {
	h := newHouse(t, map[string]string{"muster.yaml": goodConfig, "live.ndjson": goodLines(3)})
	h.run(0, "scan")
	store := h.read("muster.db")
	copy(store[60:64], []byte{0, 0, 3, 231}) // user_version, see https://www.sqlite.org/fileformat2.html
	h.write("muster.db", string(store))
	for _, args := range [][]string{{"scan"}, {"audit"}, {"check"}, {"report"}, {"query", "SELECT 1"}, {"scan", "--resume"}} {
		_, errText := h.run(2, args...)
		if !strings.Contains(errText, "999") || !strings.Contains(errText, "newer") {
			t.Errorf("muster %v does not say that the store is of a newer muster: %s", args, errText)
		}
		if !bytes.Equal(store, h.read("muster.db")) {
			t.Fatalf("muster %v changed the store", args)
		}
	}
}

// TestFullDisk fills the disk in the middle of a scan: the error says so, what was stored stays, and with room again it works.
func TestFullDisk(t *testing.T) {
	h := newHouse(t, map[string]string{"muster.yaml": "store: small/muster.db\n" + goodConfig, "live.ndjson": goodLines(50)})
	if err := os.Mkdir(h.path("small"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := mountSmall(h.path("small"), "size=2m"); err != nil {
		t.Skipf("needs the right to mount a file system in memory: %v", err)
	}
	t.Cleanup(func() {
		if err := unmount(h.path("small")); err != nil {
			t.Error(err)
		}
	})
	h.run(0, "scan")
	h.write("live.ndjson", goodLines(100000))
	_, errText := h.run(2, "scan")
	if !strings.Contains(errText, "full") || !strings.Contains(errText, "resume") {
		t.Errorf("does not say that the disk is full and what to do: %s", errText)
	}
	out, _ := h.run(0, "query", "--format", "csv", "SELECT count(*) FROM assets_now")
	if !strings.HasSuffix(out, "\n50\n") {
		t.Errorf("the scan before is damaged: %s", out)
	}
	h.write("live.ndjson", goodLines(60))
	h.run(0, "scan", "--resume")
	out, _ = h.run(0, "query", "--format", "csv", "SELECT count(*) FROM assets_now")
	if !strings.HasSuffix(out, "\n60\n") {
		t.Errorf("after the full disk: %s", out)
	}
}

// TestLongLine reads lines of 200 MB: each collector skips or refuses them with a place, in bounded memory, and keeps what was known.
func TestLongLine(t *testing.T) {
	h := newHouse(t, map[string]string{
		"muster.yaml": `sources:
  - {name: live, collector: exec, paths: [live.ndjson]}
  - {name: dc, collector: cmdb, paths: [dc.csv], columns: {name: Hostname, serial: Serial}}
  - {name: infra, collector: terraform, paths: [infra.tfstate]}
`,
		"live.ndjson": goodLines(2), "dc.csv": "Hostname,Serial\ndb-1,SN0001AB\n", "infra.tfstate": smallState,
	})
	h.run(0, "scan")
	before := h.rows()
	h.lengthen("live.ndjson", `{"key":"`, `","type":"AWS::SQS::Queue"}`+"\n"+goodLines(2))
	h.lengthen("dc.csv", "Hostname,Serial\n", "\ndb-1,SN0001AB\n")
	h.lengthen("infra.tfstate", `{"version":4,"lineage":"`, ``)
	p := h.start("scan", "--verbose")
	if code := p.wait(); code != 3 {
		t.Fatalf("exit code %d\n%s", code, &p.err)
	}
	for _, want := range []string{"live.ndjson:1", "dc.csv:2", "infra.tfstate"} {
		if !strings.Contains(p.err.String(), want) {
			t.Errorf("does not name %s:\n%.2000s", want, &p.err)
		}
	}
	if p.err.Len() > 10000 {
		t.Errorf("%d bytes of errors", p.err.Len())
	}
	if rows := h.rows(); rows != before {
		t.Errorf("before %s after %s", before, rows)
	}
	if usage, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && !underRace && usage.Maxrss > 380<<10 {
		t.Errorf("%d KiB of memory", usage.Maxrss)
	}
}

const smallState = `{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"6a1f0f9e-1111-2222-3333-444455556666","outputs":{},"resources":[
{"mode":"managed","type":"aws_sqs_queue","name":"orders","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"schema_version":0,"attributes":{"arn":"arn:aws:sqs:eu-west-1:111122223333:orders","tags":null,"tags_all":{}}}]}
]}
`

// lengthen writes a file that holds 200 MB without a line end.
func (h *house) lengthen(name, before, after string) {
	h.t.Helper()
	f, err := os.Create(h.path(name))
	if err != nil {
		h.t.Fatal(err)
	}
	chunk := bytes.Repeat([]byte("a"), 1<<20)
	_, first := io.WriteString(f, before)
	err = first
	for i := 0; i < 200 && err == nil; i++ {
		_, err = f.Write(chunk)
	}
	_, last := io.WriteString(f, after)
	if err := errors.Join(err, last, f.Close()); err != nil {
		h.t.Fatal(err)
	}
}

// TestReadOnlyFolder: where nothing can be written, a scan says so and what to do; what is there can still be read.
func TestReadOnlyFolder(t *testing.T) {
	h := newHouse(t, map[string]string{
		"muster.yaml": "store: kept/muster.db\n" + goodConfig, "live.ndjson": goodLines(5), "file": "",
		"below.yaml": "store: file/muster.db\n" + goodConfig,
	})
	_, errText := h.run(2, "scan", "--config", "below.yaml")
	if !strings.Contains(errText, "file/muster.db") || !strings.Contains(errText, "--store") {
		t.Errorf("a store below a file: %s", errText)
	}
	if err := os.Mkdir(h.path("kept"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := mountSmall(h.path("kept"), "size=8m"); err != nil {
		t.Skipf("needs the right to mount a file system in memory: %v", err)
	}
	t.Cleanup(func() {
		if err := unmount(h.path("kept")); err != nil {
			t.Error(err)
		}
	})
	h.run(0, "audit", "--format", "none")
	if err := remount(h.path("kept"), true); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"scan"}, {"audit"}, {"check"}, {"scan", "--resume"}} {
		_, errText := h.run(2, args...)
		if !strings.Contains(errText, "must be writable") || !strings.Contains(errText, "kept/muster.db") {
			t.Errorf("muster %v: %s", args, errText)
		}
	}
	_, errText = h.run(2, "report", "--format", "html", "--output", "kept/muster.html")
	if !strings.Contains(errText, "read-only") {
		t.Errorf("report into a read-only folder: %s", errText)
	}
	if _, errText := h.run(2, "init", "--config", "x"); !strings.Contains(errText, "muster.yaml is there already") {
		t.Error(errText)
	}
	if out, _ := h.run(0, "query", "--format", "csv", "SELECT count(*) FROM assets_now"); !strings.HasSuffix(out, "\n5\n") {
		t.Errorf("read from a read-only folder: %s", out)
	}
	h.run(0, "report")
	if err := remount(h.path("kept"), false); err != nil {
		t.Fatal(err)
	}
	h.run(0, "audit", "--format", "none")
}
