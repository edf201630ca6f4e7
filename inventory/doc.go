// Package inventory is the model that every other package speaks: assets in three books, the scopes they are read
// in, the scans that read them, and the store that keeps them.
//
// It imports the standard library only. Two ideas run through all of it:
//
//   - Three books. What is observed, what the company's register records, and what code declares are kept side by side
//     and never merged; package link finds out which entries speak of the same thing.
//   - Three-valued truth. Tags and attributes are known, unknown or not applicable, and a scope is read, partly read
//     or not read. The zero value of every such type is "unknown": forgetting to fill a field can never turn into a
//     claim about reality.
package inventory
