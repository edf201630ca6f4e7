package gcp

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/muster-audit/muster/collectors/gcp/cai"
	"github.com/muster-audit/muster/collectors/gcp/compute"
)

// Permissions that planning and doctor take.
const (
	permGet      = "resourcemanager.projects.get"
	permUse      = "serviceusage.services.use"
	permServices = "serviceusage.services.list"
	permList     = "resourcemanager.projects.list"
	permFolders  = "resourcemanager.folders.list"
)

// grant is a part of the permissions, and what they are for.
type grant struct {
	why         string
	permissions []string
}

// grants are all permissions that a scan and doctor can need, each once.
func grants() []grant {
	direct := grant{why: "the services' own APIs: only where the asset inventory is not enabled, or off"}
	apart := grant{why: "functions and jobs of the scheduler, which the asset inventory has late or not at all"}
	for _, a := range directAPIs() {
		if beside(a.name) {
			apart.permissions = append(apart.permissions, a.permissions...)
		}
		direct.permissions = append(direct.permissions, a.permissions...)
	}
	all := []grant{
		{"projects by id, the project whose quota is used, and what is enabled in a project, which only doctor asks", []string{permGet, permUse, permServices}},
		{"the asset inventory, which is searched, or with inventory: list is listed", []string{cai.SearchPermission, cai.ListPermission}},
		{"Compute Engine", computePermissions()},
		apart,
		direct,
		{"projects of a folder or organization where the asset inventory is not enabled; a role of a single project cannot hold these two", []string{permFolders, permList}},
	}
	seen := map[string]bool{}
	for i := range all {
		slices.Sort(all[i].permissions)
		all[i].permissions = slices.DeleteFunc(all[i].permissions, func(p string) bool {
			again := seen[p]
			seen[p] = true
			return again
		})
	}
	return all
}

// computePermissions are those of compute's lists. Buckets of backends in a region come in the list of all of them; whether there is a
// permission of that name for them Google does not say, and a role with a permission that does not exist cannot be created.
func computePermissions() []string {
	return slices.DeleteFunc(compute.Permissions(), func(p string) bool { return p == "compute.regionBackendBuckets.list" })
}

// Permissions returns the least custom role that lets all be read, and no more, as "gcloud iam roles create --file" takes it. It is made of
// the tables by which the calls are made.
func Permissions() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`# gcloud iam roles create musterReader --organization NUMBER --file THIS_FILE
title: muster reader
description: What muster reads of descriptions of resources. It holds nothing that writes, and nothing that reads what is kept in resources.
stage: GA
includedPermissions:
`)
	for _, g := range grants() {
		if len(g.permissions) == 0 {
			continue
		}
		fmt.Fprintf(&b, "# %s\n", g.why)
		for _, p := range g.permissions {
			fmt.Fprintf(&b, "- %s\n", p)
		}
	}
	return b.Bytes(), nil
}
