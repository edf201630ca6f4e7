// Package security holds the listers of AWS services of this kind, one file a service; that of IAM is cut into four.
package security

import (
	"slices"

	"github.com/muster-audit/muster/collectors/aws/lister"
)

// Listers returns all of the package.
func Listers() []lister.Lister {
	return slices.Concat(
		acmListers(),
		cognitoListers(),
		iamListers(),
		kmsListers(),
		secretsManagerListers(),
		wafListers(),
	)
}
