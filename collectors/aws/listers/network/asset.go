package network

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// ec2Lister declares a type of EC2, whose list calls return the tags.
func ec2Lister(typ inventory.Type, resource string, list func(context.Context, *lister.Target, lister.Out) error, operations ...string) lister.Lister {
	return lister.Lister{
		Type: typ, ARNs: []string{"ec2:" + resource + "/*"}, Operations: lister.API(ec2.ServiceID, "ec2").Ops(operations...), List: list,
	}
}

// ec2Asset makes what all assets of EC2 have in common. Without an owner it is the account's own.
func ec2Asset(t *lister.Target, resource string, id, owner *string, tags []types.Tag) inventory.Asset {
	a := inventory.Asset{
		Key: ec2ARN(t, lister.Str(owner), resource, lister.Str(id)), Name: lister.Str(id),
		Tags:        lister.TagsOf(tags, func(g types.Tag) (*string, *string) { return g.Key, g.Value }),
		Identifiers: lister.ResourceID(id),
	}
	if name, ok := a.Tags.Get("Name"); ok && name.Value != "" {
		a.Name = name.Value
	}
	return a
}

// ec2ARN names a thing of EC2; it is empty without an id, and the account's own without an owner.
func ec2ARN(t *lister.Target, owner, resource, id string) string {
	if id == "" {
		return ""
	}
	if owner == "" {
		owner = t.Account
	}
	return t.ARNOf("ec2", t.Region, owner, resource+"/"+id)
}

// foreign reports whether a thing was shared by another account.
func foreign(t *lister.Target, owner *string) bool { return owner != nil && *owner != t.Account }

// stage is the stage of life that the state of a thing tells.
func stage(state string) inventory.Lifecycle {
	if state == "deleting" {
		return inventory.LifecycleRetiring
	}
	return inventory.LifecycleUnknown
}

// ended reports whether a thing in this state, which calls go on to list for a while, is there no more.
func ended[S ~string](state S) bool {
	return slices.Contains([]S{"deleted", "rejected", "expired"}, state)
}

// known returns the objects of a list without what is not set, as CloudFormation writes them.
func known(object map[string]any) map[string]any {
	maps.DeleteFunc(object, func(_ string, v any) bool { return v == nil })
	return object
}

// text, and the functions after it, are values for known.
func text(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

func word[S ~string](s S) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// number is a value for known.
func number(f *float64) any {
	if f == nil {
		return nil
	}
	return json.Number(strconv.FormatFloat(*f, 'f', -1, 64))
}

func truth(b *bool) any {
	if b == nil {
		return nil
	}
	return *b
}

func whole[N int32 | int64](n *N) any {
	if n == nil {
		return nil
	}
	return json.Number(strconv.FormatInt(int64(*n), 10))
}

// texts makes a list of strings of some type a value.
func texts[S ~string](list []S) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// batchTags reads the tags of several assets. If the call fails since one of them is gone, each is asked alone.
func batchTags(assets []*inventory.Asset, read func([]*inventory.Asset) (map[string]inventory.Tags, error), gone ...string) (map[string]inventory.Tags, error) {
	tags, err := read(assets)
	if !lister.Gone(err, gone...) {
		return tags, err
	}
	tags = map[string]inventory.Tags{}
	if len(assets) == 1 {
		return tags, nil
	}
	for _, a := range assets {
		one, err := batchTags([]*inventory.Asset{a}, read, gone...)
		if err != nil {
			return tags, err
		}
		maps.Copy(tags, one)
	}
	return tags, nil
}
