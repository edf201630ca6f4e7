package jsonstream

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestLists(t *testing.T) {
	var b bytes.Buffer
	j := New(&b)
	j.Raw(`{"a":`)
	j.Open()
	j.Item("<x>")
	j.Item(2)
	j.Close()
	j.Raw(`,"b":`)
	j.Open()
	j.Close()
	j.Raw("}")
	if err := j.Err(); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "{\"a\":[\n\"\\u003cx\\u003e\",\n2\n],\"b\":[]}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

type full struct{ writes int }

func (f *full) Write([]byte) (int, error) {
	f.writes++
	return 0, io.ErrShortWrite
}

func TestTheFirstErrorEndsIt(t *testing.T) {
	f := &full{}
	j := New(f)
	j.Open()
	j.Item(1)
	j.Close()
	if !errors.Is(j.Err(), io.ErrShortWrite) || f.writes != 1 {
		t.Errorf("error %v after %d writes", j.Err(), f.writes)
	}
	j = New(io.Discard)
	j.Item(func() {})
	if j.Err() == nil {
		t.Error("no error for a value that JSON has none for")
	}
}
