-- A run that listed every asset of its scope, but could not read all about them, proves what is not there.
ALTER TABLE scope_run ADD COLUMN listed INTEGER NOT NULL DEFAULT 0;
