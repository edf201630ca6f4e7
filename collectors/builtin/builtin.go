// Package builtin names every collector that muster is built with. It is the one list: nothing registers itself.
package builtin

import (
	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/ansible"
	"github.com/muster-audit/muster/collectors/ansiblefacts"
	"github.com/muster-audit/muster/collectors/aws"
	"github.com/muster-audit/muster/collectors/chef"
	"github.com/muster-audit/muster/collectors/cloudformation"
	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/collectors/exec"
	"github.com/muster-audit/muster/collectors/gcp"
	"github.com/muster-audit/muster/collectors/pulumi"
	"github.com/muster-audit/muster/collectors/puppetdb"
	"github.com/muster-audit/muster/collectors/salt"
	"github.com/muster-audit/muster/collectors/ssm"
	"github.com/muster-audit/muster/collectors/terraform"
)

// Registry returns the collectors, sorted by the book that they write by default and their name.
func Registry() (collectors.Registry, error) {
	return collectors.NewRegistry(
		// observed
		ansiblefacts.Spec(),
		aws.Spec(),
		chef.Spec(),
		exec.Spec(),
		gcp.Spec(),
		puppetdb.Spec(),
		salt.Spec(),
		ssm.Spec(),
		// recorded
		cmdb.Spec(),
		// declared
		ansible.Spec(),
		cloudformation.Spec(),
		pulumi.Spec(),
		terraform.Spec(),
	)
}
