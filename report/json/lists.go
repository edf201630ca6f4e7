package jsonreport

import (
	"reflect"
	"strings"
)

// withLists returns v with empty lists in place of nil ones, so that readers never meet a null where they expect a
// list. Members that are left out when empty stay nil. What it changes it copies: the report stays as it is.
func withLists(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Struct || !hasNilList(v) {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	for i := range c.NumField() {
		switch f := c.Field(i); {
		case isNilList(c, i):
			f.Set(reflect.MakeSlice(f.Type(), 0, 0))
		case f.Kind() == reflect.Struct && c.Type().Field(i).IsExported() && hasNilList(f):
			f.Set(withLists(f))
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
			f.Set(itemsWithLists(f))
		}
	}
	return c
}

func itemsWithLists(v reflect.Value) reflect.Value {
	c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		c.Index(i).Set(withLists(v.Index(i)))
	}
	return c
}

func hasNilList(v reflect.Value) bool {
	for i := range v.NumField() {
		f := v.Field(i)
		if !v.Type().Field(i).IsExported() {
			continue
		}
		if isNilList(v, i) || f.Kind() == reflect.Struct && hasNilList(f) {
			return true
		}
		for j := 0; f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct && j < f.Len(); j++ {
			if hasNilList(f.Index(j)) {
				return true
			}
		}
	}
	return false
}

func isNilList(v reflect.Value, i int) bool {
	f := v.Field(i)
	return f.Kind() == reflect.Slice && f.IsNil() && !strings.Contains(v.Type().Field(i).Tag.Get("json"), ",omitempty")
}
