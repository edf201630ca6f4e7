package tags

import (
	"slices"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

func attributes(pairs ...string) inventory.Attributes {
	var list []inventory.Attribute
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, inventory.Attribute{Name: pairs[i], Value: inventory.Value(pairs[i+1])})
	}
	return inventory.KnownAttributes(list...)
}

func TestPropagation(t *testing.T) {
	const (
		policy = "version: 1\nbuiltin: [tags/propagation]\n"
		named  = policy + "tags: [{id: owner, keys: [owner, team], required: true}]\n"
		rds    = "AWS::RDS::DBInstance"
	)
	owned := known("owner", "payments", "note", "x", "aws:cloudformation:stack-name", "shop")
	tests := []struct {
		name, policy string
		typ          inventory.Type
		tags         inventory.Tags
		attributes   inventory.Attributes
		want         rules.Outcome
		text         string
	}{
		// What is not known first.
		{"the setting was not read", policy, "AWS::ECS::Service", owned, attributes(), rules.Unknown, "its PropagateTags could not be read"},
		{"no attribute was read", policy, "AWS::RDS::DBCluster", owned, inventory.Attributes{}, rules.Unknown, "its CopyTagsToSnapshot could not be read"},
		{"a group's was not read", policy, groupType, owned, attributes(), rules.Unknown, "its PropagateAtLaunch could not be read"},
		{"tags were not read", policy, groupType, inventory.UnknownTags(), attributes(groupAttribute, `[]`), rules.Unknown, "its tags could not be read"},
		{"whether it is in a cluster was not read", policy, rds, owned, attributes("CopyTagsToSnapshot", "false"), rules.Unknown, "its DBClusterIdentifier could not be read"},
		{"which kind it is was not read", policy, "AWS::FSx::FileSystem", owned, attributes("WindowsConfiguration.CopyTagsToBackups", "true"), rules.Unknown, "its FileSystemType could not be read"},
		{
			"one of two was not read", policy, "AWS::FSx::FileSystem", owned,
			attributes("FileSystemType", `"OPENZFS"`, "OpenZFSConfiguration.CopyTagsToBackups", "true"),
			rules.Unknown, "its OpenZFSConfiguration.CopyTagsToVolumes could not be read",
		},
		// What is known.
		{"service hands nothing on", policy, "AWS::ECS::Service", owned, attributes("PropagateTags", `"NONE"`), rules.Fail, "PropagateTags is NONE: its tags are not copied to its tasks"},
		{"service without the setting", policy, "AWS::ECS::Service", owned, attributes("PropagateTags", "null"), rules.Fail, "PropagateTags is not set: its tags are not copied to its tasks"},
		{"service hands its tags on", policy, "AWS::ECS::Service", owned, attributes("PropagateTags", `"SERVICE"`), rules.Pass, ""},
		{"job", policy, "AWS::Batch::JobDefinition", owned, attributes("PropagateTags", "false"), rules.Fail, "PropagateTags is false: its tags are not copied to the tasks of its jobs"},
		{"database", policy, rds, owned, attributes("CopyTagsToSnapshot", "false", "DBClusterIdentifier", "null"), rules.Fail, "CopyTagsToSnapshot is false: its tags are not copied to its snapshots"},
		{"database that copies", policy, rds, owned, attributes("CopyTagsToSnapshot", "true", "DBClusterIdentifier", "null"), rules.Pass, ""},
		{"of a cluster", policy, rds, owned, attributes("CopyTagsToSnapshot", "false", "DBClusterIdentifier", `"shop"`), rules.NotApplicable, "its cluster makes the snapshots"},
		{"cluster", policy, "AWS::RDS::DBCluster", owned, attributes("CopyTagsToSnapshot", "false"), rules.Fail, "CopyTagsToSnapshot is false: its tags are not copied to its snapshots"},
		{
			"both settings of a kind", policy, "AWS::FSx::FileSystem", owned,
			attributes("FileSystemType", `"OPENZFS"`, "OpenZFSConfiguration.CopyTagsToBackups", "false", "OpenZFSConfiguration.CopyTagsToVolumes", "false"),
			rules.Fail, "OpenZFSConfiguration.CopyTagsToBackups is false: its tags are not copied to its backups; OpenZFSConfiguration.CopyTagsToVolumes is false: its tags are not copied to its volumes",
		},
		{"a kind without settings", policy, "AWS::FSx::FileSystem", owned, attributes("FileSystemType", `"ONTAP"`), rules.NotApplicable, "things of its kind hand no tags on"},
		{"a scratch file system", policy, "AWS::FSx::FileSystem", owned, attributes("FileSystemType", `"LUSTRE"`, "LustreConfiguration.CopyTagsToBackups", "null"), rules.NotApplicable, "things of its kind hand no tags on"},
		{"volume", policy, "AWS::FSx::Volume", owned, attributes("VolumeType", `"ONTAP"`, "OntapConfiguration.CopyTagsToBackups", "true"), rules.Pass, ""},
		{"no tags of its own", policy, "AWS::ECS::Service", known("aws:cloudformation:stack-name", "shop"), attributes("PropagateTags", `"NONE"`), rules.NotApplicable, "it has no tags to hand on"},
		{"another type", policy, "AWS::S3::Bucket", owned, attributes(), rules.NotApplicable, "nothing is made of it that would bear its tags, or the setting is not read"},
		{"group, of all tags", policy, groupType, owned, attributes(groupAttribute, `["note"]`), rules.Fail, `tag "owner" is not copied to the instances that the group launches`},
		{"group, of those that the policy names", named, groupType, owned, attributes(groupAttribute, `["owner"]`), rules.Pass, ""},
		{"group, of none", named, groupType, owned, attributes(groupAttribute, `[]`), rules.Fail, `tag "owner" is not copied to the instances that the group launches`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := BuiltinRules(mustParse(t, tt.policy), onceCatalog(t), now, nil, nil)
			i := slices.IndexFunc(list, func(r rules.Rule) bool { return r.Meta().ID == propagationID })
			asset := instance(tt.tags)
			asset.Type, asset.Attributes = tt.typ, tt.attributes
			v, err := list[i].Check(t.Context(), observed(asset))
			if text := v.Reason + v.Message; err != nil || v.Outcome != tt.want || text != tt.text {
				t.Errorf("got %s (%s), %v, want %s (%s)", v.Outcome, text, err, tt.want, tt.text)
			}
		})
	}
}

