package activity

import (
	"regexp"
	"strings"
	"unicode"
)

// makingVerbs and the like are the first words of operations, which say what they do.
func makingVerbs() map[string]bool {
	return map[string]bool{
		"create": true, "run": true, "allocate": true, "import": true, "request": true, "copy": true, "restore": true, "register": true,
		"provision": true, "purchase": true, "upload": true, "insert": true,
	}
}

func deletingVerbs() map[string]bool {
	return map[string]bool{"delete": true, "terminate": true, "release": true, "deregister": true, "remove": true}
}

// idleVerbs are those of writes that leave the description of a thing as it was: it is started, used, or talked to.
func idleVerbs() map[string]bool {
	return map[string]bool{
		"start": true, "stop": true, "reboot": true, "reset": true, "send": true, "publish": true, "receive": true, "invoke": true, "assume": true,
		"test": true, "poll": true, "report": true, "suspend": true, "resume": true, "signal": true, "submit": true, "failover": true,
	}
}

// readVerbs are for logs so old that they do not tell reads from writes.
func readVerbs() map[string]bool {
	return map[string]bool{
		"get": true, "list": true, "describe": true, "head": true, "lookup": true, "search": true, "batchget": true, "query": true, "scan": true,
		"select": true, "view": true, "check": true, "validate": true, "preview": true, "simulate": true, "download": true, "console": true,
	}
}

// vocabulary holds the verbs, and what an API's version at the end of an operation looks like. It is made once for a log.
type vocabulary struct {
	makes, deletes, idle, reads map[string]bool
	version                     *regexp.Regexp
}

func newVocabulary() *vocabulary {
	return &vocabulary{
		makes: makingVerbs(), deletes: deletingVerbs(), idle: idleVerbs(), reads: readVerbs(),
		version: regexp.MustCompile(`(20[0-9]{6}(v[0-9]+)?|20[0-9]{2}_[0-9]{2}_[0-9]{2})$`),
	}
}

// split divides an operation's name into its verb and what that acts on, both in lower case: "CreateFunction20150331" is "create" and
// "function".
func (v *vocabulary) split(operation string) (verb, noun string) {
	end := len(operation)
	for i, r := range operation {
		if i > 0 && unicode.IsUpper(r) {
			end = i
			break
		}
	}
	return strings.ToLower(operation[:end]), strings.ToLower(v.version.ReplaceAllString(operation[end:], ""))
}

// act says what an operation of AWS does, and to what.
func (v *vocabulary) act(operation string) (a act, noun string) {
	verb, noun := v.split(operation)
	switch {
	case isTagging(verb, noun):
		return tags, noun
	case v.idle[verb]:
		return other, noun
	case verb == "schedule" && strings.HasSuffix(noun, "deletion"):
		return deletes, strings.TrimSuffix(noun, "deletion")
	case verb == "put":
		return puts, noun
	case v.makes[verb]:
		return makes, noun
	case v.deletes[verb]:
		return deletes, noun
	}
	return changes, noun
}

// isTagging knows CreateTags, TagResource, AddTagsToResource, TagRole, PutBucketTagging and CreateOrUpdateTags.
func isTagging(verb, noun string) bool {
	return verb == "tag" || verb == "untag" || strings.HasPrefix(noun, "tags") || strings.HasSuffix(noun, "tags") || strings.HasSuffix(noun, "tagging")
}
