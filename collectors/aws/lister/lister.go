// Package lister is the contract between the AWS collector and the packages under listers: what a lister of one asset type
// declares, what it is given, and what it hands over.
//
// A lister knows the calls of one service and nothing else. Who calls it, with which credentials and limits, how its
// assets get their tags where the list call does not return them, and what becomes of errors is the collector's business.
package lister

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/muster-audit/muster/inventory"
)

// Lister reads the assets of one type in one account and region.
type Lister struct {
	Type inventory.Type
	// Also are further types that the same calls yield: the instances of other engines among those of a database service.
	// Whoever wants none of these types does not call the lister.
	Also []inventory.Type
	// Place says where the calls are made; the zero value is in every region.
	Place Place
	// Organization says that only the account which manages an organisation has assets of the type. In any other account List hands
	// over none, and need not be called.
	Organization bool
	// ARNs are patterns of "service:resource", the third and the last part of an ARN, that the lister's assets bear:
	// "sqs:*", "ec2:instance/*". What they match, the sweep leaves to the lister, but not what one with a "!" before it matches: "!s3:*/*".
	ARNs []string
	// Newest says that what is not listed may be there: of several versions only the newest is, or the service shows no more than
	// what the caller may see, and does not tell that there is more.
	Newest bool
	// Operations are all that List, ReadTags and BatchTags may call. Anything else is refused before it is sent, and the
	// permissions that muster asks for are those of the operations.
	Operations []Operation
	// List hands over every asset of the type that the account owns, in the order of the service. It stops at the first
	// error of out.Asset and returns it. An error of its own leaves what was handed over.
	List func(ctx context.Context, t *Target, out Out) error

	// The tags of an asset come with it, if both of the following are nil: List sets them, or leaves them unknown where it
	// may not read them. Else List leaves them alone, and they are read by the tagging API or by one of these calls.

	// ReadTags reads the tags of one asset, by its own call. No error and no tags means that it has none.
	ReadTags func(ctx context.Context, t *Target, a *inventory.Asset) (inventory.Tags, error)
	// BatchTags reads the tags of at most Batch assets with one call: by key. An asset that is not in the answer has
	// unknown tags.
	BatchTags func(ctx context.Context, t *Target, assets []*inventory.Asset) (map[string]inventory.Tags, error)
	Batch     int
}

// Types lists all types that the lister yields, its own first.
func (l *Lister) Types() []inventory.Type { return append([]inventory.Type{l.Type}, l.Also...) }

// Claims reports whether an ARN with these parts is one of the lister's: Claims("ec2", "instance/i-0abc").
func (l *Lister) Claims(service, resource string) bool {
	claims := false
	for _, p := range l.ARNs {
		if but, ok := strings.CutPrefix(p, "!"); ok && inventory.MatchGlob(but, service+":"+resource) {
			return false
		}
		claims = claims || inventory.MatchGlob(p, service+":"+resource)
	}
	return claims
}

// Place says where a lister's calls are made.
type Place uint8

// The places.
const (
	Regional   Place = iota // in every region
	Global                  // once an account, at the partition's home region; its assets have no region unless List gives them one
	GlobalWest              // once an account, at us-west-2: Global Accelerator
)

// Operation is one API call.
type Operation struct {
	Service string // as the SDK's package calls itself: ec2.ServiceID
	Name    string // "DescribeInstances"
	Action  string // the permission that it takes: "ec2:DescribeInstances"
}

// API makes operations of a service, whose permissions begin with prefix: API(ec2.ServiceID, "ec2").
func API(service, prefix string) Service { return Service{service, prefix} }

// Service is a service with the prefix of its permissions.
type Service struct{ id, prefix string }

// Ops returns operations whose permissions have their names, which holds for most.
func (s Service) Ops(names ...string) []Operation {
	list := make([]Operation, len(names))
	for i, n := range names {
		list[i] = Operation{Service: s.id, Name: n, Action: s.prefix + ":" + n}
	}
	return list
}

// As returns an operation whose permission has another name: As("ListBuckets", "s3:ListAllMyBuckets").
func (s Service) As(name, action string) Operation {
	return Operation{Service: s.id, Name: name, Action: action}
}

// Target is the account and region that a lister reads.
type Target struct {
	// Config has the credentials and the region set; a client is made of it for every call of List and thrown away.
	Config    aws.Config
	Partition string // "aws", "aws-cn", "aws-us-gov"
	Account   string
	Region    string // empty for a global lister
	// Regions are those that the source is limited to; nil is no limit. A global lister of regional things, as of buckets,
	// leaves the others out.
	Regions []string
	// Secret hashes what must not be stored but whose change shall be seen.
	Secret  inventory.SecretHash
	Now     func() time.Time
	Log     *slog.Logger
	Options Options
}

// Options are those of the source that listers heed.
type Options struct {
	// AuthorizationDetails allows the one call that returns all of IAM, tags included.
	AuthorizationDetails bool
}

// Out takes what a lister reads.
type Out interface {
	// Asset hands over an asset. It must have a key; its type, account, region, book, call and the identifier of its ARN
	// are filled in where they are empty. Assets of other accounts are left out: whose one is, says its Account, else its ARN.
	Asset(a inventory.Asset) error
	// Unread tells that something could not be read, and that what else there is goes on. The scope is then read in part only. With the key
	// of an asset that was just handed over, or will be, it is something about that asset; with any other key or none, assets may be missing in
	// the listing. It returns an error if the lister shall stop: when the time is over, the credentials have ended or the service throttles.
	Unread(key string, err error) error
}

// InRegion reports whether a region is among those that the source is limited to.
func (t *Target) InRegion(region string) bool {
	if len(t.Regions) == 0 {
		return true
	}
	for _, r := range t.Regions {
		if r == region {
			return true
		}
	}
	return false
}

// ARN returns the name of a resource of the target's account and region: ARN("ec2", "instance/i-0abc").
func (t *Target) ARN(service, resource string) string {
	return t.ARNOf(service, t.Region, t.Account, resource)
}

// ARNOf is ARN for another region or account, either of which may be empty.
func (t *Target) ARNOf(service, region, account, resource string) string {
	return "arn:" + t.Partition + ":" + service + ":" + region + ":" + account + ":" + resource
}
