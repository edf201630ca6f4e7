package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/muster-audit/muster/collectors/remote"
)

// wholeBodies reads the body of each answer while the attempt lasts: within its time limit, and so that a body which is cut is asked for
// again like a call that failed.
func wholeBodies(stack *middleware.Stack) error {
	return stack.Deserialize.Add(whole{}, middleware.Before)
}

type whole struct{}

func (whole) ID() string { return "musterWholeBody" }

// errLong says that a server does not keep to ranges.
var errLong = errors.New("the server answers with more than it was asked for: it does not know ranges of objects")

func (whole) HandleDeserialize(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, meta, err := next.HandleDeserialize(ctx, in)
	object, ok := out.Result.(*s3.GetObjectOutput)
	if err != nil || !ok || object.Body == nil {
		return out, meta, err
	}
	text, err := readWhole(object)
	switch {
	case err != nil && ctx.Err() != nil:
		return out, meta, ctx.Err()
	case err != nil: // of this type, the SDK tries again
		return out, meta, &smithyhttp.RequestSendError{Err: fmt.Errorf("read the body: %w", err)}
	case len(text) > remote.RangeStep:
		return out, meta, errLong
	case object.ContentLength != nil && *object.ContentLength != int64(len(text)):
		return out, meta, &smithyhttp.RequestSendError{Err: fmt.Errorf("read the body: %w", io.ErrUnexpectedEOF)}
	}
	object.Body = inMemory{Reader: bytes.NewReader(text), text: text}
	return out, meta, nil
}

// readWhole reads a body into as much memory as it takes, and one byte more than a range at most.
func readWhole(object *s3.GetObjectOutput) ([]byte, error) {
	defer func() { _ = object.Body.Close() }() // it was read
	var b bytes.Buffer
	if n := object.ContentLength; n != nil && *n > 0 && *n <= remote.RangeStep {
		b.Grow(int(*n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(object.Body, remote.RangeStep+1))
	return b.Bytes(), err
}

// inMemory is a body that was read.
type inMemory struct {
	*bytes.Reader
	text []byte
}

// Close does nothing.
func (inMemory) Close() error { return nil }