// TestPropagationUnread holds that a setting which could not be read stays as it was found before.
func TestPropagationUnread(t *testing.T) {
	asset := instance(known("owner", "x"))
	asset.Type = "AWS::FSx::FileSystem"
	asset.Attributes = attributes("FileSystemType", `"OPENZFS"`, "OpenZFSConfiguration.CopyTagsToBackups", "false")
	list := BuiltinRules(mustParse(t, "version: 1\nbuiltin: [tags/propagation]\n"), onceCatalog(t), now, nil, nil)
	v, err := list[0].Check(t.Context(), observed(asset))
	if err != nil || v.Outcome != rules.Fail || !slices.Equal(v.Unread, []string{"OpenZFSConfiguration.CopyTagsToVolumes"}) || v.Fix != "set OpenZFSConfiguration.CopyTagsToBackups to true" {
		t.Errorf("got %+v, %v", v, err)
	}
}

// TestPropagationSettings holds that every setting is of a type that the catalog knows, and says what to set it to.
func TestPropagationSettings(t *testing.T) {
	for typ, list := range flags() {
		if row, ok := onceCatalog(t).Type(typ); !ok || row.Taggable != inventory.Known {
			t.Errorf("%s: no type that bears tags", typ)
		}
		for _, f := range list {
			if f.attribute == "" || f.to == "" || f.on == "" || len(f.off) == 0 || (f.only == "") != (f.value == "") {
				t.Errorf("%s: %+v", typ, f)
			}
		}
	}
}
