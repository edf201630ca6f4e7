package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"

	"github.com/muster-audit/muster/inventory"
)

func failed(service, operation string, err error) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: err}
}

// unidentified is a call for which the chain found no credentials.
func unidentified(err error) error {
	return fmt.Errorf("find out who: %w", failed("STS", "GetCallerIdentity",
		fmt.Errorf("get identity: get credentials: failed to refresh cached credentials, %w", err)))
}

// TestClassify holds that each error says why and what to do.
func TestClassify(t *testing.T) {
	code := func(c string) error { return &smithy.GenericAPIError{Code: c, Message: "said AWS"} }
	for _, c := range []struct {
		name   string
		err    error
		reason inventory.RunReason
		want   string // "…" stands for anything
	}{
		{
			"none found", unidentified(fmt.Errorf("no EC2 IMDS role found, %w", failed("ec2imds", "GetMetadata", context.DeadlineExceeded))),
			inventory.ReasonDenied, "no AWS credentials were found: set AWS_PROFILE, or …",
		},
		{
			"session over", unidentified(errors.New("the SSO session has expired or is invalid")), inventory.ReasonDenied,
			`there are no AWS credentials: the SSO session has expired or is invalid: see what the profile names, and run "aws sso login" if it signs in with SSO`,
		},
		{
			"no profile", fmt.Errorf("load: %w", config.SharedConfigProfileNotExistError{Profile: "nope"}),
			inventory.ReasonDenied, `load: …, nope: "aws configure list-profiles" lists those that there are`,
		},
		{
			"unknown key", failed("STS", "GetCallerIdentity", code("InvalidClientTokenId")),
			inventory.ReasonDenied, "… said AWS: AWS does not know these credentials: …",
		},
		{
			"wrong secret", failed("STS", "GetCallerIdentity", code("SignatureDoesNotMatch")),
			inventory.ReasonDenied, "… said AWS: AWS does not know these credentials: …",
		},
		{
			"ended before", failed("STS", "GetCallerIdentity", code("ExpiredToken")),
			inventory.ReasonExpired, `… said AWS: the credentials have expired: renew them, as with "aws sso login"`,
		},
		{
			"ended meanwhile", failed("EC2", "DescribeInstances", code("ExpiredToken")),
			inventory.ReasonExpired, "… said AWS: the credentials ended during the scan: …",
		},
		{
			"region off", failed("EC2", "DescribeInstances", code("AuthFailure")),
			inventory.ReasonNotEnabled, "… said AWS: the service or region is not enabled for the account, …",
		},
		{
			"role refused", failed("EC2", "DescribeRegions", fmt.Errorf("get identity: get credentials: failed to refresh cached credentials, %w",
				failed("STS", "AssumeRole", code("AccessDenied")))),
			inventory.ReasonDenied, "… said AWS: see whether the role is there, its trust policy …",
		},
		{
			"role slow", unidentified(failed("STS", "AssumeRole", context.DeadlineExceeded)),
			inventory.ReasonTimeout, "…deadline exceeded",
		},
		{
			"refused", failed("EC2", "DescribeInstances", code("UnauthorizedOperation")),
			inventory.ReasonDenied, `… said AWS: give the role the permissions that "muster collectors --iam aws" prints`,
		},
		{
			"closed port", failed("EC2", "DescribeInstances", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}),
			inventory.ReasonError, "…connection refused: nothing answers there: see the network, …",
		},
		{"anything", errors.New("oops"), inventory.ReasonError, "oops"},
	} {
		err := Classify(c.err)
		if got := ReasonOf(err); got != c.reason {
			t.Errorf("%s: reason %s, want %s", c.name, got, c.reason)
		}
		if !alike(err.Error(), c.want) {
			t.Errorf("%s: %q, want %q", c.name, err, c.want)
		}
		if ReasonOf(Plain(c.err)) != c.reason {
			t.Errorf("%s: plain words change the reason", c.name)
		}
	}
}

// alike compares a text with one in which "…" stands for anything.
func alike(text, pattern string) bool {
	first, rest, more := strings.Cut(pattern, "…")
	if !more {
		return text == pattern
	}
	text, ok := strings.CutPrefix(text, first)
	for ok && more {
		var part string
		part, rest, more = strings.Cut(rest, "…")
		if !more {
			return strings.HasSuffix(text, part)
		}
		_, text, ok = strings.Cut(text, part)
	}
	return ok
}
