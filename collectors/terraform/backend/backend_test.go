package backend_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/collectors/terraform/backend"
)

func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// walk returns "file:line folder address | why" of all that is found.
func walk(t *testing.T, files map[string]string) []string {
	t.Helper()
	found, err := backend.Walk(t.Context(), tree(files), ".")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range found {
		line := fmt.Sprintf("%s:%d %s %s", f.File, f.Line, f.Folder, f.Address)
		if f.Why != "" {
			line += "| " + f.Why
		}
		list = append(list, line)
		if f.Address != "" && f.Why != "" {
			t.Errorf("%s: it has an address and a reason why it has none", f.File)
		}
		if remote.IsRemote(f.Address) {
			if _, err := f.Pattern(); err != nil {
				t.Errorf("%s: address %q: %v", f.File, f.Address, err)
			}
		}
	}
	return list
}

func TestBlocks(t *testing.T) {
	for name, tt := range map[string]struct{ code, want string }{
		"s3":            {`bucket="acme-tfstate" key="app/terraform.tfstate"`, `s3://acme-tfstate/{app/terraform.tfstate,env:/*/app/terraform.tfstate}`},
		"s3 prefix":     {`bucket="acme" key="a" workspace_key_prefix="ws/x"`, `s3://acme/{a,ws/x/*/a}`},
		"s3 bare":       {`bucket="acme" key="a" workspace_key_prefix=""`, `s3://acme/{a,*/a}`},
		"s3 meta":       {`bucket="acme" key="a,b[1]*.tfstate"`, `s3://acme/{a\,b\[1]\*.tfstate,env:/*/a\,b\[1]\*.tfstate}`},
		"s3 variable":   {`bucket=var.bucket key="a"`, `| backend "s3": bucket is not written literally`},
		"s3 prefix var": {`bucket="acme" key="a" workspace_key_prefix=local.p`, `| backend "s3": workspace_key_prefix is not written literally`},
		"s3 partial":    {`region="eu-west-1"`, `| backend "s3": bucket, key is not in the code`},
		"s3 endpoint":   {`bucket="acme" key="a" endpoints={s3="http://minio:9000"}`, `| backend "s3": endpoints`},
		"s3 customer":   {`bucket="acme" key="a" sse_customer_key="c2VjcmV0LXZhbHVl"`, `| backend "s3": sse_customer_key`},
		"s3 no name":    {`bucket="Acme!" key="a"`, `| backend "s3": the address "Acme!" is no name of a bucket`},
		"s3 null":       {`bucket="acme" key="a" workspace_key_prefix=null endpoints={}`, `s3://acme/{a,env:/*/a}`},
		"gcs":           {`bucket="acme" prefix="prod/net"`, `gs://acme/prod/net/*.tfstate`},
		"gcs bare":      {`bucket="acme"`, `gs://acme/*.tfstate`},
		"http":          {`address="https://gitlab.example/api/v4/projects/1/terraform/state/x"  password="hunter2hunter2"`, `https://gitlab.example/api/v4/projects/1/terraform/state/x`},
		"http user":     {`address="https://ana:hunter2hunter2@h/x"`, `| backend "http": the address holds a user name or a password`},
		"local":         {``, `{m/terraform.tfstate,m/terraform.tfstate.d/*/terraform.tfstate}`},
		"local path":    {`path="../s/x.tfstate"`, `{s/x.tfstate,m/terraform.tfstate.d/*/terraform.tfstate}`},
		"remote name":   {"organization=\"acme\"\nworkspaces {\n name=\"prod\"\n}", `hcp://acme/prod`},
		"remote prefix": {"organization=\"acme\"\nhostname=\"tfe.acme.example\"\nworkspaces {\n prefix=\"net-\"\n}", `tfe://tfe.acme.example/acme/net-*`},
		"remote none":   {`organization="acme"`, `| backend "remote": workspaces is not in the code`},
		"azurerm":       {`key="a"`, `| backend "azurerm" is not read: write the state with terraform state pull`},
		"consul":        {`path="a"`, `| backend "consul" is not read`},
		"kubernetes":    {``, `| backend "kubernetes" is not read`},
		"pg":            {`conn_str="postgres://u:hunter2hunter2@h/d"`, `| backend "pg" is not read`},
		"oss":           {``, `| backend "oss" is not known here`},
	} {
		kind, _, _ := strings.Cut(name, " ")
		code := "terraform {\n backend \"" + kind + "\" {\n" + strings.ReplaceAll(tt.code, "\" ", "\"\n") + "\n}\n}\n"
		code = strings.NewReplacer(" workspace_key_prefix", "\nworkspace_key_prefix", "} key", "}\nkey", "var.bucket key", "var.bucket\nkey", "null endpoints", "null\nendpoints").Replace(code)
		got := walk(t, map[string]string{"m/main.tf": code})
		if len(got) != 1 || !strings.HasPrefix(got[0], "m/main.tf:2 m "+tt.want) || !strings.Contains(tt.want, "|") && got[0] != "m/main.tf:2 m "+tt.want {
			t.Errorf("%s: %q, want %q\n%s", name, got, tt.want, code)
		}
		if strings.Contains(fmt.Sprint(got), "hunter2") || strings.Contains(fmt.Sprint(got), "c2Vjcm") {
			t.Errorf("%s: a secret is told: %q", name, got)
		}
	}
}

