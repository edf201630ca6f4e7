package security

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// iamThingListers read what else IAM has: the list calls have no tags.
func iamThingListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::IAM::InstanceProfile",
		ARNs:       []string{"iam:instance-profile/*"},
		Operations: iamAPI().Ops("ListInstanceProfiles", "ListInstanceProfileTags"),
		List:       listInstanceProfiles,
		ReadTags:   instanceProfileTags,
	}, {
		Type:       "AWS::IAM::OIDCProvider",
		ARNs:       []string{"iam:oidc-provider/*"},
		Operations: iamAPI().Ops("ListOpenIDConnectProviders", "GetOpenIDConnectProvider"),
		List:       listOIDCProviders,
	}, {
		Type:       "AWS::IAM::SAMLProvider",
		ARNs:       []string{"iam:saml-provider/*"},
		Operations: iamAPI().Ops("ListSAMLProviders", "ListSAMLProviderTags"),
		List:       listSAMLProviders,
		ReadTags:   samlProviderTags,
	}, {
		Type:       "AWS::IAM::ServerCertificate",
		ARNs:       []string{"iam:server-certificate/*"},
		Operations: iamAPI().Ops("ListServerCertificates", "ListServerCertificateTags"),
		List:       listServerCertificates,
		ReadTags:   serverCertificateTags,
	}, {
		Type:       "AWS::IAM::VirtualMFADevice",
		ARNs:       []string{"iam:mfa/*"},
		Operations: iamAPI().Ops("ListVirtualMFADevices", "ListMFADeviceTags"),
		List:       listVirtualMFADevices,
		ReadTags:   mfaDeviceTags,
	}}
}

func listInstanceProfiles(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := iam.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListInstanceProfiles(ctx, &iam.ListInstanceProfilesInput{Marker: token, MaxItems: aws.Int32(iamPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.InstanceProfiles, instanceProfile)
	})
}

func instanceProfile(v *types.InstanceProfile) inventory.Asset {
	a := inventory.Asset{
		Key: lister.Str(v.Arn), Name: lister.Str(v.InstanceProfileName), Created: lister.Time(v.CreateDate),
		Identifiers: lister.ResourceID(v.InstanceProfileName),
	}
	var roles []string
	for _, r := range v.Roles {
		roles = append(roles, lister.Str(r.RoleName))
		a.Relations = append(a.Relations, lister.To(inventory.AttachedTo, lister.Str(r.Arn)))
	}
	var p lister.Attributes
	p.String("InstanceProfileName", v.InstanceProfileName)
	p.String("Path", v.Path)
	p.Strings("Roles", roles)
	a.Attributes, a.Tags = p.Known(), listedTags(v.Tags)
	return a
}

func instanceProfileTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := iam.NewFromConfig(t.Config)
	return readIAMTags(ctx, func(marker *string) ([]types.Tag, *string, error) {
		page, err := c.ListInstanceProfileTags(ctx, &iam.ListInstanceProfileTagsInput{InstanceProfileName: aws.String(a.Name), Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.Marker, nil
	})
}

// listOIDCProviders lists providers by their ARNs, and reads each, which returns its tags too.
func listOIDCProviders(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := iam.NewFromConfig(t.Config)
	list, err := c.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
	if err != nil {
		return err
	}
	d := lister.Description[types.OpenIDConnectProviderListEntry, *iam.GetOpenIDConnectProviderOutput]{
		Ask: func(ctx context.Context, e types.OpenIDConnectProviderListEntry) (*iam.GetOpenIDConnectProviderOutput, error) {
			return c.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: e.Arn})
		},
		Asset: oidcProvider,
		Gone:  []string{noSuchEntity},
	}
	return d.Put(ctx, out, list.OpenIDConnectProviderList)
}

// oidcProvider makes the asset of a provider; v is nil if it could not be read.
func oidcProvider(e types.OpenIDConnectProviderListEntry, v *iam.GetOpenIDConnectProviderOutput) inventory.Asset {
	_, host, _ := strings.Cut(lister.Str(e.Arn), ":oidc-provider/")
	a := inventory.Asset{Key: lister.Str(e.Arn), Name: host, Identifiers: lister.ResourceID(e.Arn)}
	if v == nil {
		return a
	}
	var p lister.Attributes
	p.Text("Url", "https://"+strings.TrimPrefix(lister.Str(v.Url), "https://"))
	p.Strings("ClientIdList", v.ClientIDList)
	p.Strings("ThumbprintList", v.ThumbprintList)
	a.Attributes, a.Tags, a.Created = p.Known(), iamTags(v.Tags), lister.Time(v.CreateDate)
	return a
}

