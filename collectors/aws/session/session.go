// Package session opens the doors of AWS for the collector: credentials and roles per account, the regions of an account, and
// clients' configurations that can only read, count their calls, keep to the published rate limits, and can be recorded.
package session

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/tape"
	"github.com/muster-audit/muster/inventory"
)

// Options say how a Session reaches AWS.
type Options struct {
	Profile string // of the shared config files; empty is the default chain
	// Region is where calls go that belong to no region, if the chain names none.
	Region string
	// Allowed are the operations that may be sent; all others are refused.
	Allowed []lister.Operation
	// Attempts bounds the attempts at one call, the first one counted; 0 means DefaultAttempts.
	Attempts int
	// CallTimeout bounds one attempt at one call; 0 means DefaultCallTimeout.
	CallTimeout time.Duration
	// Record keeps every answer, Play answers in the place of AWS: no credentials are looked for then, no role is assumed, and the
	// network is not asked. At most one of them is set.
	Record *tape.Recorder
	Play   *tape.Player
	// NoBackoff tries again at once and waits for no turn; for tests.
	NoBackoff bool
	Now       func() time.Time
	Log       *slog.Logger
}

// Defaults.
const (
	DefaultAttempts    = 5
	DefaultCallTimeout = 60 * time.Second
)

// Role is how an account is entered.
type Role struct {
	ARN, ExternalID string
}

// Session makes configurations for accounts and regions. It is safe for concurrent use.
type Session struct {
	options Options
	network http.RoundTripper // set by load
	limits  *limits
	allowed map[operation]bool

	loading sync.Mutex
	loaded  *aws.Config // the default chain, once it could be read

	mu  sync.Mutex
	own map[string]aws.Config // by account and role
}

type operation struct{ service, name string }