func TestCloud(t *testing.T) {
	for code, want := range map[string]string{
		"organization = \"acme\"\nworkspaces {\n name = \"prod\"\n}":                         "hcp://acme/prod",
		"organization = \"acme\"\nworkspaces {\n name = \"prod\"\n project = \"p\"\n}":       "hcp://acme/prod",
		"organization = \"acme\"\nworkspaces {\n tags = [\"a\", \"b\"]\n project = \"p\"\n}": "hcp://acme/*?project=p&tags=a%2Cb",
		"organization = \"acme\"\nworkspaces {\n tags = { a = \"b\" }\n}":                    `| backend "cloud": workspaces.tags is not written literally`,
		"organization = var.o\nworkspaces {\n name = \"prod\"\n}":                            `| backend "cloud": organization is not written literally`,
		"workspaces {\n name = \"prod\"\n}":                                                  `| backend "cloud": organization is not in the code`,
		"organization = \"acme\"":                                                            `| backend "cloud": workspaces is not in the code`,
	} {
		got := walk(t, map[string]string{"main.tf": "terraform {\n  cloud {\n" + code + "\n}\n}\n"})
		if len(got) != 1 || !strings.HasPrefix(got[0], "main.tf:2 . "+want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

const s3Block = "terraform {\n  backend \"s3\" {\n    bucket = \"acme\"\n    key = \"a\"\n  }\n}\n"

func TestFolders(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"none":       {map[string]string{"main.tf": "resource \"x\" \"y\" {}\n"}, nil},
		"json":       {map[string]string{"b.tf.json": `{"terraform":{"backend":{"s3":{"bucket":"acme","key":"a"}}}}`}, []string{"b.tf.json:1 . s3://acme/{a,env:/*/a}"}},
		"json cloud": {map[string]string{"b.tf.json": `{"terraform":[{"cloud":{"organization":"o","workspaces":[{"name":"w"}]}}]}`}, []string{"b.tf.json:1 . hcp://o/w"}},
		"json var":   {map[string]string{"b.tf.json": `{"terraform":{"backend":{"s3":{"bucket":"${var.b}","key":"a"}}}}`}, []string{`b.tf.json:1 . | backend "s3": bucket is not written literally: run terraform init, or give the state in paths`}},
		"override": {
			map[string]string{"main.tf": s3Block, "b_override.tf": strings.ReplaceAll(s3Block, "acme", "other")},
			[]string{"b_override.tf:2 . s3://other/{a,env:/*/a}"},
		},
		"tofu":   {map[string]string{"b.tf": s3Block, "b.tofu": strings.ReplaceAll(s3Block, "acme", "other")}, []string{"b.tofu:2 . s3://other/{a,env:/*/a}"}},
		"two":    {map[string]string{"a.tf": s3Block, "b.tf": s3Block}, []string{"a.tf:2 . | the configuration has a second backend in b.tf: a configuration has one, see which folder the files belong to"}},
		"broken": {map[string]string{"a.tf": "terraform {\n backend \"s3\" {\n", "b.tf": "resource {"}, []string{"a.tf:2 . | the code is not valid: unclosed configuration block: correct it, or give the state in paths"}},
		"caches": {map[string]string{".terragrunt-cache/x/main.tf": s3Block, ".terraform/modules/m/main.tf": s3Block, "node_modules/a/main.tf": s3Block}, nil},
		"pointer": {
			map[string]string{
				"main.tf":                      "terraform {\n  backend \"s3\" {}\n}\n",
				".terraform/terraform.tfstate": `{"version":3,"backend":{"type":"s3","config":{"bucket":"acme","key":"k","profile":"p","region":"eu-west-1","role_arn":null,"assume_role":{"role_arn":"arn:aws:iam::111122223333:role/R","external_id":"e"},"secret_key":"hunter2hunter2","workspace_key_prefix":null},"hash":1}}`,
			},
			[]string{"main.tf:2 . s3://acme/{k,env:/*/k}"},
		},
		"stale pointer": {
			map[string]string{"main.tf": s3Block, ".terraform/terraform.tfstate": `{"version":3,"backend":{"type":"gcs","config":{"bucket":"old"}}}`},
			[]string{"main.tf:2 . s3://acme/{a,env:/*/a}"},
		},
		"left pointer": {
			map[string]string{"main.tf": "locals {}\n", ".terraform/terraform.tfstate": `{"version":3,"backend":{"type":"gcs","config":{"bucket":"old"}}}`},
			[]string{`.terraform/terraform.tfstate:0 . | terraform init noted a backend "gcs", which the code does not name any more: run terraform init, or give the state in paths`},
		},
		"damaged pointer": {
			map[string]string{"main.tf": s3Block, ".terraform/terraform.tfstate": `{"version":3,"backend":{"password":"hunter2hunter2"`},
			[]string{
				".terraform/terraform.tfstate:0 . | what terraform init noted is damaged: run terraform init, or give the state in paths",
				"main.tf:2 . s3://acme/{a,env:/*/a}",
			},
		},
	} {
		if got := walk(t, tt.files); strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

func TestAccessAndWorkspace(t *testing.T) {
	code := strings.ReplaceAll(s3Block, "key = \"a\"", "key = \"a\"\n profile = \"p\"\n region = \"eu-west-1\"\n assume_role = {\n role_arn = \"arn:aws:iam::111122223333:role/R\"\n external_id = \"e\"\n }")
	found, err := backend.Folder(tree(map[string]string{"main.tf": code, ".terraform/environment": "staging\n"}), ".")
	want := remote.Access{Profile: "p", Region: "eu-west-1", Role: "arn:aws:iam::111122223333:role/R", ExternalID: "e"}
	if err != nil || len(found) != 1 || found[0].Access != want || found[0].Workspace != "staging" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestTerragrunt(t *testing.T) {
	root := `
locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl"))
  name    = local.account.locals.account_name
  who     = get_aws_account_id()
}
remote_state {
  backend = "s3"
  config = {
    bucket         = format("acme-%s-%s", replace(local.name, "/", "-"), "states")
    key            = "${path_relative_to_include()}/terraform.tfstate"
    region         = "eu-west-1"
    dynamodb_table = local.who
  }
}
`
	child := "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\n"
	got := walk(t, map[string]string{
		"live/root.hcl": root, "live/prod/account.hcl": "locals {\n account_name = \"prod\"\n account_id = get_env(\"X\")\n}\n",
		"live/prod/vpc/terragrunt.hcl": child, "live/prod/db/main/terragrunt.hcl": child, "live/dev/vpc/terragrunt.hcl": child,
		"old/terragrunt.hcl":    "remote_state {\n backend = \"gcs\"\n config = {\n bucket = \"acme\"\n prefix = path_relative_to_include()\n }\n}\n",
		"old/a/terragrunt.hcl":  "include {\n path = find_in_parent_folders()\n}\n",
		"own/terragrunt.hcl":    "remote_state {\n backend = \"s3\"\n config = {\n bucket = \"acme\"\n key = \"own/${basename(get_terragrunt_dir())}\"\n }\n}\n",
		"here/terragrunt.hcl":   "remote_state {\n backend = \"s3\"\n config = {\n bucket = \"acme\"\n key = get_terragrunt_dir()\n }\n}\n",
		"env/terragrunt.hcl":    "remote_state {\n backend = get_env(\"B\")\n config = {}\n}\n",
		"gone/terragrunt.hcl":   child,
		"gen/terragrunt.hcl":    "generate \"backend\" {\n path = \"b.tf\"\n if_exists = \"overwrite\"\n contents = <<EOF\nterraform {\n backend \"gcs\" {\n bucket = \"acme\"\n prefix = \"gen\"\n }\n}\nEOF\n}\n",
		"plain/terragrunt.hcl":  "terraform {\n source = \"../x\"\n}\n",
		"broken/terragrunt.hcl": "remote_state {\n",
	})
	want := []string{
		"broken/terragrunt.hcl:1 broken | the code is not valid: unclosed configuration block: correct it, or give the state in paths",
		"env/terragrunt.hcl:1 env | which backend it is is not written literally: give the state in paths",
		"gen/terragrunt.hcl:1 gen gs://acme/gen/*.tfstate",
		"gone/terragrunt.hcl:1 gone | what it includes is not known: give the state in paths",
		`here/terragrunt.hcl:1 here | backend "s3": key is not written literally: run terraform init, or give the state in paths`,
		"live/root.hcl:7 live/dev/vpc | backend \"s3\": bucket is not written literally: run terraform init, or give the state in paths",
		"live/root.hcl:7 live/prod/db/main s3://acme-prod-states/{prod/db/main/terraform.tfstate,env:/*/prod/db/main/terraform.tfstate}",
		"live/root.hcl:7 live/prod/vpc s3://acme-prod-states/{prod/vpc/terraform.tfstate,env:/*/prod/vpc/terraform.tfstate}",
		"old/terragrunt.hcl:1 old/a gs://acme/a/*.tfstate",
		"own/terragrunt.hcl:1 own s3://acme/{own/own,env:/*/own/own}",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestCodeOfUnits holds that the empty block in code which a unit runs is no backend that nobody knows.
func TestCodeOfUnits(t *testing.T) {
	empty := "terraform {\n backend \"s3\" {}\n}\n"
	state := "remote_state {\n backend = \"s3\"\n config = {\n bucket = \"acme\"\n key = \"k\"\n }\n}\n"
	got := walk(t, map[string]string{
		"modules/net/vpc/main.tf": empty, "modules/lone/main.tf": empty, "live/own/main.tf": empty,
		"live/own/terragrunt.hcl": state,
		"live/vpc/terragrunt.hcl": "terraform {\n source = \"../../modules/net//vpc\"\n}\n" + state,
		"live/far/terragrunt.hcl": "terraform {\n source = \"git::https://git.example/modules.git//lone\"\n}\n" + state,
	})
	want := []string{
		"live/far/terragrunt.hcl:4 live/far s3://acme/{k,env:/*/k}", "live/own/terragrunt.hcl:1 live/own s3://acme/{k,env:/*/k}",
		"live/vpc/terragrunt.hcl:4 live/vpc s3://acme/{k,env:/*/k}",
		`modules/lone/main.tf:2 modules/lone | backend "s3": bucket, key is not in the code: run terraform init, or give the state in paths`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s", strings.Join(got, "\n"))
	}
}

// TestCircle holds that files which read one another come to an end.
func TestCircle(t *testing.T) {
	got := walk(t, map[string]string{
		"a/terragrunt.hcl": "locals {\n b = read_terragrunt_config(\"../b.hcl\")\n}\nremote_state {\n backend = \"s3\"\n config = {\n bucket = local.b.locals.x.locals.x\n key = \"k\"\n }\n}\n",
		"b.hcl":            "locals {\n x = read_terragrunt_config(\"b.hcl\")\n}\n",
	})
	if len(got) != 1 || !strings.Contains(got[0], "| backend") {
		t.Errorf("%q", got)
	}
}

// TestBombs holds that a few lines which stand for very much come to an end, and are not known.
func TestBombs(t *testing.T) {
	state := "remote_state {\n backend = \"s3\"\n config = {\n bucket = local.z\n key = \"k\"\n }\n}\n"
	var lists, texts, reads strings.Builder
	for i := range 60 {
		fmt.Fprintf(&lists, " l%02d = [local.l%02d, local.l%02d]\n", i, i+1, i+1)
		fmt.Fprintf(&texts, " l%02d = \"${local.l%02d}${local.l%02d}\"\n", i, i+1, i+1)
		fmt.Fprintf(&reads, " l%02d = read_terragrunt_config(\"terragrunt.hcl\")\n", i)
	}
	for name, locals := range map[string]string{
		"lists": lists.String() + " l60 = \"xxxxxxxx\"\n z = local.l00[0]\n", "texts": texts.String() + " l60 = \"xxxxxxxx\"\n z = local.l00\n",
		"reads": reads.String() + " z = local.l00.locals.l01.locals.z\n",
		"loops": " a = [\"" + strings.Repeat("x\", \"", 900) + "\"]\n z = [for a in local.a : [for b in local.a : [for c in local.a : [for d in local.a : d]]]]\n",
		"width": " z = format(\"%999999999d\", 1)\n", "replace": " z = replace(\"" + strings.Repeat("x", 4000) + "\", \"x\", \"" + strings.Repeat("x", 4000) + "\")\n",
	} {
		got := walk(t, map[string]string{"terragrunt.hcl": "locals {\n" + locals + "}\n" + state})
		if len(got) != 1 || !strings.Contains(got[0], "bucket is not written literally") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// FuzzBackend holds that whatever is in the files, what is found has either an address that can be read or a reason why not.
func FuzzBackend(f *testing.F) {
	f.Add(s3Block, `{"backend":{"type":"s3","config":{"bucket":"acme","key":"k","endpoints":[]}}}`, "remote_state {\n backend=\"s3\"\n config={bucket=\"b\"}\n}\n")
	f.Add("terraform {\n cloud {\n workspaces {\n tags=[1]\n }\n }\n}\n", `{"backend":{"type":"remote","config":{"workspaces":[{"prefix":null}]}}}`, "locals {\n a=local.b\n b=[local.a]\n}\n")
	f.Add("terraform {\n backend \"remote\" {\n workspaces = []\n }\n}\n", `{}`, "include {\n path = 7\n}\nremote_state = {backend=\"gcs\", config={bucket=dirname(get_terragrunt_dir())}}\n")
	f.Fuzz(func(t *testing.T, code, pointer, unit string) {
		found, err := backend.Walk(t.Context(), tree(map[string]string{"main.tf": code, ".terraform/terraform.tfstate": pointer, "u/terragrunt.hcl": unit}), ".")
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range found {
			if (b.Address == "") == (b.Why == "") {
				t.Errorf("%+v", b)
			}
			if remote.IsRemote(b.Address) {
				if _, err := b.Pattern(); err != nil {
					t.Errorf("%q: %v", b.Address, err)
				}
			}
		}
	})
}
