package sqlite

import sqlite3 "modernc.org/sqlite/lib"

// LibraryVersion is the version of the SQLite library that is built in, "3.54.1".
func LibraryVersion() string { return sqlite3.SQLITE_VERSION }
