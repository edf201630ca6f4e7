package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tokenOf finds the token for a server where terraform login and the environment keep it; empty if there is none. An error names the file
// and quotes nothing of it. Reference: https://developer.hashicorp.com/terraform/cli/config/config-file#credentials
func tokenOf(o Options, host string) (string, error) {
	for _, name := range tokenVariables(host) {
		if token := strings.TrimSpace(o.Getenv(name)); token != "" {
			return token, nil
		}
	}
	for _, file := range tokenFiles(o) {
		token, err := tokenIn(file, host)
		if err != nil || token != "" {
			return token, err
		}
	}
	return "", nil
}

// tokenVariables are the names for a server, in which a dot is written as an underscore and a hyphen as two, or as itself. A port has no place in them.
func tokenVariables(host string) []string {
	name, _, _ := strings.Cut(host, ":")
	name = "TF_TOKEN_" + strings.ReplaceAll(name, ".", "_")
	return []string{strings.ReplaceAll(name, "-", "__"), name}
}

func tokenFiles(o Options) []string {
	var list []string
	if data := o.Getenv("APPDATA"); data != "" {
		list = append(list, filepath.Join(data, "terraform.d", "credentials.tfrc.json"))
	}
	if o.Home != "" {
		list = append(list, filepath.Join(o.Home, ".terraform.d", "credentials.tfrc.json"))
	}
	return list
}

// mostTokens bounds the size of a file of tokens.
const mostTokens = 1 << 20

func tokenIn(file, host string) (string, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err == nil && (!info.Mode().IsRegular() || info.Size() > mostTokens):
		return "", fmt.Errorf("%s is no file of tokens: run terraform login", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the tokens of terraform login: %w", err)
	}
	var doc struct {
		Credentials map[string]struct {
			Token string `json:"token"`
		} `json:"credentials"`
	}
	if json.Unmarshal(text, &doc) != nil { // its error could quote a token
		return "", fmt.Errorf("%s is no valid JSON: run terraform login", file)
	}
	return strings.TrimSpace(doc.Credentials[host].Token), nil
}
