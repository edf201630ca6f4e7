package config

import (
	"crypto/md5"  //nolint:gosec // Terraform's md5(), not for security
	"crypto/sha1" //nolint:gosec // Terraform's sha1() and uuidv5(), not for security
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// stringFunction makes a function of strings that returns a string.
func stringFunction(n int, f func(args []string) (string, error)) function.Function {
	return scalarFunction(n, cty.String, func(args []string) (cty.Value, error) {
		s, err := f(args)
		return cty.StringVal(s), err
	})
}

func boolFunction(f func(a, b string) bool) function.Function {
	return scalarFunction(2, cty.Bool, func(args []string) (cty.Value, error) { return cty.BoolVal(f(args[0], args[1])), nil })
}

// scalarFunction makes a function of n strings.
func scalarFunction(n int, result cty.Type, f func(args []string) (cty.Value, error)) function.Function {
	params := make([]function.Parameter, n)
	for i := range params {
		params[i] = function.Parameter{Name: fmt.Sprintf("string%d", i+1), Type: cty.String}
	}
	return function.New(&function.Spec{
		Params: params,
		Type:   function.StaticReturnType(result),
		Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
			plain := make([]string, n)
			for i, a := range args {
				plain[i] = a.AsString()
			}
			v, err := f(plain)
			if err != nil {
				return cty.UnknownVal(t), err
			}
			return v, nil
		},
	})
}

func textFunctions() map[string]function.Function {
	return map[string]function.Function{
		"startswith":  boolFunction(strings.HasPrefix),
		"endswith":    boolFunction(strings.HasSuffix),
		"strcontains": boolFunction(strings.Contains),
		"basename":    stringFunction(1, func(a []string) (string, error) { return path.Base(a[0]), nil }),
		"dirname":     stringFunction(1, func(a []string) (string, error) { return path.Dir(a[0]), nil }),
		"urlencode":   stringFunction(1, func(a []string) (string, error) { return url.QueryEscape(a[0]), nil }),
		"urldecode":   stringFunction(1, func(a []string) (string, error) { return url.QueryUnescape(a[0]) }),
		"base64encode": stringFunction(1, func(a []string) (string, error) {
			return base64.StdEncoding.EncodeToString([]byte(a[0])), nil
		}),
		"base64decode":     stringFunction(1, func(a []string) (string, error) { return base64Text(a[0]) }),
		"textencodebase64": stringFunction(2, func(a []string) (string, error) { return encodeText(a[0], a[1]) }),
		"textdecodebase64": stringFunction(2, func(a []string) (string, error) { return decodeText(a[0], a[1]) }),
		"timecmp":          scalarFunction(2, cty.Number, func(a []string) (cty.Value, error) { return compareTimes(a[0], a[1]) }),
	}
}

func base64Text(s string) (string, error) {
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil || !utf8.Valid(data) {
		return "", errors.New("not base64 of a text")
	}
	return string(data), nil
}

// order returns the byte order of a UTF-16 encoding, nil for UTF-8.
func order(encoding string) (binary.ByteOrder, error) {
	switch strings.ToUpper(encoding) {
	case "UTF-8":
		return nil, nil
	case "UTF-16LE":
		return binary.LittleEndian, nil
	case "UTF-16BE":
		return binary.BigEndian, nil
	}
	return nil, errors.New("only the encodings UTF-8, UTF-16LE and UTF-16BE are known")
}

func encodeText(s, encoding string) (string, error) {
	bytes, err := order(encoding)
	if err != nil {
		return "", err
	}
	data := []byte(s)
	if bytes != nil {
		data = data[:0:0]
		for _, unit := range utf16.Encode([]rune(s)) {
			data = append(data, 0, 0)
			bytes.PutUint16(data[len(data)-2:], unit)
		}
	}
	return base64.StdEncoding.EncodeToString(data), nil
}

func decodeText(s, encoding string) (string, error) {
	bytes, err := order(encoding)
	if err != nil {
		return "", err
	}
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil || bytes != nil && len(data)%2 != 0 {
		return "", errors.New("not base64 of a text")
	}
	if bytes == nil {
		return base64Text(s)
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = bytes.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units)), nil
}

func compareTimes(a, b string) (cty.Value, error) {
	x, errX := time.Parse(time.RFC3339, a)
	y, errY := time.Parse(time.RFC3339, b)
	if err := errors.Join(errX, errY); err != nil {
		return cty.NilVal, errors.New("not a time in RFC 3339 notation")
	}
	return cty.NumberIntVal(int64(x.Compare(y))), nil
}

// replaceFunction replaces a text, or what a pattern between slashes matches.
func replaceFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "string", Type: cty.String}, {Name: "search", Type: cty.String}, {Name: "replacement", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			search := args[1].AsString()
			if len(search) > 1 && strings.HasPrefix(search, "/") && strings.HasSuffix(search, "/") {
				return stdlib.RegexReplace(args[0], cty.StringVal(search[1:len(search)-1]), args[2])
			}
			return cty.StringVal(strings.ReplaceAll(args[0].AsString(), search, args[2].AsString())), nil
		},
	})
}

// hashes are the hash functions by their names, with the bytes they make.
func hashes() map[string]func([]byte) []byte {
	return map[string]func([]byte) []byte{
		"md5":    func(b []byte) []byte { h := md5.Sum(b); return h[:] },  //nolint:gosec // see above
		"sha1":   func(b []byte) []byte { h := sha1.Sum(b); return h[:] }, //nolint:gosec // see above
		"sha256": func(b []byte) []byte { h := sha256.Sum256(b); return h[:] },
		"sha512": func(b []byte) []byte { h := sha512.Sum512(b); return h[:] },
	}
}

func hashFunctions() map[string]function.Function {
	table := map[string]function.Function{
		"uuidv5": stringFunction(2, func(a []string) (string, error) { return uuid5(a[0], a[1]) }),
	}
	for name, hash := range hashes() {
		table[name] = stringFunction(1, func(a []string) (string, error) { return hex.EncodeToString(hash([]byte(a[0]))), nil })
		if name == "sha256" || name == "sha512" {
			table["base64"+name] = stringFunction(1, func(a []string) (string, error) {
				return base64.StdEncoding.EncodeToString(hash([]byte(a[0]))), nil
			})
		}
	}
	return table
}

// uuid5 makes a UUID of version 5, RFC 9562 section 5.5. The named namespaces are those of its section 6.6.
func uuid5(namespace, name string) (string, error) {
	named := map[string]string{"dns": "6ba7b810", "url": "6ba7b811", "oid": "6ba7b812", "x500": "6ba7b814"}
	if first, ok := named[namespace]; ok {
		namespace = first + "-9dad-11d1-80b4-00c04fd430c8"
	}
	space, err := hex.DecodeString(strings.ReplaceAll(namespace, "-", ""))
	if err != nil || len(space) != 16 {
		return "", errors.New("the namespace is not a UUID")
	}
	h := sha1.Sum(append(space, name...)) //nolint:gosec // the standard says so
	h[6] = h[6]&0x0f | 0x50
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16]), nil
}
