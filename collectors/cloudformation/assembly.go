package cloudformation

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// artifact is a part of a CDK assembly. Reference: the cloud assembly schema of the AWS CDK.
type artifact struct {
	id          string
	Type        string `json:"type"`
	Environment string `json:"environment"` // "aws://111122223333/eu-west-1"
	Properties  struct {
		TemplateFile  string            `json:"templateFile"`
		StackName     string            `json:"stackName"`
		Parameters    map[string]string `json:"parameters"`
		Tags          map[string]string `json:"tags"`
		DirectoryName string            `json:"directoryName"`
	} `json:"properties"`
}

const (
	stackArtifact    = "aws:cloudformation:stack"
	assemblyArtifact = "cdk:cloud-assembly"
)

// mostArtifacts bounds an assembly.
const mostArtifacts = 20_000

// readManifest reads the stacks and nested assemblies of a manifest, sorted by id. What else is in it, as stack traces, is passed over.
func readManifest(r io.Reader) ([]artifact, error) {
	d := jsontext.NewDecoder(bufio.NewReader(r), jsontext.AllowInvalidUTF8(true))
	var list []artifact
	found := false
	err := members(d, func(name string) error {
		if name != "artifacts" || d.PeekKind() != '{' {
			return d.SkipValue()
		}
		found = true
		return members(d, func(id string) error {
			a := artifact{id: id}
			if err := json.UnmarshalDecode(d, &a, jsontext.AllowInvalidUTF8(true)); err != nil {
				return err
			}
			if a.Type == stackArtifact || a.Type == assemblyArtifact {
				list = append(list, a)
			}
			if len(list) > mostArtifacts {
				return fmt.Errorf("more than %d artifacts", mostArtifacts)
			}
			return nil
		})
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("it is no valid manifest, or was cut off, near byte %d: run cdk synth again", d.InputOffset())
	case !found:
		return nil, errors.New("it has no artifacts: a manifest of cdk synth has")
	}
	slices.SortFunc(list, func(a, b artifact) int { return strings.Compare(a.id, b.id) })
	return list, nil
}

// members calls read with the name of each member of an object, before its value.
func members(d *jsontext.Decoder, read func(name string) error) error {
	t, err := d.ReadToken()
	if err != nil {
		return err
	}
	if t.Kind() != '{' {
		return errors.New("it is no object")
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := read(name.String()); err != nil {
			return err
		}
	}
	_, err = d.ReadToken()
	return err
}

// place is the account and region of an artifact, as far as they are known.
func (a artifact) place() where {
	account, region, _ := strings.Cut(strings.TrimPrefix(a.Environment, "aws://"), "/")
	if account == "unknown-account" {
		account = ""
	}
	if region == "unknown-region" {
		region = ""
	}
	return where{account: account, region: region, partition: partitionOf(region)}
}

func (a artifact) stackName() string {
	if a.Properties.StackName != "" {
		return a.Properties.StackName
	}
	return a.id
}
