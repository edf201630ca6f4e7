package security

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func kmsListers() []lister.Lister {
	api := lister.API(kms.ServiceID, "kms")
	return []lister.Lister{{
		Type:       "AWS::KMS::Key",
		Also:       []inventory.Type{"AWS::KMS::ReplicaKey"},
		ARNs:       []string{"kms:key/*"},
		Operations: api.Ops("ListKeys", "DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"),
		List:       listKeys,
		ReadTags:   keyTags,
	}, {
		Type:       "AWS::KMS::Alias",
		ARNs:       []string{"kms:alias/*"},
		Operations: api.Ops("ListAliases"),
		List:       listAliases,
	}}
}

// listKeys lists keys by their ARNs. What a key is for, and whose, takes a call each, and a key's own policy may refuse it.
func listKeys(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := kms.NewFromConfig(t.Config)
	d := lister.Description[types.KeyListEntry, keyFacts]{
		Ask:   func(ctx context.Context, k types.KeyListEntry) (keyFacts, error) { return readKey(ctx, c, k.KeyArn) },
		Asset: key,
		Gone:  []string{"NotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListKeys(ctx, &kms.ListKeysInput{Marker: token, Limit: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextMarker, d.Put(ctx, out, page.Keys)
	})
}

// keyFacts is what several calls tell of a key.
type keyFacts struct {
	meta     *types.KeyMetadata // nil if it could not be read
	policy   inventory.Value    // Unread of a key that is AWS's
	rotation inventory.Value
}

// readKey describes a key. A key that AWS made for a service is the same in every account, so that no more is asked about it.
func readKey(ctx context.Context, c *kms.Client, arn *string) (keyFacts, error) {
	got, err := c.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: arn})
	if err != nil {
		return keyFacts{}, err
	}
	f := keyFacts{meta: got.KeyMetadata}
	if f.meta == nil || f.meta.KeyManager == types.KeyManagerTypeAws {
		return f, nil
	}
	var policyErr, rotationErr error
	f.policy, policyErr = keyPolicy(ctx, c, arn)
	f.rotation, rotationErr = keyRotation(ctx, c, f.meta)
	return f, errors.Join(policyErr, rotationErr)
}

func keyPolicy(ctx context.Context, c *kms.Client, arn *string) (inventory.Value, error) {
	got, err := c.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: arn, PolicyName: aws.String("default")})
	if err != nil {
		return inventory.Unread, err
	}
	return inventory.ParseValue([]byte(lister.Str(got.Policy)))
}

// keyRotation tells whether a key is rotated by itself, which only symmetric keys can be.
func keyRotation(ctx context.Context, c *kms.Client, meta *types.KeyMetadata) (inventory.Value, error) {
	if meta.KeySpec != types.KeySpecSymmetricDefault {
		return inventory.False, nil
	}
	got, err := c.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: meta.Arn})
	if lister.Gone(err, "UnsupportedOperationException") { // a key of another key store
		return inventory.False, nil
	}
	if err != nil {
		return inventory.Unread, err
	}
	return inventory.BoolValue(got.KeyRotationEnabled), nil
}

// key makes the asset of a key of which the listing told the ARN and the id.
func key(k types.KeyListEntry, f keyFacts) inventory.Asset {
	a := inventory.Asset{
		Key: lister.Str(k.KeyArn), Name: lister.Str(k.KeyId),
		Identifiers: lister.ResourceID(k.KeyId),
	}
	if f.meta == nil {
		return a
	}
	a.Created = lister.Time(f.meta.CreationDate)
	switch f.meta.KeyState {
	case types.KeyStatePendingDeletion, types.KeyStatePendingReplicaDeletion:
		a.Lifecycle = inventory.LifecycleRetiring
	}
	if f.meta.KeyManager == types.KeyManagerTypeAws {
		a.Tags = inventory.NotTaggable() // nobody but AWS could, and AWS does not
	}
	var p lister.Attributes
	keyAttributes(&p, f.meta)
	if m := f.meta.MultiRegionConfiguration; m != nil && m.MultiRegionKeyType == types.MultiRegionKeyTypeReplica && m.PrimaryKey != nil {
		a.Type = "AWS::KMS::ReplicaKey"
		p.String("PrimaryKeyArn", m.PrimaryKey.Arn)
	} else {
		keyOwnAttributes(&p, f)
	}
	if f.meta.KeyManager != types.KeyManagerTypeAws {
		p.Value("KeyPolicy", f.policy)
	}
	a.Attributes = p.Known()
	return a
}

// keyAttributes sets what keys and replicas of keys have alike.
func keyAttributes(p *lister.Attributes, m *types.KeyMetadata) {
	p.String("Description", m.Description)
	p.Bool("Enabled", aws.Bool(m.Enabled))
	p.Text("KeyManager", string(m.KeyManager))
	p.Text("KeyState", string(m.KeyState))
}

// keyOwnAttributes sets what a replica takes from its primary key.
func keyOwnAttributes(p *lister.Attributes, f keyFacts) {
	p.Text("KeySpec", string(f.meta.KeySpec))
	p.Text("KeyUsage", string(f.meta.KeyUsage))
	p.Text("Origin", string(f.meta.Origin))
	p.Bool("MultiRegion", f.meta.MultiRegion)
	if f.meta.KeyManager != types.KeyManagerTypeAws {
		p.Value("EnableKeyRotation", f.rotation)
	}
}

func keyTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := kms.NewFromConfig(t.Config)
	tag := func(t types.Tag) (*string, *string) { return t.TagKey, t.TagValue }
	return lister.AllTags(ctx, tag, func(token *string) ([]types.Tag, *string, error) {
		page, err := c.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: aws.String(a.Key), Marker: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.NextMarker, nil
	})
}

func listAliases(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := kms.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListAliases(ctx, &kms.ListAliasesInput{Marker: token, Limit: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextMarker, lister.Put(out, page.Aliases, func(v *types.AliasListEntry) inventory.Asset { return alias(t, v) })
	})
}

// alias makes the asset of an alias. One that AWS keeps for a key that it has not made yet has no target.
func alias(t *lister.Target, v *types.AliasListEntry) inventory.Asset {
	var p lister.Attributes
	p.String("AliasName", v.AliasName)
	p.String("TargetKeyId", v.TargetKeyId)
	a := inventory.Asset{
		Key: lister.Str(v.AliasArn), Name: lister.Str(v.AliasName), Created: lister.Time(v.CreationDate),
		Tags: inventory.NotTaggable(), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.AliasName),
	}
	if id := lister.Str(v.TargetKeyId); id != "" {
		target := id
		if !strings.HasPrefix(id, "arn:") {
			target = t.ARN("kms", "key/"+id)
		}
		a.Relations = []inventory.Relation{lister.To(inventory.AttachedTo, target)}
	}
	return a
}
