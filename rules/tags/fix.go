package tags

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// fix writes what a person can do: a place in the code where there is code, so that the fix is not drift tomorrow, else a
// command of the provider, ready to paste and never run by muster, else words.
func fix(v *verdict, e *rules.Entity, asset *inventory.Entry) string {
	if d := declaration(e, asset); d != nil {
		return inCode(v, d)
	}
	if asset.Book == inventory.Recorded {
		return inRegister(v, asset)
	}
	if command := command(v, asset); command != "" {
		return command
	}
	if len(v.remove) > 0 {
		return "remove the tag " + quoteAll(v.remove)
	}
	return fmt.Sprintf("set the tag %q to %q", v.set.Key, v.set.Value)
}

// declaration returns where code says what tags an asset has; nil if no code does. A list of the hosts to be configured says nothing of
// the tags of a cloud's instance.
func declaration(e *rules.Entity, asset *inventory.Entry) *inventory.Entry {
	const machine = "datacenter"
	for _, d := range e.Declared {
		if catalog.Provider(d.Type) != machine || catalog.Provider(asset.Type) == machine {
			return d
		}
	}
	return nil
}

func inCode(v *verdict, declared *inventory.Entry) string {
	place := place(declared)
	if len(v.remove) > 0 {
		return fmt.Sprintf("remove the tag %s in %s", quoteAll(v.remove), place)
	}
	return fmt.Sprintf("set the tag %q to %q in %s", v.set.Key, v.set.Value, place)
}

func inRegister(v *verdict, row *inventory.Entry) string {
	if len(v.remove) > 0 {
		return fmt.Sprintf("empty the column of the tag %s in %s", quoteAll(v.remove), place(row))
	}
	return fmt.Sprintf("fill the column of the tag %q with %q in %s", v.set.Key, v.set.Value, place(row))
}

// place is where a person finds an asset: "main.tf:12 (module.web.aws_instance.app[0])".
func place(e *inventory.Entry) string {
	o := e.Origin
	if o.File == "" {
		return e.Key
	}
	text := o.File
	if o.Line > 0 {
		text = fmt.Sprintf("%s:%d", text, o.Line)
	}
	if o.Address != "" {
		text += " (" + o.Address + ")"
	}
	return text
}

// command is empty if there is none for the asset, or if a name could not be written on a command line safely.
func command(v *verdict, asset *inventory.Entry) string {
	words := awsCommand(v, asset)
	if words == nil {
		words = googleCommand(v, asset)
	}
	for _, w := range words {
		if strings.ContainsFunc(w, unicode.IsControl) {
			return ""
		}
	}
	return shellLine(words)
}

// awsCommand uses the Resource Groups Tagging API, which takes any ARN.
func awsCommand(v *verdict, asset *inventory.Entry) []string {
	isFlag := func(key string) bool { return strings.HasPrefix(key, "-") }
	if !strings.HasPrefix(asset.Key, "arn:") || slices.ContainsFunc(v.remove, isFlag) || isFlag(v.set.Key) {
		return nil
	}
	verb := "tag-resources"
	if len(v.remove) > 0 {
		verb = "untag-resources"
	}
	words := []string{"aws", "resourcegroupstaggingapi", verb, "--resource-arn-list", asset.Key}
	switch asset.Region {
	case "":
	case "global": // the API holds the tags of global services in its first region
		words = append(words, "--region", "us-east-1")
	default:
		words = append(words, "--region", asset.Region)
	}
	if len(v.remove) > 0 {
		return append(append(words, "--tag-keys"), v.remove...)
	}
	return append(words, "--tags", awsTag(v.set))
}

// awsTag writes a tag in the AWS CLI's short form, or in JSON where that would be ambiguous.
func awsTag(t inventory.Tag) string {
	if !strings.ContainsAny(t.Key+t.Value, `=,{}[]"' `) {
		return t.Key + "=" + t.Value
	}
	text, err := json.Marshal(map[string]string{t.Key: t.Value})
	if err != nil { // cannot happen: strings have a JSON form
		return ""
	}
	return string(text)
}

// googleResource says how gcloud changes the labels of a type.
type googleResource struct {
	command []string
	prefix  string // before the name: "gs://"
	set     string // flag that sets labels
	remove  string // flag that removes them
	verbs   [2]string
	place   string // flag for zone or region; empty if the type has none
}

func googleResources() map[inventory.Type]googleResource {
	addRemove := func(place string, words ...string) googleResource {
		return googleResource{command: words, set: "--labels", remove: "--labels", verbs: [2]string{"add-labels", "remove-labels"}, place: place}
	}
	update := func(verb, prefix string, words ...string) googleResource {
		return googleResource{command: words, prefix: prefix, set: "--update-labels", remove: "--remove-labels", verbs: [2]string{verb, verb}}
	}
	return map[inventory.Type]googleResource{
		"compute.googleapis.com/Instance":    addRemove("--zone", "gcloud", "compute", "instances"),
		"compute.googleapis.com/Disk":        addRemove("--zone", "gcloud", "compute", "disks"),
		"compute.googleapis.com/Snapshot":    addRemove("", "gcloud", "compute", "snapshots"),
		"compute.googleapis.com/Image":       addRemove("", "gcloud", "compute", "images"),
		"storage.googleapis.com/Bucket":      update("update", "gs://", "gcloud", "storage", "buckets"),
		"pubsub.googleapis.com/Topic":        update("update", "", "gcloud", "pubsub", "topics"),
		"pubsub.googleapis.com/Subscription": update("update", "", "gcloud", "pubsub", "subscriptions"),
		"sqladmin.googleapis.com/Instance":   update("patch", "", "gcloud", "sql", "instances"),
	}
}

func googleCommand(v *verdict, asset *inventory.Entry) []string {
	g, ok := googleResources()[asset.Type]
	if !ok {
		return nil
	}
	name := asset.Key[strings.LastIndexByte(asset.Key, '/')+1:]
	if name == "" || strings.HasPrefix(name, "-") { // would be read as a flag
		return nil
	}
	verb, labels := g.verbs[0], g.set+"="+v.set.Key+"="+v.set.Value
	if len(v.remove) > 0 {
		verb, labels = g.verbs[1], g.remove+"="+strings.Join(v.remove, ",")
	}
	words := append(append([]string{}, g.command...), verb, g.prefix+name)
	if g.place == "--zone" && asset.Zone != "" {
		words = append(words, "--zone="+asset.Zone)
	}
	if asset.Account != "" {
		words = append(words, "--project="+asset.Account)
	}
	return append(words, labels)
}

// shellLine joins words into a line for a POSIX shell. Keys and values come from strangers: what is not plainly harmless is
// quoted.
func shellLine(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shellQuote(w)
	}
	return strings.Join(quoted, " ")
}

func shellQuote(word string) string {
	harmless := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_@%+=:,./-", r))
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !harmless(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
