// Package accounts plans which accounts and regions of AWS a source reads, and how each is entered. An account or region that cannot
// be read is planned too, with the reason, so that what it held stays unread and is never taken for gone.
package accounts

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Account is an account of the config.
type Account struct {
	ID         string `yaml:"id" jsonschema_description:"account id, twelve digits in quotes"`
	Role       string `yaml:"role" jsonschema_description:"ARN of the role to assume; default: the credentials as they are"`
	ExternalID string `yaml:"external_id" jsonschema_description:"external id that the role's trust policy asks for"`
}

// Organization says how the accounts of an organisation are entered.
type Organization struct {
	RoleName   string   `yaml:"role_name" jsonschema_description:"name of the role to assume in every account but the caller's own"`
	ExternalID string   `yaml:"external_id" jsonschema_description:"external id that the roles' trust policies ask for"`
	Exclude    []string `yaml:"exclude" jsonschema_description:"ids of accounts to leave out"`
}

// Options say what a source reads. The zero value is every enabled region of the account of the credentials.
type Options struct {
	Regions      []string
	Accounts     []Account
	Organization *Organization
}

var (
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
	roleARN    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$`)
	roleName   = regexp.MustCompile(`^[\w+=,.@/-]+$`)
)

// IsID reports whether a text is an account id.
func IsID(s string) bool { return accountID.MatchString(s) }

// IsRegion reports whether a text has the shape of a region's name.
func IsRegion(s string) bool { return regionName.MatchString(s) }

// Validate names what is wrong with the options, by the keys regions, accounts and organization.
func (o Options) Validate() []collectors.OptionError {
	var list []collectors.OptionError
	bad := func(option, format string, args ...any) {
		list = append(list, collectors.OptionError{Option: option, Message: fmt.Sprintf(format, args...)})
	}
	for i, r := range o.Regions {
		switch {
		case !IsRegion(r):
			bad(fmt.Sprintf("regions[%d]", i), "%q is no region: write it as eu-west-1", r)
		case slices.Contains(o.Regions[:i], r):
			bad(fmt.Sprintf("regions[%d]", i), "region %s is there twice", r)
		}
	}
	o.checkAccounts(bad)
	o.checkOrganization(bad)
	return list
}

// accountOf returns the account in a role's ARN.
func accountOf(role string) string {
	arn, _ := catalog.ParseARN(role)
	return arn.Account
}

func (o Options) checkAccounts(bad func(option, format string, args ...any)) {
	seen := map[string]bool{}
	for i, a := range o.Accounts {
		at := fmt.Sprintf("accounts[%d]", i)
		switch {
		case !IsID(a.ID):
			bad(at+".id", "%q is no account id: write twelve digits in quotes", a.ID)
		case seen[a.ID]:
			bad(at+".id", "account %s is there twice", a.ID)
		}
		seen[a.ID] = true
		if a.Role != "" && !roleARN.MatchString(a.Role) {
			bad(at+".role", "%q is no ARN of a role: write it as arn:aws:iam::111122223333:role/MusterReadOnly", a.Role)
		} else if a.Role != "" && IsID(a.ID) && accountOf(a.Role) != a.ID { // all that is read would be left out as another's
			bad(at+".role", "the role is not of account %s: give the id of the role's own account", a.ID)
		}
		if a.ExternalID != "" && a.Role == "" {
			bad(at+".external_id", "it goes with a role: name one")
		}
	}
}

func (o Options) checkOrganization(bad func(option, format string, args ...any)) {
	if o.Organization == nil {
		return
	}
	if len(o.Accounts) > 0 {
		bad("organization", "give accounts or organization, not both")
	}
	if !roleName.MatchString(o.Organization.RoleName) {
		bad("organization.role_name", "%q is no name of a role: write it as MusterReadOnly", o.Organization.RoleName)
	}
	for i, id := range o.Organization.Exclude {
		if !IsID(id) {
			bad(fmt.Sprintf("organization.exclude[%d]", i), "%q is no account id: write twelve digits in quotes", id)
		}
	}
}
