// Package records holds the rules that compare the company's own register with reality and with code: records/ghost,
// records/unrecorded, records/mismatch, records/duplicate, records/lifecycle, records/stale and records/untrusted; and records/silent,
// about the agents of what is observed.
//
// A register is never complete and often says less than one would like, so that these rules keep silent where they
// cannot be sure:
//
//   - A row is a ghost only if some observed scope would hold the thing, all that would were read whole, and the row holds
//     an identifier by which the thing would have been recognised. What would hold it is asked for the row's own type, and, for
//     rows that a register calls a server or a machine of its own kind, for the type that an instance id, ARN or full resource
//     name among its identifiers tells. A kind of thing that no source observes is no ghost: the rule does not apply.
//   - An observed asset is unrecorded only if a register covers such things: its "covers" says so, or it held rows of this
//     type and account, or it holds a row today that is linked with an asset of this type and account.
//   - A row is compared in attributes, names, addresses and tags that both sides know; of several observed assets one that agrees is
//     enough. Values are compared loosely, as a spreadsheet's: "8" is 8, "16 GB" is 16384 megabytes, a short host name is that of its full
//     one. An account or region is compared only if the register calls it as the provider does. The policy says which book is right.
//   - What only a list of agents holds that has long been silent is not there, and what reports to nobody may still be.
//   - Two rows of one register are duplicates if they are linked as one thing, share an identifier that only one thing can
//     have, or were given one key. A serial number counts only together with the name: it may be that of a chassis.
//
// What could not be read in this scan, on either side, makes a verdict unknown.
package records
