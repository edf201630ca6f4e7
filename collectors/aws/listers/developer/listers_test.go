package developer

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestWithoutLogin(t *testing.T) {
	for location, want := range map[string]string{
		"https://user:hunter2@git.example.com/shop.git": "https://git.example.com/shop.git",
		"https://hunter2@git.example.com/shop.git":      "https://git.example.com/shop.git",
		"https://git.example.com/shop.git":              "https://git.example.com/shop.git",
		"bucket/path/source.zip":                        "bucket/path/source.zip",
		"git@git.example.com:shop.git":                  "git@git.example.com:shop.git",
		"":                                              "",
	} {
		if got := aws.ToString(withoutLogin(aws.String(location))); got != want {
			t.Errorf("%q became %q", location, got)
		}
	}
	if withoutLogin(nil) != nil {
		t.Error("no location became one")
	}
}
