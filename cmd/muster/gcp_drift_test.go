//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
)

// googleWays are the ways to read a project: machines by their own API and the rest by the inventory, as much as can be by the inventory,
// and all by the services' own APIs.
func googleWays() map[string]string {
	return map[string]string{"inventory": "", "machines too": ", compute: inventory", "APIs": ", inventory: off"}
}

// googleHouse audits the estate against testdata/google/terraform.tfstate, which is made by us after the schemas of Terraform's Google
// provider: 65 types of resources, with the labels that it writes in three attributes.
func googleHouse(t *testing.T, e *googleEstate, way string) *house {
	t.Helper()
	return newHouse(t, map[string]string{
		"muster.yaml": "sources:\n  - {name: gcp, collector: gcp, projects: [acme-prod], endpoint: " + e.URL + way + "}\n" +
			"  - {name: infra, collector: terraform, paths: [terraform.tfstate]}\ngate: {fail_on: never}\nscan: {attempts: 1}\n",
		"terraform.tfstate": string(googleFixture(t, "terraform.tfstate")),
	})
}

func googleFixture(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "google", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestGoogleDrift: code and a cloud that is as the code says differ in nothing, whichever way the project is read, and what Google made by
// itself is nobody's omission. Then what was changed by hand is found, and nothing else.
func TestGoogleDrift(t *testing.T) {
	for name, way := range googleWays() {
		t.Run(name, func(t *testing.T) {
			e := newGoogleEstate(t, googleFixture(t, "estate.json"))
			h := googleHouse(t, e, way)
			r := h.audit(0)
			if list := foundDrift(r); len(list) > 0 {
				t.Errorf("nothing was changed, and found were:\n%s", strings.Join(list, "\n"))
			}
			if d := cmp.Diff(unjudged(way), undecided(r)); d != "" {
				t.Errorf("not decided (-want +got):\n%s", d)
			}
			out, _ := h.run(0, "assets", "list", "--format", "json")
			if strings.Contains(out, "planted-secret-value") || !strings.Contains(out, "gke-apps-main-1a2b3c4d-vwxy") {
				t.Error("a secret was stored, or nothing")
			}
			meddle(e)
			r = h.audit(0)
			if d := cmp.Diff(meddled(), foundDrift(r)); d != "" {
				t.Errorf("what was changed (-want +got):\n%s", d)
			}
		})
	}
}

// foundDrift are the findings in words, sorted: "changed path attribute attribute".
func foundDrift(r *report.Report) []string {
	var list []string
	for i := range r.Findings {
		f := &r.Findings[i]
		line := strings.TrimPrefix(f.Rule, "drift/") + " " + strings.ReplaceAll(strings.TrimPrefix(f.Asset.Key, "//"), "googleapis.com/projects/acme-prod", "…")
		for _, d := range f.Diff {
			line += " " + d.Attribute
		}
		list = append(list, line)
	}
	slices.Sort(list)
	return list
}

// undecided are the declared things of which nobody can say whether they are there.
func undecided(r *report.Report) []string {
	var list []string
	for _, u := range r.Unknown {
		if u.Rule != "drift/changed" { // it says that nothing of them is compared
			list = append(list, u.Examples...)
		}
	}
	slices.Sort(list)
	return list
}

// unjudged are those of the state that no source reads.
func unjudged(way string) []string {
	list := []string{
		"//cloudsql.googleapis.com/projects/acme-prod/instances/orders/databases/shop",
		"terraform.tfstate#google_dns_record_set.this", "terraform.tfstate#google_secret_manager_secret_version.this",
		"terraform.tfstate#google_sql_user.this", "terraform.tfstate#google_storage_bucket_iam_member.this",
	}
	if strings.Contains(way, "off") {
		list = append(list, "//serviceusage.googleapis.com/projects/acme-prod/services/pubsub.googleapis.com",
			"//iam.googleapis.com/projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com/keys/0123abcd")
	}
	slices.Sort(list)
	return list
}

// meddle changes the cloud behind the code's back.
func meddle(e *googleEstate) {
	e.set("/instances/web-1", "machineType", "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b/machineTypes/n2-standard-8")
	e.set("/firewalls/allow-web", "sourceRanges", []any{"0.0.0.0/0"})
	e.set("/topics/orders", "labels.owner", "mallory")
	e.set("/acme-logs", "versioning.enabled", false)
	e.set("/instances/orders", "settings.tier", "db-custom-16-65536")
	e.set("/instances/orders", "settings.ipConfiguration.ipv4Enabled", true)
	e.set("/instances/orders", "settings.dataDiskSizeGb", "99") // which grows by itself
	e.set("/cryptoKeys/disks", "rotationPeriod", nil)
	e.set("/nodePools/main", "config.machineType", "e2-standard-16")
	e.set("/nodePools/main", "version", "1.33.4-gke.200") // which Google moves
	e.set("/managedZones/4410000000000000001", "dnssecConfig.state", "off")
	e.set("/policies/551", "enableLogging", nil)
	e.set("/serviceAccounts/103456789012345678901", "disabled", true)
	e.set("/services/shop", "metadata.annotations", map[string]any{"run.googleapis.com/ingress": "all"})
	e.set("/functions/resize", "serviceConfig.ingressSettings", nil)
	e.set("/jobs/nightly", "schedule", "* * * * *")
	e.set("/sinks/audit", "disabled", true)
	e.set("/locations/europe-west1/instances/cart", "authEnabled", nil)
	e.set("/subscriptions/orders", "deadLetterPolicy.deadLetterTopic", "projects/420000000001/topics/lost")
	e.remove("/topics/dead")
	e.remove("/disks/data")
	e.copied("/instances/web-1", "web-1", "miner", map[string]any{"owner": "nobody"})
	e.copied("/disks/web-1", "web-1", "miner", nil)
	e.copied("/acme-logs", "acme-logs", "acme-leaks", nil)
}

// meddled is what meddle did, once each. The disk of the machine goes with the machine.
func meddled() []string {
	return []string{
		"changed cloudfunctions.…/locations/europe-west1/functions/resize serviceConfig.ingressSettings",
		"changed cloudkms.…/locations/europe-west1/keyRings/main/cryptoKeys/disks rotationPeriod",
		"changed cloudscheduler.…/locations/europe-west1/jobs/nightly schedule",
		"changed cloudsql.…/instances/orders settings.ipConfiguration.ipv4Enabled settings.tier",
		"changed compute.…/global/firewalls/allow-web sourceRanges",
		"changed compute.…/zones/europe-west1-b/instances/web-1 machineType",
		"changed container.…/locations/europe-west1/clusters/apps/nodePools/main config.machineType",
		"changed dns.…/managedZones/acme dnssecConfig.state",
		"changed dns.…/policies/log enableLogging",
		"changed iam.…/serviceAccounts/web@acme-prod.iam.gserviceaccount.com disabled",
		"changed logging.…/sinks/audit disabled",
		"changed pubsub.…/subscriptions/orders deadLetterPolicy.deadLetterTopic",
		"changed pubsub.…/topics/orders tags.owner",
		"changed redis.…/locations/europe-west1/instances/cart authEnabled",
		"changed run.…/locations/europe-west1/services/shop ingress",
		"changed storage.googleapis.com/acme-logs versioning.enabled",
		"missing compute.…/zones/europe-west1-b/disks/data",
		"missing pubsub.…/topics/dead",
		"unmanaged compute.…/zones/europe-west1-b/instances/miner",
		"unmanaged storage.googleapis.com/acme-leaks",
	}
}
