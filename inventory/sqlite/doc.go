// Package sqlite keeps an inventory in one SQLite file. It is the only importer of the SQL driver.
//
// The layout serves three wishes. A first scan of a million assets must not take longer than a few plain imports of the
// same rows, so what repeats (types, accounts, tag sets, attribute documents) is interned, the rest of an asset is one
// row, and the big indexes are built after the load. A scan of an unchanged estate must write next to nothing, so a
// row tells in which scans it was true and everything that moves on its own, such as "last seen", is derived. And
// history is kept: the latest content of an asset stands in its own row, earlier ones in asset_past.
//
// What an attempt at a scope writes cannot be seen before its last transaction: new assets have ids above the scope's
// last_asset_id, which the last transaction moves, and changes wait in asset_staged, which it applies.
//
// One connection writes, driven by one goroutine; readers have a pool of their own and each iterator a snapshot.
package sqlite
