package sqlite

import (
	"context"
	"strconv"
)

// LimitPages makes the store behave as if the disk were full beyond a number of pages.
func (s *Store) LimitPages(ctx context.Context, pages int) error {
	return within(ctx, s.writer, func(c *conn) error {
		_, err := c.exec(ctx, "PRAGMA max_page_count = "+strconv.Itoa(pages))
		return err
	})
}
