package tape

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func write(t testing.TB, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCreateRefusesWhatIsNoRecording(t *testing.T) {
	for name, file := range map[string]string{"a file": "notes.txt", "another manifest": manifestName} {
		dir := t.TempDir()
		write(t, dir, file, `{"schema":"something/1"}`)
		_, err := Create(dir, header())
		if err == nil || !strings.Contains(err.Error(), "name another folder") {
			t.Errorf("%s: %v", name, err)
		}
		if len(files(t, dir)) != 1 {
			t.Errorf("%s: the folder was changed", name)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, filepath.Dir(file), "file", "")
	if _, err := Create(file, header()); err == nil {
		t.Error("a file was taken for a folder")
	}
	short := header()
	short.HashKey = []byte("short")
	if _, err := Create(t.TempDir(), short); err == nil || !strings.Contains(err.Error(), "at least 16") {
		t.Errorf("%v", err)
	}
}

func TestCreateReplacesARecording(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir)
	rt := r.Transport(space, answer(200, nil, `{"old":true}`))
	call(t, rt, "GET", "http://h/a", "", "")
	call(t, rt, "GET", "http://h/a", "", "")
	closed(t, r)
	write(t, dir, "mine.txt", "kept")
	r = create(t, dir)
	if h := open(t, dir).Header(); h.Complete {
		t.Error("it is said to be complete while it is written")
	}
	call(t, r.Transport(space, answer(200, nil, `{"old":false}`)), "GET", "http://h/a", "", "")
	closed(t, r)
	all := files(t, dir)
	if len(all) != 3 || all["mine.txt"] != "kept" {
		t.Errorf("%v", all)
	}
	rt = open(t, dir).Transport(space)
	for range 2 {
		if g := call(t, rt, "GET", "http://h/a", "", ""); g.Body != `{"old":false}` {
			t.Errorf("%v", g)
		}
	}
}

func TestCloseReportsTheFirstFailedWrite(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir)
	write(t, dir, "111122223333", "a file where a folder must be")
	if g := call(t, r.Transport(space, answer(200, nil, `{}`)), "GET", "http://h/a", "", ""); g.Status != 200 {
		t.Errorf("the scan was disturbed: %v", g)
	}
	for range 2 {
		err := r.Close()
		var cause *os.PathError
		if !errors.As(err, &cause) || !strings.Contains(err.Error(), "the recording is not complete") {
			t.Fatalf("%v", err)
		}
	}
	if open(t, dir).Header().Complete {
		t.Error("it is said to be complete")
	}
	if g := call(t, r.Transport(space, answer(200, nil, `{}`)), "GET", "http://h/a", "", ""); !strings.Contains(g.Err, "closed") {
		t.Errorf("%v", g)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	whole := `{"schema":"muster-recording/1","recorded":"2026-03-01T12:00:00Z","hash_key":"MDEyMzQ1Njc4OWFiY2RlZg==","tool":"muster 9","complete":true}`
	tests := map[string]struct{ manifest, want string }{
		"no recording":    {"", `there is no recording.json in it: name a folder that "muster scan --record" wrote`},
		"something else":  {`{"schema":"x"}`, "is not that of a recording"},
		"newer":           {strings.Replace(whole, "recording/1", "recording/2", 1), "it has schema 2 and was written by muster 9, this muster knows up to 1: use a newer muster"},
		"cut off":         {"{\n\"schema\":\n", "recording.json, line 3: it was cut off: the file is damaged, record anew"},
		"broken":          {"{\n\"schema\":\n x}", "recording.json, line 3: invalid character"},
		"wrong type":      {"{\"schema\":\n[]}", "recording.json, line 2:"},
		"more":            {whole + "\n{}", "recording.json, line 2: more follows after its end"},
		"without a key":   {strings.Replace(whole, "MDEyMzQ1Njc4OWFiY2RlZg==", "", 1), "hash_key has 0 bytes"},
		"without a clock": {`{"schema":"muster-recording/1","hash_key":"MDEyMzQ1Njc4OWFiY2RlZg=="}`, "recorded is missing"},
	}
	for name, tt := range tests {
		dir := t.TempDir()
		if tt.manifest != "" {
			write(t, dir, manifestName, tt.manifest)
		}
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "absent")); err == nil || !strings.Contains(err.Error(), "there is no such folder") {
		t.Errorf("%v", err)
	}
}

// recordedOnce makes a recording with n answers to one call, and returns the first file.
func recordedOnce(t *testing.T, dir string, n int) string {
	t.Helper()
	r := create(t, dir)
	for range n {
		call(t, r.Transport(space, answer(200, nil, `{"a":1}`)), "GET", "http://h/a", "", "")
	}
	closed(t, r)
	for name := range files(t, dir) {
		if _, i, ok := numberOf(filepath.ToSlash(name)); ok && i == 1 {
			return name
		}
	}
	t.Fatal("no file")
	return ""
}

