package session

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"

	"github.com/muster-audit/muster/inventory"
)

// entering says why there is no way in and what to do, where it was not the reading of something that failed: no remedy if it was. The
// reason is the one that the error's code has by itself.
func entering(err error, reason inventory.RunReason) (inventory.RunReason, string) {
	var profile config.SharedConfigProfileNotExistError
	switch who := Sends(err, "GetCallerIdentity"); {
	case errors.As(err, &profile):
		return inventory.ReasonDenied, `"aws configure list-profiles" lists those that there are`
	case strings.Contains(said(err), noRole):
		return inventory.ReasonDenied, `set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "aws sso login", or give the machine a role`
	case reason == inventory.ReasonDenied && Sends(err, "AssumeRole"):
		return reason, "see whether the role is there, its trust policy names who is to assume it and the external id, and they may call sts:AssumeRole on it"
	case who && (reason == inventory.ReasonNotEnabled || IsCode(err, "SignatureDoesNotMatch")):
		return inventory.ReasonDenied, "AWS does not know these credentials: see whether the access key, its secret and the session token belong together and are still valid"
	case who && reason == inventory.ReasonExpired:
		return reason, `the credentials have expired: renew them, as with "aws sso login"`
	case reason == inventory.ReasonNone && unsigned(err) != "":
		return inventory.ReasonDenied, `see what the profile names, and run "aws sso login" if it signs in with SSO`
	}
	return reason, ""
}

// noRole is what the chain says when it has come to its end without credentials.
const noRole = "no EC2 IMDS role found"

// unsigned says in plain words that a call was not sent for want of credentials; "" if it was, or if getting them took a call that
// failed. The chain's own errors have no type: they are known by their text.
func unsigned(err error) string {
	var op *smithy.OperationError
	text := said(err)
	_, cause, ok := strings.Cut(text, "get credentials: ")
	switch {
	case strings.Contains(text, noRole):
		return "no AWS credentials were found"
	case !ok || !errors.As(err, &op) || errors.As(op.Err, &op):
		return ""
	}
	return "there are no AWS credentials: " + strings.TrimPrefix(cause, "failed to refresh cached credentials, ")
}

// said is what an error said before it was put in plain words.
func said(err error) string {
	var p *plain
	if errors.As(err, &p) {
		return p.err.Error()
	}
	return err.Error()
}

// Sends reports whether it was this operation that failed ("AssumeRole"), be it that another one needed its answer first. It goes by the
// SDK's types: that a text holds the word says nothing, since names of roles and resources do as well.
func Sends(err error, operation string) bool {
	for {
		var op *smithy.OperationError
		if !errors.As(err, &op) {
			return false
		}
		if op.OperationName == operation {
			return true
		}
		err = op.Err
	}
}