func listSAMLProviders(ctx context.Context, t *lister.Target, out lister.Out) error {
	list, err := iam.NewFromConfig(t.Config).ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	if err != nil {
		return err
	}
	return lister.Put(out, list.SAMLProviderList, samlProvider)
}

func samlProvider(v *types.SAMLProviderListEntry) inventory.Asset {
	name := afterSlash(v.Arn)
	var p lister.Attributes
	p.Text("Name", name)
	p.Text("ValidUntil", stamp(v.ValidUntil))
	return inventory.Asset{
		Key: lister.Str(v.Arn), Name: name, Created: lister.Time(v.CreateDate), Attributes: p.Known(), Identifiers: lister.ResourceID(v.Arn),
	}
}

func samlProviderTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := iam.NewFromConfig(t.Config)
	return readIAMTags(ctx, func(marker *string) ([]types.Tag, *string, error) {
		page, err := c.ListSAMLProviderTags(ctx, &iam.ListSAMLProviderTagsInput{SAMLProviderArn: aws.String(a.Key), Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.Marker, nil
	})
}

func listServerCertificates(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := iam.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListServerCertificates(ctx, &iam.ListServerCertificatesInput{Marker: token, MaxItems: aws.Int32(iamPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.ServerCertificateMetadataList, serverCertificate)
	})
}

func serverCertificate(v *types.ServerCertificateMetadata) inventory.Asset {
	var p lister.Attributes
	p.String("ServerCertificateName", v.ServerCertificateName)
	p.String("Path", v.Path)
	p.Text("Expiration", stamp(v.Expiration))
	return inventory.Asset{
		Key: lister.Str(v.Arn), Name: lister.Str(v.ServerCertificateName), Created: lister.Time(v.UploadDate), Attributes: p.Known(),
		Identifiers: lister.ResourceID(v.ServerCertificateId),
	}
}

func serverCertificateTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := iam.NewFromConfig(t.Config)
	return readIAMTags(ctx, func(marker *string) ([]types.Tag, *string, error) {
		page, err := c.ListServerCertificateTags(ctx, &iam.ListServerCertificateTagsInput{ServerCertificateName: aws.String(a.Name), Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.Marker, nil
	})
}

func listVirtualMFADevices(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := iam.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{
			AssignmentStatus: types.AssignmentStatusTypeAny, Marker: token, MaxItems: aws.Int32(iamPage),
		})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.VirtualMFADevices, virtualMFADevice)
	})
}

// virtualMFADevice makes the asset of a device. Its seed is in no answer to a list call, and would not be kept.
func virtualMFADevice(v *types.VirtualMFADevice) inventory.Asset {
	a := inventory.Asset{
		Key: lister.Str(v.SerialNumber), Name: afterSlash(v.SerialNumber), Created: lister.Time(v.EnableDate),
		Identifiers: lister.ResourceID(v.SerialNumber),
	}
	var users []string
	if v.User != nil {
		a.Relations = []inventory.Relation{lister.To(inventory.AttachedTo, lister.Str(v.User.Arn))}
		if v.User.UserName != nil {
			users = []string{*v.User.UserName}
		}
	}
	var p lister.Attributes
	p.Text("VirtualMfaDeviceName", a.Name)
	p.Strings("Users", users)
	a.Attributes, a.Tags = p.Known(), listedTags(v.Tags)
	return a
}

func mfaDeviceTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := iam.NewFromConfig(t.Config)
	return readIAMTags(ctx, func(marker *string) ([]types.Tag, *string, error) {
		page, err := c.ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: aws.String(a.Key), Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.Marker, nil
	})
}

// listedTags takes tags out of the answer to a list call. IAM documents that there are none, so that none proves nothing.
func listedTags(list []types.Tag) inventory.Tags {
	if len(list) == 0 {
		return inventory.UnknownTags()
	}
	return iamTags(list)
}

// afterSlash returns what follows the last slash of an ARN: the name of a thing that may have a path.
func afterSlash(arn *string) string {
	s := lister.Str(arn)
	return s[strings.LastIndexByte(s, '/')+1:]
}

// stamp writes a time as an attribute, empty for nil.
func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
