package wire

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func write(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "deep", "er", "report")
	for _, text := range []string{"first", "second"} {
		if err := WriteFile(path, write(text)); err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, text)
	}
	broken := errors.New("broken")
	err := WriteFile(path, func(w io.Writer) error { return errors.Join(write("half")(w), broken) })
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	wantFile(t, path, "second")
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// TestWriteFileKeepsWhatItIs: a device, a pipe or a link is written to and never replaced by a file.
func TestWriteFileKeepsWhatItIs(t *testing.T) {
	dir := t.TempDir()
	target, link, device := filepath.Join(dir, "target"), filepath.Join(dir, "link"), filepath.Join(dir, "null")
	if err := errors.Join(os.WriteFile(target, []byte("a longer text"), 0o600), os.Symlink(target, link), os.Symlink(os.DevNull, device)); err != nil {
		t.Skipf("no links here: %v", err)
	}
	for _, path := range []string{link, device} {
		if err := WriteFile(path, write("text")); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v", path, err)
		}
	}
	wantFile(t, target, "text")
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q, want %q, %v", path, got, want, err)
	}
}
