package config

import (
	"time"

	"github.com/muster-audit/muster/collectors/files"
)

// Activity says where logs lie that tell who is behind a drift.
type Activity struct {
	Paths  []string      `yaml:"paths" jsonschema_description:"Files and globs, also packed with gzip."`
	MaxAge time.Duration `yaml:"max_age" jsonschema_description:"How old the last event of the logs may be before the report says that they are old (default: any age)."`
}

// activity checks the logs' paths, which stay relative to the config's folder.
func (l *loader) activity(a Activity) {
	for _, p := range files.Check("paths", a.Paths) {
		l.fail("activity."+p.Option, "%s", p.Message)
	}
	if a.MaxAge > 0 && len(a.Paths) == 0 {
		l.fail("activity", "needs paths: the files of the logs")
	}
	l.config.Activity = a
}
