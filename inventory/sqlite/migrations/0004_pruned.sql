-- A scan whose contents were given up stays as a row, for the times that other rows have of it.
ALTER TABLE scan ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;
