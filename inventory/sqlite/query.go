package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// ErrReadOnly says that a query would do something else than read the store.
var ErrReadOnly = errors.New("only a single statement that reads the store is allowed")

// readablePragmas tell about a store and change nothing. They take at most the name of a table or index.
var readablePragmas = []string{
	"application_id", "collation_list", "compile_options", "database_list", "encoding", "foreign_key_check", "foreign_key_list",
	"freelist_count", "function_list", "index_info", "index_list", "index_xinfo", "integrity_check", "page_count", "page_size",
	"pragma_list", "quick_check", "schema_version", "table_info", "table_list", "table_xinfo", "user_version",
}

// argumentPragmas are those of them whose argument selects what is shown; for the others it would be a new value.
var argumentPragmas = []string{
	"foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check", "quick_check",
	"table_info", "table_list", "table_xinfo",
}

// Query runs one reading statement of a person and visits its rows. columns and row live until visit returns; values are
// int64, float64, string, []byte or nil. Anything that would write, attach a file or run a second statement fails with
// ErrReadOnly.
func (s *Store) Query(ctx context.Context, query string, visit func(columns []string, row []any) error) error {
	sc, err := s.readers.Conn(ctx)
	if err != nil {
		return s.explain("query", err)
	}
	if _, err := driver.Limit(sc, lib.SQLITE_LIMIT_ATTACHED, 0); err != nil {
		return s.explain("query", errors.Join(err, sc.Close()))
	}
	err = lend(sc, func(c *conn) error { return c.guarded(func() error { return c.ask(ctx, query, visit) }) })
	if err = errors.Join(err, sc.Close()); err != nil {
		return fmt.Errorf("query store: %w", err)
	}
	return nil
}

// guarded runs f while SQLite compiles nothing but reads on the connection. What else f tries fails with ErrReadOnly.
func (c *conn) guarded(f func() error) error {
	r, ok := c.raw.(interface {
		RegisterAuthorizer(fn driver.AuthorizerFn) error
	})
	if !ok {
		return fmt.Errorf("use SQL driver connection %T: it lacks needed methods", c.raw)
	}
	denied := false
	guard := func(action driver.AuthorizerActionCode, arg1, arg2, _, _ string) driver.AuthorizerReturnCode {
		if reads(action, arg1, arg2) {
			return driver.AuthorizerOK
		}
		denied = true
		return driver.AuthorizerDeny
	}
	if err := r.RegisterAuthorizer(guard); err != nil {
		return err
	}
	err := f()
	if denied && err != nil {
		err = fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return errors.Join(err, r.RegisterAuthorizer(nil))
}

// reads reports whether an action changes nothing.
func reads(action driver.AuthorizerActionCode, arg1, arg2 string) bool {
	switch action {
	case driver.AuthSelect, driver.AuthRead, driver.AuthRecursive:
		return true
	case driver.AuthFunction:
		return !strings.EqualFold(arg2, "load_extension")
	case driver.AuthPragma:
		name := strings.ToLower(arg1)
		return slices.Contains(readablePragmas, name) && (arg2 == "" || slices.Contains(argumentPragmas, name))
	}
	return false
}

// ask visits the rows of a statement. Unlike the store's own statements it ends at once when ctx does.
func (c *conn) ask(ctx context.Context, query string, visit func(columns []string, row []any) error) error {
	if err := single(query); err != nil {
		return err
	}
	rows, err := c.raw.QueryContext(ctx, query, nil)
	if err != nil {
		return err
	}
	r, columns := newCursor(rows), rows.Columns()
	row := make([]any, len(columns))
	return r.each(ctx, func(r *cursor) (bool, error) {
		for i, v := range r.row {
			row[i] = v
		}
		return true, visit(columns, row)
	})
}

// single refuses text after the first statement, which the driver would run as well.
func single(query string) error {
	rest := statementEnd(query)
	for rest != "" {
		n := blank(rest)
		if n == 0 {
			return fmt.Errorf("run %.60q: %w", rest, ErrReadOnly)
		}
		rest = rest[n:]
	}
	return nil
}

// blank is the length of the white space, comment or semicolon that a text starts with; 0 if it is something else.
func blank(s string) int {
	switch {
	case strings.HasPrefix(s, "--"), strings.HasPrefix(s, "/*"):
		return tokenEnd(s)
	case strings.ContainsAny(s[:1], " \t\r\n\f;"):
		return 1
	}
	return 0
}

// statementEnd returns what follows the first semicolon that is not in a text, a name or a comment.
func statementEnd(s string) string {
	for s != "" {
		n := tokenEnd(s)
		if s[0] == ';' {
			return s[n:]
		}
		s = s[n:]
	}
	return ""
}

// tokenEnd is the length of the quoted text or comment that s starts with; 1 for anything else.
func tokenEnd(s string) int {
	stop := ""
	switch {
	case strings.HasPrefix(s, "--"):
		stop = "\n"
	case strings.HasPrefix(s, "/*"):
		stop = "*/"
	case s[0] == '[':
		stop = "]"
	case s[0] == '\'' || s[0] == '"' || s[0] == '`':
		stop = s[:1]
	default:
		return 1
	}
	start := min(max(len(stop), 1), len(s))
	if i := strings.Index(s[start:], stop); i >= 0 {
		return start + i + len(stop)
	}
	return len(s)
}