func TestDamagedFiles(t *testing.T) {
	for name, tt := range map[string]struct{ content, want string }{
		"broken":    {"{\n\"response\": {\n!", "line 3: invalid character '!'"},
		"cut off":   {"{\n\"response\":", "line 2: it was cut off"},
		"empty":     {"", "line 1: it was cut off"},
		"no answer": {"{}", "it wants a response, an error or a note"},
		"two":       {`{"response":{"status":200},"error":"x"}`, "it wants a response, an error or a note"},
		"a note":    {`{"note":"x"}`, "its file holds a note"},
		"status":    {`{"response":{"status":7}}`, "7 is no status"},
		"base64":    {`{"response":{"status":200,"body_base64":"!"}}`, "line 1"},
	} {
		dir := t.TempDir()
		file := recordedOnce(t, dir, 1)
		write(t, dir, file, tt.content)
		g := call(t, open(t, dir).Transport(space), "GET", "http://h/a", "", "")
		if !strings.Contains(g.Err, tt.want) || name != "a note" && !strings.Contains(g.Err, filepath.ToSlash(file)) {
			t.Errorf("%s: %v", name, g.Err)
		}
	}
}

func TestMissingAnswers(t *testing.T) {
	dir := t.TempDir()
	file := recordedOnce(t, dir, 3)
	if err := os.Remove(filepath.Join(dir, strings.TrimSuffix(file, ".json")+"-2.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "of the 3 answers "+filepath.ToSlash(file)+" only 2 are there") {
		t.Errorf("%v", err)
	}
	manifest := files(t, dir)[manifestName]
	write(t, dir, manifestName, strings.Replace(manifest, `"complete": true`, `"complete": false`, 1))
	rt := open(t, dir).Transport(space)
	for range 3 {
		if g := call(t, rt, "GET", "http://h/a", "", ""); g.Status != 200 {
			t.Errorf("%v", g)
		}
	}
}

func TestLinksAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	outside := filepath.Join(t.TempDir(), "outside.json")
	write(t, filepath.Dir(outside), "outside.json", `{"response":{"status":200,"body":"stolen"}}`)
	dir := t.TempDir()
	file := recordedOnce(t, dir, 1)
	if err := os.Remove(filepath.Join(dir, file)); err != nil {
		t.Fatal(err)
	}
	p := open(t, dir) // before the link is there
	if err := os.Symlink(outside, filepath.Join(dir, file)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "is a symbolic link") {
		t.Errorf("%v", err)
	}
	_, n, _ := numberOf(filepath.ToSlash(file))
	first, _, _ := numberOf(filepath.ToSlash(file))
	p.index[first] = n
	if g := call(t, p.Transport(space), "GET", "http://h/a", "", ""); g.Err == "" || strings.Contains(g.Body, "stolen") {
		t.Errorf("it was read through a link: %v", g)
	}
	linked := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(linked, manifestName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(linked); err == nil {
		t.Error("the manifest was read through a link")
	}
	if _, err := Create(linked, header()); err == nil {
		t.Error("a folder with a link was replaced")
	}
}

func TestHostileNamesStayInside(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "rec")
	for _, c := range []Call{
		{Folder: "../../etc", Name: "../../passwd"},
		{Folder: "/abs/../..", Name: ".."},
		{Folder: `..\..\x`, Name: `C:\x`},
		{Folder: strings.Repeat("a/", 100), Name: strings.Repeat("n", 5000)},
		{Folder: "a\x00b/\n", Name: "\x00"},
		{Folder: "", Name: ""},
		{Folder: "./.", Name: "."},
		{Folder: "übung", Name: "a/b"},
	} {
		r := create(t, dir)
		tell := func(*http.Request) Call { return c }
		call(t, r.Transport(tell, answer(200, nil, `{"a":1}`)), "GET", "http://h/x", "", "")
		closed(t, r)
		if g := call(t, open(t, dir).Transport(tell), "GET", "http://h/x", "", ""); g.Body != `{"a":1}` {
			t.Errorf("%+v: %v", c, g)
		}
		if all := files(t, parent); len(all) != 2 {
			t.Errorf("%+v: %d files", c, len(all))
		}
	}
	if list, err := os.ReadDir(parent); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
}

// TestFoldersThatLookAlikeAreTwo holds that what is lost in a file's name still tells calls apart.
func TestFoldersThatLookAlikeAreTwo(t *testing.T) {
	h := testHash()
	seen := map[place]bool{}
	for _, c := range []Call{{Folder: "a/b", Name: "n"}, {Folder: "a b", Name: "n"}, {Folder: "a", Name: "b n"}, {Folder: "a_b", Name: "n"}, {Folder: "a:b", Name: "n"}} {
		seen[placeOf(c, "k", h)] = true
	}
	if len(seen) != 5 {
		t.Errorf("%v", seen)
	}
	if strings.Contains(string(placeOf(Call{Name: "n"}, "secret-key", h)), "secret") {
		t.Error("the key is in the name")
	}
}
