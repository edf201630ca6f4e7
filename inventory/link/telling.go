package link

import "github.com/muster-audit/muster/inventory"

// Recognisable reports whether an asset holds an identifier by which one of another book could be known to be the same,
// so that its absence there means something: placeholders, host names, addresses and what is unique only together with
// something else do not count. regional says that assets of its type have a region, without which a resource id is none.
func Recognisable(id *inventory.Identity, regional bool) bool {
	found := false
	n := normaliser{yield: func(f form) { found = found || f.rank.tells(!regional || id.Region != "") }}
	n.forms(id)
	return found
}

// tells reports whether an identifier of this rank is enough to recognise an asset. placed says that its region is known, or
// that it has none.
func (r rank) tells(placed bool) bool {
	switch r {
	case byName, byInstanceID, byUUID, bySerial, byAssetTag, byFQDN:
		return true
	case byResourceID:
		return placed
	}
	return false
}

// kind is a type in an account; the account is empty if nobody knows it.
type kind struct {
	typ     inventory.Type
	account string
}

// findBlind returns the kinds of declared assets that exist and hold nothing to recognise them by. The layers of one declaration
// count together: code takes the identifiers from its state. What was recognised all the same is not blind.
func (m *matcher) findBlind() map[kind]bool {
	recognised := make([]bool, len(m.nodes)) // of a root
	for i := range m.nodes {
		if n := &m.nodes[i]; n.is&isTelling != 0 || n.book == observedBit {
			recognised[m.root(int32(i))] = true
		}
	}
	blind := map[kind]bool{}
	for i := range m.nodes {
		if n := &m.nodes[i]; n.is&isClaim != 0 && !recognised[m.root(int32(i))] {
			blind[kind{inventory.Type(m.typeNames[n.typ]), m.places[n.account].name}] = true
		}
	}
	return blind
}

// Blind reports whether a declaration of this type in this account, or in one that nobody knows, holds nothing by which its asset
// could be recognised: then an asset that seems undeclared may be the one.
func (r *Result) Blind(t inventory.Type, account string) bool {
	return r.blind[kind{t, account}] || r.blind[kind{t, ""}]
}
