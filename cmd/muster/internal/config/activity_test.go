package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestActivity(t *testing.T) {
	for text, want := range map[string]string{
		"activity: {paths: [trail/*.json.gz], max_age: 48h}": "",
		"activity: {paths: ['a[']}":                          "activity.paths[0]",
		"activity: {max_age: 1h}":                            "needs paths",
		"activity: {paths: [a], max_age: -1h}":               "no duration",
		"activity: {path: [a]}":                              "path",
	} {
		file := filepath.Join(t.TempDir(), "muster.yaml")
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(Input{File: file, Getenv: func(string) string { return "" }})
		switch {
		case want == "" && (err != nil || c.Activity.MaxAge != 48*time.Hour || c.Activity.Paths[0] != "trail/*.json.gz"):
			t.Errorf("%s: %+v, error %v", text, c, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}
