package compute

import (
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/inventory"
)

// Only the instance tells whether its disks go with it.
func TestDisksThatStay(t *testing.T) {
	s := gcptest.New(t)
	s.On("GET "+base+"/aggregated/instances", gcptest.JSON(`{"items": {"zones/europe-west1-b": {"instances": [{"name": "web", "disks": [
		{"source": "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b/disks/boot", "boot": true, "autoDelete": true},
		{"source": "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b/disks/data", "autoDelete": false}]}]}}}`))
	s.On("GET "+base+"/aggregated/disks", gcptest.JSON(`{"items": {"zones/europe-west1-b": {"disks": [
		{"name": "boot"}, {"name": "data"}, {"name": "spare"}]}}}`))
	got, err := list(t, s, func(t inventory.Type) bool { return t == service+"Instance" || t == service+"Disk" })
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"boot": false, "data": true, "spare": false, "web": false}
	for _, r := range got {
		name := r.Data.Text("name")
		if stays, ok := want[name]; !ok || r.Stays != stays {
			t.Errorf("%s stays: %t, want %t", name, r.Stays, stays)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("not handed over: %v", want)
	}
}
