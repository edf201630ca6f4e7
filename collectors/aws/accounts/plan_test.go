package accounts

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/smithy-go"
)

func TestRoleRefused(t *testing.T) {
	failed := func(operation string, err error) error {
		return fmt.Errorf("list the regions of the account: %w", &smithy.OperationError{ServiceID: "any", OperationName: operation, Err: err})
	}
	denied := &smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized to perform: sts:AssumeRole"}
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"the call", failed("DescribeRegions", denied), false},
		{"the role", failed("DescribeRegions", fmt.Errorf("get credentials: %w", failed("AssumeRole", denied))), true},
		{"the role that a token gives", failed("DescribeRegions", failed("AssumeRoleWithWebIdentity", denied)), true},
		{"no call", errors.New("AssumeRole"), false},
	} {
		if got := roleRefused(c.err); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
