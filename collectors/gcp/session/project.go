package session

import (
	"context"
	"os"
	"strings"

	"github.com/muster-audit/muster/collectors/tape"
)

// Project is the project that the environment or the credentials name, by its id; empty if they name none. A replay says what the
// recording did.
func (s *Session) Project(ctx context.Context) string {
	call := tape.Call{Folder: "session", Name: "project"}
	if s.options.Play != nil {
		text, _ := s.options.Play.Note(call) // empty if it was never asked for
		return text
	}
	id := os.Getenv("GOOGLE_CLOUD_PROJECT")
	if who, err := s.identity(ctx); id == "" && err == nil && who.provider != nil {
		id, _ = who.provider.ProjectID(ctx) // where the machine cannot tell, there is none
	}
	if s.options.Record != nil {
		s.options.Record.Note(call, id)
	}
	return id
}

// Consumer is the project, by its number or its id, that a call was charged to which was refused; empty if the answer does not tell. That
// an API is not enabled is said of this project, which may be another than the one that was asked about.
func Consumer(err error) string {
	a, ok := answerIn(err)
	if !ok {
		return ""
	}
	project := strings.TrimPrefix(a.metadata["consumer"], "projects/")
	if m := unused.FindStringSubmatch(a.message); project == "" && m != nil {
		project = m[1]
	}
	return project
}
