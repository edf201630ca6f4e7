package session

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"
	"cloud.google.com/go/compute/metadata"

	"github.com/muster-audit/muster/collectors/tape"
)

// Scopes are those that tokens are asked for: the one that may read everything, and those of single services that name it not, and have
// one of their own. Only old ones are among them: one that Google does not know fails the whole request. Tokens of a user have the scopes that the user agreed to when signing in: with them it is the guard alone that holds calls to
// reading.
func Scopes() []string {
	list := []string{
		"cloud-platform.read-only", "compute.readonly", "devstorage.read_only", "logging.read", "monitoring.read", "ndev.clouddns.readonly",
	}
	for i, name := range list {
		list[i] = "https://www.googleapis.com/auth/" + name
	}
	return list
}

// identity is whose credentials calls bring along; none if it has no provider.
type identity struct {
	provider     *auth.Credentials
	quotaProject string
}

// identity reads the application default credentials. The first caller reads them for all. That they could not be read is not kept.
func (s *Session) identity(ctx context.Context) (*identity, error) {
	s.signing.Lock()
	defer s.signing.Unlock()
	if s.signed != nil {
		return s.signed, nil
	}
	who := &identity{quotaProject: s.options.QuotaProject}
	if s.options.Play == nil && s.options.Endpoint == "" {
		if err := ctx.Err(); err != nil { // the library looks at no context
			return nil, fmt.Errorf("read Google credentials: %w", err)
		}
		var err error
		if who.provider, err = detect(); err != nil {
			return nil, &credentialsError{err: err}
		}
		if who.quotaProject == "" {
			who.quotaProject, _ = who.provider.QuotaProjectID(ctx) // of the environment or the file: it cannot fail
		}
	}
	s.signed = who
	return who, nil
}

// detect finds the application default credentials. The library logs nothing: by its environment it would log tokens.
func detect() (*auth.Credentials, error) {
	return credentials.DetectDefault(&credentials.DetectOptions{Scopes: Scopes(), Logger: slog.New(slog.DiscardHandler)})
}

// token returns what stands in the header Authorization; empty if there are no credentials. The library asks for a new token before the
// old one ends.
func (i *identity) token(ctx context.Context) (string, error) {
	if i.provider == nil {
		return "", nil
	}
	universe, err := i.provider.UniverseDomain(ctx)
	if err == nil && universe != "googleapis.com" {
		err = fmt.Errorf("they are of the cloud %q, and muster reads that of googleapis.com", universe)
	}
	if err != nil {
		return "", &credentialsError{err: err}
	}
	t, err := i.provider.Token(ctx)
	if err != nil {
		return "", &credentialsError{err: err}
	}
	kind := t.Type
	if kind == "" {
		kind = "Bearer"
	}
	return kind + " " + t.Value, nil
}

// Caller is whose credentials these are: the e-mail address of a service account, or what kind they are, as "user credentials"; nothing
// secret. It is "no credentials" with an endpoint, and empty if there are none. A replay says what the recording did.
func (s *Session) Caller(ctx context.Context) string {
	if s.options.Play != nil {
		text, _ := s.options.Play.Note(callerNote()) // empty if it was never asked for
		return text
	}
	who, err := s.identity(ctx)
	if err != nil {
		return ""
	}
	s.signing.Lock()
	defer s.signing.Unlock()
	if s.whose == nil {
		text := who.name(ctx)
		s.whose = &text
		if s.options.Record != nil {
			s.options.Record.Note(callerNote(), text)
		}
	}
	return *s.whose
}

func callerNote() tape.Call { return tape.Call{Folder: "session", Name: "caller"} }

// impersonated finds the service account in the address at which its tokens are asked for.
var impersonated = regexp.MustCompile(`/serviceAccounts/([^/:]+):generateAccessToken$`)

func (i *identity) name(ctx context.Context) string {
	if i.provider == nil {
		return "no credentials"
	}
	if i.provider.JSON() == nil {
		email, err := metadata.EmailWithContext(ctx, "default")
		if err != nil {
			return "service account of this machine"
		}
		return email
	}
	var file struct {
		Type          string `json:"type"`
		Email         string `json:"client_email"`
		Impersonation string `json:"service_account_impersonation_url"`
	}
	_ = json.Unmarshal(i.provider.JSON(), &file) // it was read once already
	if m := impersonated.FindStringSubmatch(file.Impersonation); m != nil {
		return m[1]
	}
	switch {
	case file.Email != "":
		return file.Email
	case file.Type == string(credentials.AuthorizedUser), file.Type == string(credentials.ExternalAccountAuthorizedUser):
		return "user credentials"
	case file.Type == string(credentials.ExternalAccount):
		return "federated identity"
	}
	return "credentials of type " + file.Type
}