// New returns a session. It calls nobody.
func New(o Options) *Session {
	if o.Attempts <= 0 {
		o.Attempts = DefaultAttempts
	}
	if o.CallTimeout <= 0 {
		o.CallTimeout = DefaultCallTimeout
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Session{options: o, limits: newLimits(), allowed: map[operation]bool{}, own: map[string]aws.Config{}}
	for _, op := range append(Operations(), o.Allowed...) {
		s.allowed[operation{op.Service, op.Name}] = true
	}
	return s
}

// Operations are those that a session itself needs, to know who it is and which regions there are.
func Operations() []lister.Operation {
	list := lister.API(sts.ServiceID, "sts").Ops("GetCallerIdentity", "AssumeRole")
	return append(list, regionOperations()...)
}

// signIn are the operations by which the credential chain turns what it finds into credentials. They take no permission that a
// policy could give.
func signIn(op operation) bool {
	switch op.service {
	case sts.ServiceID:
		return op.name == "AssumeRole" || op.name == "AssumeRoleWithWebIdentity"
	case "SSO":
		return op.name == "GetRoleCredentials"
	case "SSO OIDC":
		return op.name == "CreateToken" || op.name == "CreateTokenWithIAM"
	case "Signin":
		return op.name == "CreateOAuth2Token"
	}
	return false
}

// base returns the configuration of the default chain. The first caller loads it for all. That it could not be loaded is not kept, since
// it may have been that caller alone who was cancelled or out of time.
func (s *Session) base(ctx context.Context) (aws.Config, error) {
	s.loading.Lock()
	defer s.loading.Unlock()
	if s.loaded != nil {
		return *s.loaded, nil
	}
	cfg, err := s.load(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	s.loaded = &cfg
	return cfg, nil
}

// load reads the default chain, the shared config files among it.
func (s *Session) load(ctx context.Context) (aws.Config, error) {
	if err := ctx.Err(); err != nil { // the SDK looks at it only where it asks somebody
		return aws.Config{}, fmt.Errorf("load AWS credentials: %w", err)
	}
	if s.options.Play != nil {
		return s.replayed()
	}
	list := []func(*config.LoadOptions) error{
		config.WithHTTPClient(network()),
		config.WithLogger(s.log()),
		config.WithAPIOptions(s.middlewares("")),
		config.WithRetryer(s.retryer),
		config.WithDefaultsMode(aws.DefaultsModeStandard),
	}
	if s.options.Profile != "" {
		list = append(list, config.WithSharedConfigProfile(s.options.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, list...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("load AWS credentials: %w", err)
	}
	if cfg.Region == "" {
		cfg.Region = s.options.Region
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	s.note("region", cfg.Region)
	if client, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok { // with the certificates that the environment names
		s.network = steady{client.GetTransport()}
	}
	cfg.HTTPClient = &http.Client{Transport: s.transport("")}
	return cfg, nil
}

// log takes the SDK's warnings, which would else go to standard error.
func (s *Session) log() logging.Logger {
	return logging.LoggerFunc(func(kind logging.Classification, format string, v ...any) {
		s.options.Log.Debug("AWS SDK says", "kind", string(kind), "text", fmt.Sprintf(format, v...))
	})
}

// retryer is made for each client. It does not adapt its rate: the token bucket does, which all clients of a service share.
func (s *Session) retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = s.options.Attempts
		if s.options.Play != nil || s.options.NoBackoff {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			o.RateLimiter = unlimited{}
		}
	})
}

// unlimited is a retry quota without end.
type unlimited struct{}

func (unlimited) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}
func (unlimited) AddTokens(uint) error { return nil }

// Caller is who the credentials of the default chain belong to.
type Caller struct {
	Account, ARN, Partition string
}

// Caller asks for the identity of the default chain.
func (s *Session) Caller(ctx context.Context) (Caller, error) {
	cfg, err := s.base(ctx)
	if err != nil {
		return Caller{}, err
	}
	return identify(ctx, cfg)
}

func identify(ctx context.Context, cfg aws.Config) (Caller, error) {
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		if ReasonOf(err) == inventory.ReasonNotEnabled {
			err = fmt.Errorf("%w: if they are of China, GovCloud or another partition, set AWS_REGION to a region of it", err)
		}
		return Caller{}, fmt.Errorf("find out whose AWS credentials these are: %w", err)
	}
	c := Caller{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn)}
	c.Partition = partitionOf(c.ARN)
	return c, nil
}

// Config returns the configuration for an account and region, entered by a role if it has an ARN. It calls nobody: a role is
// assumed when a first call needs it. ctx bounds the loading of the default chain, if nobody has done that before.
func (s *Session) Config(ctx context.Context, account string, role Role, region string) (aws.Config, error) {
	cfg, err := s.base(ctx)
	if err != nil {
		return cfg, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := account + " " + role.ARN
	own, ok := s.own[key]
	if !ok {
		own = s.enter(cfg, account, role)
		s.own[key] = own
	}
	if region != "" {
		own = own.Copy()
		own.Region = region
	}
	return own, nil
}

// enter makes the configuration of an account.
func (s *Session) enter(base aws.Config, account string, role Role) aws.Config {
	cfg := base.Copy()
	cfg.HTTPClient = &http.Client{Transport: s.transport(account)}
	cfg.APIOptions = []func(*middleware.Stack) error{}
	cfg.APIOptions = append(cfg.APIOptions, s.middlewares(account)...)
	if role.ARN != "" && s.options.Play == nil {
		provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(base), role.ARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "muster"
			if role.ExternalID != "" {
				o.ExternalID = aws.String(role.ExternalID)
			}
		})
		cfg.Credentials = aws.NewCredentialsCache(provider, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = 5 * time.Minute })
	}
	return cfg
}

// network is the transport of all clients: they share its connections. A server that takes a connection and never answers is
// given up by the time limit of the call.
func network() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 32
		t.TLSHandshakeTimeout = 10 * time.Second
	})
}
