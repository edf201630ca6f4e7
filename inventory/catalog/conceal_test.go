package catalog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

func concealer() *Concealer { return NewConcealer(inventory.NewSecretHash([]byte("0123456789abcdef"))) }

func TestConceal(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"UserData", `"IyEvYmluL3No"`, `H`},
		{"LaunchTemplateData", `{"ImageId":"ami-1","UserData":"x"}`, `{"ImageId":"ami-1","UserData":H}`},
		{"Environment", `{"Variables":{"DB":"postgres://a:b@c","N":1}}`, `{"Variables":{"DB":H,"N":H}}`},
		{"ContainerDefinitions", `[{"Environment":[{"Name":"A","Value":"b"}],"Image":"i"}]`, `[{"Environment":[{"Name":H,"Value":H}],"Image":"i"}]`},
		{"Environment", `"prod"`, `"prod"`},
		{"MasterUserPassword", `"hunter2"`, `H`},
		{"ManageMasterUserPassword", `true`, `true`},
		{"MasterUserPassword", `null`, `null`},
		{"auth.client_secret", `"s"`, `H`},
		{"Passwords are fine", `"s"`, `"s"`},
		{"SecretArn", `"arn:aws:secretsmanager:eu-west-1:111122223333:secret:x"`, `"arn:aws:secretsmanager:eu-west-1:111122223333:secret:x"`},
		{"PasswordPolicy", `{"MinimumLength":8}`, `{"MinimumLength":8}`},
		{"private_key", `["a","b"]`, `[H,H]`},
		{"pin.Secret", `1234`, `H`},
		{"Stage", `{"Variables":{"backend":"https://x"},"Name":"v1"}`, `{"Name":"v1","Variables":{"backend":H}}`},
		{"DefaultArguments", `{"--db":"x"}`, `{"--db":H}`},
		{"Arguments", `["a","b"]`, `["a","b"]`},
		{"Credentials", `{"SessionToken":"x","NextToken":"y"}`, `{"NextToken":"y","SessionToken":H}`},
		{"ConnectionString", `"hmac:00112233445566778899aabbccddeeff"`, `"hmac:00112233445566778899aabbccddeeff"`},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.value, func(t *testing.T) {
			v, err := inventory.ParseValue([]byte(tt.value))
			if err != nil {
				t.Fatal(err)
			}
			in := inventory.KnownAttributes(inventory.Attribute{Name: "InstanceType", Value: `"t3.micro"`}, inventory.Attribute{Name: tt.name, Value: v})
			out, _ := concealer().Attributes(in).Get(tt.name)
			got := string(out)
			for part := range strings.SplitSeq(string(out), `"`) {
				if inventory.IsSecretHash(part) && !strings.Contains(tt.value, part) {
					got = strings.ReplaceAll(got, `"`+part+`"`, "H")
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("value (-want +got):\n%s", d)
			}
		})
	}
}

func TestSecrecy(t *testing.T) {
	c := concealer()
	for name, want := range map[string]Secrecy{
		"Master_User-Password": Secret, "javax.jdo.option.ConnectionPassword": Secret, "PreSharedKey": Secret, "environment": SecretIfCompound,
		"NextToken": Harmless, "Marker": Harmless, "PasswordPolicy": Harmless, "SecretArn": Harmless, "": Harmless,
	} {
		if got := c.Secrecy(name); got != want {
			t.Errorf("Secrecy(%q) = %d, want %d", name, got, want)
		}
	}
}

func TestConcealLeavesTheRest(t *testing.T) {
	c := concealer()
	if got := c.Attributes(inventory.Attributes{}); got.IsKnown() {
		t.Error("unknown attributes became known")
	}
	unread := inventory.KnownAttributes(inventory.Attribute{Name: "UserData"})
	if got := c.Attributes(unread); !got.Equal(unread) {
		t.Errorf("an unread secret became %v", got)
	}
}

// TestConcealedIsNowhere plants a secret below secret names; concealing twice changes nothing.
func TestConcealedIsNowhere(t *testing.T) {
	const planted = "correct horse battery staple"
	leaf := rapid.SampledFrom([]any{planted, nil, true, "harmless"})
	value := rapid.OneOf(leaf, rapid.Map(rapid.SliceOfN(leaf, 0, 3), func(l []any) any { return l }),
		rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"a", "Token", "Variables"}), leaf, 0, 3), func(m map[string]any) any { return m }))
	name := rapid.SampledFrom([]string{"UserData", "db_password", "Login.ApiKey"})
	rapid.Check(t, func(t *rapid.T) {
		v, err := inventory.ValueOf(value.Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		c := concealer()
		once := c.Attributes(inventory.KnownAttributes(inventory.Attribute{Name: name.Draw(t, "name"), Value: v}))
		for a := range once.All() {
			if strings.Contains(string(a.Value), planted) {
				t.Fatalf("%s still holds the secret: %s", a.Name, a.Value)
			}
		}
		if twice := c.Attributes(once); !twice.Equal(once) {
			t.Fatalf("concealing twice: %v, then %v", once, twice)
		}
	})
}
