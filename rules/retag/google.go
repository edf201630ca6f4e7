package retag

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// googleResource says how gcloud changes the labels of a type.
type googleResource struct {
	command []string
	prefix  string // before the name: "gs://"
	set     string // flag that sets labels
	remove  string // flag that removes them
	verbs   [2]string
	// places are the flags for the parts of the full resource name that say where the thing is: "zones" to "--zone". A name with another
	// such part is not one that the command can take.
	places map[string]string
}

// googleResources lists the types whose labels the gcloud of release 528 is known to change without making the thing anew. A Cloud Run
// service is not among them: a label of it is a new revision.
func googleResources() map[inventory.Type]googleResource {
	addRemove := func(places map[string]string, words ...string) googleResource {
		return googleResource{command: words, set: "--labels", remove: "--labels", verbs: [2]string{"add-labels", "remove-labels"}, places: places}
	}
	update := func(places map[string]string, words ...string) googleResource {
		return googleResource{command: words, set: "--update-labels", remove: "--remove-labels", verbs: [2]string{"update", "update"}, places: places}
	}
	zonal := map[string]string{"zones": "--zone"}
	either := map[string]string{"zones": "--zone", "regions": "--region"}
	regional := map[string]string{"locations": "--region", "regions": "--region"}
	located := map[string]string{"locations": "--location", "zones": "--location", "regions": "--location"}
	buckets := update(nil, "gcloud", "storage", "buckets")
	buckets.prefix = "gs://"
	sql := update(nil, "gcloud", "beta", "sql", "instances") // the flag is not in the command without beta
	sql.verbs = [2]string{"patch", "patch"}
	return map[inventory.Type]googleResource{
		"compute.googleapis.com/Instance":            addRemove(zonal, "gcloud", "compute", "instances"),
		"compute.googleapis.com/Disk":                addRemove(either, "gcloud", "compute", "disks"),
		"compute.googleapis.com/RegionDisk":          addRemove(either, "gcloud", "compute", "disks"),
		"compute.googleapis.com/Snapshot":            addRemove(nil, "gcloud", "compute", "snapshots"),
		"compute.googleapis.com/Image":               addRemove(nil, "gcloud", "compute", "images"),
		"storage.googleapis.com/Bucket":              buckets,
		"sqladmin.googleapis.com/Instance":           sql,
		"pubsub.googleapis.com/Topic":                update(nil, "gcloud", "pubsub", "topics"),
		"pubsub.googleapis.com/Subscription":         update(nil, "gcloud", "pubsub", "subscriptions"),
		"secretmanager.googleapis.com/Secret":        update(map[string]string{"locations": "--location"}, "gcloud", "secrets"),
		"redis.googleapis.com/Instance":              update(regional, "gcloud", "redis", "instances"),
		"artifactregistry.googleapis.com/Repository": update(located, "gcloud", "artifacts", "repositories"),
		"container.googleapis.com/Cluster":           update(located, "gcloud", "container", "clusters"),
		"cloudkms.googleapis.com/CryptoKey":          update(map[string]string{"locations": "--location", "keyRings": "--keyring"}, "gcloud", "kms", "keys"),
		"dataproc.googleapis.com/Cluster":            update(regional, "gcloud", "dataproc", "clusters"),
		"file.googleapis.com/Instance":               update(located, "gcloud", "filestore", "instances"),
		"composer.googleapis.com/Environment":        update(located, "gcloud", "composer", "environments"),
		"eventarc.googleapis.com/Trigger":            update(located, "gcloud", "eventarc", "triggers"),
	}
}

func googleCommand(asset *inventory.Entry, set []inventory.Tag, remove []string) []string {
	g, ok := googleResources()[asset.Type]
	if !ok {
		return nil
	}
	parts := strings.Split(asset.Key, "/")
	name := parts[len(parts)-1]
	if name == "" || strings.HasPrefix(name, "-") { // would be read as a flag
		return nil
	}
	verb, labels := g.verbs[1], g.remove+"="+strings.Join(remove, ",")
	if len(set) > 0 {
		verb, labels = g.verbs[0], g.set+"="+googleLabels(set)
	}
	words := append(slices.Clone(g.command), verb, g.prefix+name)
	places, ok := g.where(asset, parts)
	if !ok || slices.ContainsFunc(set, func(t inventory.Tag) bool { return strings.ContainsAny(t.Key+t.Value, ",=") }) {
		return nil
	}
	if words = append(words, places...); asset.Account != "" {
		words = append(words, "--project="+asset.Account)
	}
	return append(words, labels)
}

// where is the flags that say where a thing is, as its full resource name tells; it is false if the command takes no such place.
func (g *googleResource) where(asset *inventory.Entry, parts []string) (flags []string, ok bool) {
	for i := 0; i+1 < len(parts); i++ {
		if !slices.Contains([]string{"zones", "regions", "locations", "keyRings"}, parts[i]) {
			continue
		}
		flag := g.places[parts[i]]
		if flag == "" || parts[i+1] == "" {
			return nil, false
		}
		flags = append(flags, flag+"="+parts[i+1])
	}
	if flag := g.places["zones"]; len(flags) == 0 && flag == "--zone" && asset.Zone != "" {
		flags = append(flags, flag+"="+asset.Zone)
	}
	return flags, true
}

func googleLabels(set []inventory.Tag) string {
	list := make([]string, len(set))
	for i, t := range set {
		list[i] = t.Key + "=" + t.Value
	}
	return strings.Join(list, ",")
}
