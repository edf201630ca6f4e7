// Package developer holds the listers of build projects, pipelines, hosted applications, GraphQL APIs and file transfer, one file
// a service.
package developer

import (
	"net/url"
	"slices"

	"github.com/muster-audit/muster/collectors/aws/lister"
)

// Listers returns all of the package.
func Listers() []lister.Lister {
	return slices.Concat(
		amplifyListers(),
		appsyncListers(),
		codebuildListers(),
		codepipelineListers(),
		transferListers(),
	)
}

// withoutLogin takes the user and the password out of a repository's URL, where people put tokens. What is no URL stays.
func withoutLogin(location *string) *string {
	if location == nil {
		return nil
	}
	u, err := url.Parse(*location)
	if err != nil || u.User == nil {
		return location
	}
	u.User = nil
	s := u.String()
	return &s
}
