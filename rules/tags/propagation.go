package tags

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// propagationID is the rule about settings that hand tags on.
const propagationID = "tags/propagation"

// flag is a setting by which a provider copies the tags of an asset to what it makes of it.
type flag struct {
	attribute string
	to        string            // what would bear the tags
	off       []inventory.Value // values that hand nothing on. Of what was not set, Null, nothing is known unless it is listed
	on        string            // what to set it to
	// only names an attribute that must have a value for the setting to mean anything; empty always.
	only, value string
}

// flags lists the settings that collectors read, by type. docs/policy.md names them.
func flags() map[inventory.Type][]flag {
	isOff := []inventory.Value{inventory.False, inventory.Null}
	copied := func(attribute, to, only, value string) flag {
		return flag{attribute, to, []inventory.Value{inventory.False}, "true", only, value}
	}
	return map[inventory.Type][]flag{
		"AWS::Batch::JobDefinition": {{"PropagateTags", "the tasks of its jobs", isOff, "true", "", ""}},
		"AWS::ECS::Service": {{
			"PropagateTags", "its tasks", []inventory.Value{inventory.StringValue("NONE"), inventory.Null}, "SERVICE or TASK_DEFINITION", "", "",
		}},
		"AWS::FSx::FileSystem": {
			copied("WindowsConfiguration.CopyTagsToBackups", "its backups", "FileSystemType", "WINDOWS"),
			copied("LustreConfiguration.CopyTagsToBackups", "its backups", "FileSystemType", "LUSTRE"),
			copied("OpenZFSConfiguration.CopyTagsToBackups", "its backups", "FileSystemType", "OPENZFS"),
			copied("OpenZFSConfiguration.CopyTagsToVolumes", "its volumes", "FileSystemType", "OPENZFS"),
		},
		"AWS::FSx::Volume": {
			copied("OntapConfiguration.CopyTagsToBackups", "its backups", "VolumeType", "ONTAP"),
			copied("OpenZFSConfiguration.CopyTagsToSnapshots", "its snapshots", "VolumeType", "OPENZFS"),
		},
		"AWS::Neptune::DBCluster": {copied("CopyTagsToSnapshot", "its snapshots", "", "")},
		"AWS::RDS::DBCluster":     {{"CopyTagsToSnapshot", "its snapshots", isOff, "true", "", ""}},
		"AWS::RDS::DBInstance":    {{"CopyTagsToSnapshot", "its snapshots", isOff, "true", "", ""}},
	}
}

// groupType has a setting for each tag, of which the collector lists those that are handed on.
const (
	groupType      = "AWS::AutoScaling::AutoScalingGroup"
	groupAttribute = "PropagateAtLaunch"
)

// propagation judges whether an asset hands its tags on to what is made of it. named are the keys of which the policy speaks; of a group's
// tags only these are asked for, unless there are none.
func (r *rule) propagation(named map[string]bool) keysJudge {
	known := flags()
	return func(asset *inventory.Entry, found inventory.Tags) verdict {
		list, ok := known[asset.Type]
		switch {
		case asset.Type != groupType && !ok:
			return verdict{Verdict: notApplicable("nothing is made of it that would bear its tags, or the setting is not read")}
		case !r.bearsTags(asset, found):
			return verdict{Verdict: notApplicable("it has no tags to hand on")}
		case asset.Type == groupType:
			return r.groupPropagation(asset, found, named)
		}
		if why := inCluster(asset); why.Outcome != rules.Pass {
			return why
		}
		return judgeFlags(asset, list)
	}
}

func (r *rule) bearsTags(asset *inventory.Entry, found inventory.Tags) bool {
	for tag := range found.All() {
		if r.free(asset, tag.Key) {
			return true
		}
	}
	return false
}

// inCluster tells instances of a cluster from those that have snapshots of their own.
func inCluster(asset *inventory.Entry) verdict {
	if asset.Type != "AWS::RDS::DBInstance" {
		return pass()
	}
	cluster, ok := asset.CurrentAttribute("DBClusterIdentifier")
	switch {
	case slices.ContainsFunc(asset.Relations, func(r inventory.Relation) bool { return r.Kind == inventory.MemberOf }), ok && cluster != inventory.Null:
		return verdict{Verdict: notApplicable("its cluster makes the snapshots")}
	case !ok:
		return verdict{Verdict: unknown("its DBClusterIdentifier could not be read")}
	}
	return pass()
}

func judgeFlags(asset *inventory.Entry, list []flag) verdict {
	var texts, advice, parts, unread []string
	judged := false
	for _, f := range list {
		v, ok := asset.CurrentAttribute(f.attribute)
		applies, why := f.applies(asset)
		switch {
		case why != "":
			unread = append(unread, why)
		case !applies:
		case !ok:
			unread = append(unread, f.attribute)
		case slices.Contains(f.off, v):
			texts = append(texts, fmt.Sprintf("%s is %s: its tags are not copied to %s", f.attribute, offText(v), f.to))
			advice = append(advice, fmt.Sprintf("set %s to %s", f.attribute, f.on))
			parts = append(parts, f.attribute)
		case v != inventory.Null:
			judged = true
		}
	}
	slices.Sort(unread)
	unread = slices.Compact(unread)
	switch {
	case len(texts) > 0:
		v := verdict{advice: strings.Join(advice, "; ")}
		v.Verdict = rules.Verdict{Outcome: rules.Fail, Parts: parts, Unread: unread, Message: strings.Join(texts, "; ")}
		return v
	case len(unread) > 0:
		return verdict{Verdict: unknown("its " + strings.Join(unread, ", ") + " could not be read")}
	case !judged:
		return verdict{Verdict: notApplicable("things of its kind hand no tags on")}
	}
	return pass()
}

func offText(v inventory.Value) string {
	if v == inventory.Null {
		return "not set"
	}
	return v.String()
}

// applies reports whether the setting means anything for an asset; why names what would tell it and was not read.
func (f flag) applies(asset *inventory.Entry) (applies bool, why string) {
	if f.only == "" {
		return true, ""
	}
	v, ok := asset.CurrentAttribute(f.only)
	if !ok {
		return false, f.only
	}
	return v.String() == f.value, ""
}

// groupPropagation judges the tags of an auto scaling group one by one.
func (r *rule) groupPropagation(asset *inventory.Entry, found inventory.Tags, named map[string]bool) verdict {
	v, ok := asset.CurrentAttribute(groupAttribute)
	if !ok {
		return verdict{Verdict: unknown("its " + groupAttribute + " could not be read")}
	}
	handed, _ := v.Decode().([]any)
	var keys []string
	for tag := range found.All() {
		if !r.free(asset, tag.Key) || len(named) > 0 && !named[tag.Key] || slices.Contains(handed, any(tag.Key)) {
			continue
		}
		keys = append(keys, tag.Key)
	}
	if len(keys) == 0 {
		return pass()
	}
	out := verdict{advice: fmt.Sprintf("set %s of the tag %s to true", groupAttribute, quoteAll(keys))}
	out.Verdict = rules.Verdict{
		Outcome: rules.Fail, Parts: keys,
		Message: fmt.Sprintf("tag %s %s not copied to the instances that the group launches", quoteAll(keys), isOrAre(keys)),
	}
	return out
}
