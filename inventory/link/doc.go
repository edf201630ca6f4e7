// Package link finds out which assets of the three books are the same real thing.
//
// Two assets become one entity if they share an identifier. Identifiers are normalised (see normalise.go) and ranked;
// the ranks are worked through from the strongest to the weakest, and a stronger identifier on which two entities
// disagree vetoes every weaker one on which they agree: a machine that was rebuilt under its old name is another
// machine. A veto looks at whole entities, not at pairs, so no chain of weak agreement can join what a strong
// identifier keeps apart. Below the rank of ARN and full resource name, a value that two assets of one source hold
// says nothing, and links nothing: but see refine.go for what a name beside it can do, and facets.go for the two rows that a register
// has of one virtual machine. Host names and IP addresses never link; Explain shows them as suggestions.
//
// The result depends on the assets alone, neither on the order in which they come nor on their ids: a rank is judged as a whole
// before anything is joined on it (settle.go, untangle.go).
//
// Build keeps no text. An identifier is a 64-bit keyed hash (hash/maphash, a new key each time); the odds that any two
// of n different identifiers collide are n*n/2^65: for five million identifiers less than one in a million. All
// indexes are flat arrays. Time is linear in the number of identifiers: they are spread into buckets by hash rather than
// sorted as a whole, and no entity of more than 64 assets takes part in matching below the first rank.
package link
