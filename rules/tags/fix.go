package tags

import (
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/retag"
	"github.com/muster-audit/muster/rules/shell"
)

// fix writes what a person can do: a place in the code where there is code, so that the fix is not drift tomorrow, else a
// command of the provider, ready to paste and never run by muster, else words.
func fix(v *verdict, e *rules.Entity, asset *inventory.Entry) string {
	switch {
	case v.advice != "":
		return advice(v, e, asset)
	case len(v.remove) > 0 && v.set.Key != "":
		return rename(v, e, asset)
	}
	if d := retag.Declaration(e, asset); d != nil {
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
	return settings(v)
}

// settings says in words which tags to set.
func settings(v *verdict) string {
	text := fmt.Sprintf("set the tag %q to %q", v.set.Key, v.set.Value)
	for _, t := range v.more {
		text += fmt.Sprintf(" and %q to %q", t.Key, t.Value)
	}
	return text
}

// advice adds to words where to follow them.
func advice(v *verdict, e *rules.Entity, asset *inventory.Entry) string {
	if d := retag.Declaration(e, asset); d != nil {
		return v.advice + " in " + retag.Place(d)
	}
	if asset.Book == inventory.Recorded {
		return v.advice + " in " + retag.Place(asset)
	}
	return v.advice
}

// rename writes a tag under another key: it is set anew before the old one goes.
func rename(v *verdict, e *rules.Entity, asset *inventory.Entry) string {
	add, drop := *v, *v
	add.remove, drop.set = nil, inventory.Tag{}
	if retag.Declaration(e, asset) == nil && asset.Book != inventory.Recorded {
		if set, remove := command(&add, asset), command(&drop, asset); set != "" && remove != "" {
			return set + " && " + remove
		}
	}
	v.advice = fmt.Sprintf("rename the tag %s to %q", quoteAll(v.remove), v.set.Key)
	return advice(v, e, asset)
}

func inCode(v *verdict, declared *inventory.Entry) string {
	place := retag.Place(declared)
	if len(v.remove) > 0 {
		return fmt.Sprintf("remove the tag %s in %s", quoteAll(v.remove), place)
	}
	return settings(v) + " in " + place
}

func inRegister(v *verdict, row *inventory.Entry) string {
	if len(v.remove) > 0 {
		return fmt.Sprintf("empty the column of the tag %s in %s", quoteAll(v.remove), retag.Place(row))
	}
	text := fmt.Sprintf("fill the column of the tag %q with %q", v.set.Key, v.set.Value)
	for _, t := range v.more {
		text += fmt.Sprintf(", of %q with %q", t.Key, t.Value)
	}
	return text + " in " + retag.Place(row)
}

// command is empty if there is none for the asset, or if a name could not be written on a command line safely.
func command(v *verdict, asset *inventory.Entry) string {
	var set []inventory.Tag
	if len(v.remove) == 0 {
		set = append([]inventory.Tag{v.set}, v.more...)
	}
	return shell.Line(retag.Command(asset, set, v.remove)...)
}
