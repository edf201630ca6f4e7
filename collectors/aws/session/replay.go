package session

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/muster-audit/muster/collectors/tape"
)

// transport is the round tripper of an account's calls; the account is empty for those that find out who calls.
func (s *Session) transport(account string) http.RoundTripper {
	switch {
	case s.options.Record != nil:
		return s.options.Record.Transport(s.space(account), s.network)
	case s.options.Play != nil:
		return s.options.Play.Transport(s.space(account))
	}
	return s.network
}

// space files a call by account, region and service. What signs in is not kept: it would be a secret.
func (s *Session) space(account string) tape.Space {
	return func(r *http.Request) tape.Call {
		op := operationOf(r.Context())
		folder := "caller/" + op.service // without a region: that of the environment may be another
		if account != "" {
			folder = account + "/" + awsmiddleware.GetRegion(r.Context()) + "/" + op.service
		}
		return tape.Call{Folder: folder, Name: op.name, Skip: signIn(op) || !s.allowed[op]}
	}
}

// replayed is the configuration of a replay. Nothing of the machine it runs on goes into it.
func (s *Session) replayed() (aws.Config, error) {
	region, err := s.noted("region")
	if err != nil {
		return aws.Config{}, fmt.Errorf("read recording: %w", err)
	}
	return aws.Config{
		Region: region, Logger: s.log(), HTTPClient: &http.Client{Transport: s.transport("")}, APIOptions: s.middlewares(""), Retryer: s.retryer,
		Credentials: credentials.NewStaticCredentialsProvider("REPLAY", "REPLAY", ""), // they sign what is never sent
	}, nil
}

// note keeps what no answer tells, if the session is recorded.
func (s *Session) note(name, text string) {
	if s.options.Record != nil {
		s.options.Record.Note(fact(name), text)
	}
}

// noted returns what was noted; only a replay has that.
func (s *Session) noted(name string) (string, error) {
	if s.options.Play == nil {
		return "", tape.ErrNotRecorded
	}
	return s.options.Play.Note(fact(name))
}

func fact(name string) tape.Call { return tape.Call{Folder: "session", Name: name} }

// Remember runs a question whose answer goes not over the API, and keeps it in a recording; a replay gets it from there.
func (s *Session) Remember(name string, ask func() string) string {
	if s.options.Play != nil {
		text, err := s.noted(name)
		if errors.Is(err, tape.ErrNotRecorded) {
			return ""
		}
		return text
	}
	text := ask()
	s.note(name, text)
	return text
}
