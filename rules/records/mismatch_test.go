package records

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// trust makes a policy that calls books the authority: "" is the default, and owner, Owner and team are one tag.
func trust(authority map[string]inventory.Book) *rules.Policy {
	p := &rules.Policy{Tags: []rules.TagRule{{ID: "owner", Keys: []string{"owner", "Owner", "team"}}}}
	for name, book := range authority {
		if name == "" {
			p.Records.Authority = book
			continue
		}
		p.Records.Authorities = append(p.Records.Authorities, rules.Authority{Attribute: name, Book: book})
	}
	return p
}

func tagged(keysAndValues ...string) edit {
	return func(e *inventory.Entry) {
		var list []inventory.Tag
		for i := 0; i < len(keysAndValues); i += 2 {
			list = append(list, inventory.Tag{Key: keysAndValues[i], Value: keysAndValues[i+1]})
		}
		e.Tags = inventory.KnownTags(list...)
	}
}

// judged returns the mismatch verdict on one entity.
func judged(t *testing.T, p *rules.Policy, keys *TagIndex, scopes []inventory.ScopeState, entries ...*inventory.Entry) rules.Verdict {
	t.Helper()
	in := inputs(t, entries, scopes)
	in.Policy, in.TagKeys = p, keys
	e := &rules.Entity{}
	for _, a := range entries {
		switch a.Book {
		case inventory.Observed:
			e.Observed = append(e.Observed, a)
		case inventory.Declared:
			e.Declared = append(e.Declared, a)
		case inventory.Recorded:
			e.Recorded = append(e.Recorded, a)
		}
	}
	return newJudge(in).mismatch(e)
}

func said(v rules.Verdict) string {
	s := v.Outcome.String()
	if text := v.Reason + v.Message; text != "" {
		s += ": " + text
	}
	return s
}

func TestAuthority(t *testing.T) {
	text := inventory.StringValue
	r := row("SRV-1", vm, has("InstanceType", text("t3.micro")))
	o := seen(arnA, has("InstanceType", text("t3.large")))
	d := func(size string) *inventory.Entry {
		e := entry(inventory.Declared, "infra", arnA, ec2, has("InstanceType", text(size)))
		e.Origin = inventory.Origin{File: "a.tf", Address: "aws_instance.web"}
		return e
	}
	book := func(b inventory.Book) *rules.Policy { return trust(map[string]inventory.Book{"InstanceType": b}) }
	for _, tt := range []struct {
		name         string
		policy       *rules.Policy
		entries      []*inventory.Entry
		message, fix string
	}{
		{"reality is right", nil, []*inventory.Entry{r, o}, "InstanceType is t3.large, recorded as t3.micro: the register is to be corrected", "correct InstanceType of the row SRV-1 in dc"},
		{
			"the register is right", book(inventory.Recorded),
			[]*inventory.Entry{r, o, d("t3.large")},
			"InstanceType is t3.large, recorded as t3.micro: the register is the authority, the thing is to be changed",
			"change InstanceType of " + arnA + " as the row SRV-1 in dc says, by its declaration aws_instance.web in a.tf",
		},
		{
			"code is right", book(inventory.Declared),
			[]*inventory.Entry{r, o, d("t3.small")},
			"InstanceType is declared as t3.small, recorded as t3.micro: the register is to be corrected", "correct InstanceType of the row SRV-1 in dc",
		},
		{"code is right, and the row says the same", book(inventory.Declared), []*inventory.Entry{r, o, d("t3.micro")}, "", ""},
		{
			"code is right, and declares nothing", book(inventory.Declared),
			[]*inventory.Entry{r, o},
			"InstanceType is t3.large, recorded as t3.micro: nothing tells which of the two is right",
			"find out who is right about InstanceType: correct the row SRV-1 in dc, or " + arnA,
		},
		{
			"the register is right, and only code speaks of it", book(inventory.Recorded),
			[]*inventory.Entry{r, d("t3.small")},
			"InstanceType is declared as t3.small, recorded as t3.micro: the register is the authority, the code is to be corrected",
			"change InstanceType of aws_instance.web in a.tf as the row SRV-1 in dc says",
		},
		{
			"one each", trust(map[string]inventory.Book{"os": inventory.Recorded}),
			[]*inventory.Entry{row("SRV-1", vm, has("InstanceType", text("t3.micro")), has("os", text("Debian 12"))), seen(arnA, has("InstanceType", text("t3.large")), has("OS", text("Windows")))},
			"InstanceType is t3.large, recorded as t3.micro: the register is to be corrected; os is Windows, recorded as Debian 12: the register is the authority, the thing is to be changed",
			"correct InstanceType of the row SRV-1 in dc; change os of " + arnA + " as the row SRV-1 in dc says",
		},
		{
			"by the provider's name", trust(map[string]inventory.Book{"OS": inventory.Recorded}),
			[]*inventory.Entry{row("SRV-1", vm, has("os", text("Debian 12"))), seen(arnA, has("OS", text("Windows")))},
			"os is Windows, recorded as Debian 12: the register is the authority, the thing is to be changed",
			"change os of " + arnA + " as the row SRV-1 in dc says",
		},
		{"an empty cell says nothing", nil, []*inventory.Entry{row("SRV-1", vm, has("InstanceType", inventory.Null), has("os", text("x"))), seen(arnA, has("InstanceType", text("t3.large")), has("os", text("x")))}, "", ""},
		{
			"an empty cell of an authority", book(inventory.Recorded),
			[]*inventory.Entry{row("SRV-1", vm, has("InstanceType", inventory.Null)), o},
			"InstanceType is t3.large, not recorded: the register is the authority, the thing is to be changed", "change InstanceType of " + arnA + " as the row SRV-1 in dc says",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := judged(t, tt.policy, nil, allRead, tt.entries...)
			if diff := cmp.Diff([]string{tt.message, tt.fix}, []string{v.Message, v.Fix}); diff != "" {
				t.Errorf("%s (-want +got):\n%s", v.Outcome, diff)
			}
			if wanted := map[bool]rules.Outcome{true: rules.Pass, false: rules.Fail}[tt.message == ""]; v.Outcome != wanted {
				t.Errorf("%s: %s", v.Outcome, v.Reason)
			}
		})
	}
}

func TestMismatchUnknown(t *testing.T) {
	text := inventory.StringValue
	r := row("SRV-1", vm, has("InstanceType", text("t3.micro")), has("os", text("Debian 12")))
	hashed := inventory.NewSecretHash([]byte("0123456789abcdef")).Hash("x")
	unread := func(name string) edit { return attributes(inventory.Attribute{Name: name}) }
	declared := trust(map[string]inventory.Book{"": inventory.Declared})
	code := entry(inventory.Declared, "infra", arnA, ec2, unread("InstanceType"))
	for _, tt := range []struct {
		name    string
		policy  *rules.Policy
		entries []*inventory.Entry
		scopes  []inventory.ScopeState
		want    string
	}{
		{"the thing's value was not read", nil, []*inventory.Entry{r, seen(arnA, unread("InstanceType"))}, allRead, "unknown: InstanceType could not be read"},
		{"under another name", nil, []*inventory.Entry{r, seen(arnA, unread("OperatingSystem"))}, allRead, "unknown: os could not be read"},
		{
			"the facet that knows it was not read", nil,
			[]*inventory.Entry{r, seen(arnA, has("InstanceType", text("t3.large"))), agent("web", has("os", text("Debian 12")))},
			append(scopes(inventory.RunFailed, inventory.RunOK), agents(inventory.RunOK)[3]), "unknown: InstanceType could not be read",
		},
		{"code is right and could not be read", declared, []*inventory.Entry{r, seen(arnA, has("InstanceType", text("t3.large"))), code}, allRead, "unknown: InstanceType could not be read"},
		{"a secret's hash on one side", nil, []*inventory.Entry{r, seen(arnA, has("InstanceType", text(hashed)))}, allRead, "unknown: InstanceType could not be read"},
		{"one of two facets agrees", nil, []*inventory.Entry{r, seen(arnA, has("os", text("Linux/UNIX"))), agent("web", has("os", text("Debian GNU/Linux 12 (bookworm)")))}, agents(inventory.RunOK), "pass"},
		{"the words that a register has for stages and types", nil, []*inventory.Entry{
			row("SRV-1", vm, has("status", text("In use")), has("type", text("VM")), has("last_seen", text("2026-01-01T00:00:00Z"))),
			seen(arnA, has("status", text("RUNNING")), has("type", text("pd-ssd")), has("last_seen", text("2026-02-01T00:00:00Z"))),
		}, allRead, "not applicable: the row and the thing have no attribute in common"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := said(judged(t, tt.policy, nil, tt.scopes, tt.entries...)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestNamesAndAddresses(t *testing.T) {
	ids := func(kind inventory.IdentifierKind, values ...string) edit {
		return func(e *inventory.Entry) {
			for _, v := range values {
				id(kind, v)(e)
			}
		}
	}
	ip := inventory.PrivateIP
	wrong := ": the register is to be corrected"
	names := &rules.Policy{}
	names.Records.Authorities = []rules.Authority{{Attribute: "name", Book: inventory.Observed}}
	if got := said(judged(t, nil, nil, allRead, row("SRV-1", vm, named("web-1")), seen(arnA, named("payments")))); !strings.HasPrefix(got, "not applicable") {
		t.Errorf("names, with no word of the policy: %s", got)
	}
	for _, tt := range []struct {
		name     string
		row, has edit
		want     string
	}{
		{"case and trailing dot", ids(inventory.FQDN, "WEB-1.Example.com."), ids(inventory.FQDN, "web-1.example.com"), "pass"},
		{"short and full", ids(inventory.Hostname, "web-1"), ids(inventory.FQDN, "web-1.example.com"), "pass"},
		{"one of several", ids(inventory.FQDN, "web-1.example.com"), ids(inventory.FQDN, "www.example.com", "web-1.example.com"), "pass"},
		{"another domain", ids(inventory.FQDN, "web-1.example.com"), ids(inventory.FQDN, "web-1.example.net"), "fail: fqdn is web-1.example.net, recorded as web-1.example.com" + wrong},
		{"a name that the provider gave", ids(inventory.FQDN, "web-1.example.com"), ids(inventory.FQDN, "ip-10-0-0-1.eu-west-1.compute.internal"), "not applicable: the row and the thing have no attribute in common"},
		{"host name", ids(inventory.Hostname, "web-1"), ids(inventory.Hostname, "web-2"), "fail: hostname is web-2, recorded as web-1" + wrong},
		{"name", named("web-1"), named("web-2"), "fail: name is web-2, recorded as web-1" + wrong},
		{"name in another case", named("WEB-1"), named("web-1.example.com"), "pass"},
		{"name of the domain", named(`CORP\WEB-1`), named("web-1"), "pass"},
		{"name that Windows cut", named("PAYMENTS-LEDGER"), named("payments-ledger-a"), "pass"},
		{"a title", named("Payments ledger (prod)"), named("payments-ledger"), "not applicable: the row and the thing have no attribute in common"},
		{"named by its id", named("i-0aaaaaaaaaaaaaaaa"), named("web-1"), "pass"},
		{"nobody named it", named("web-1"), named("i-0aaaaaaaaaaaaaaaa"), "not applicable: the row and the thing have no attribute in common"},
		{"addresses with a prefix", ids(ip, "10.0.0.4/24"), ids(ip, "10.0.0.4"), "pass"},
		{"several in a cell, one in common", ids(ip, "10.0.0.4", "10.0.0.5"), ids(ip, "10.0.0.5", "10.0.0.6"), "pass"},
		{"none in common", ids(ip, "10.0.0.4"), ids(ip, "10.0.0.5", "10.0.0.6"), "fail: private-ip is 10.0.0.5, 10.0.0.6, recorded as 10.0.0.4" + wrong},
		{"an address of another kind", ids(inventory.PublicIP, "198.51.100.7"), ids(ip, "10.0.0.5"), "not applicable: the row and the thing have no attribute in common"},
		{"an address of another family", ids(ip, "fd00::1"), ids(ip, "10.0.0.5"), "not applicable: the row and the thing have no attribute in common"},
		{"IPv6 in another spelling", ids(ip, "fd00:0:0::1"), ids(ip, "fd00::1"), "pass"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := said(judged(t, names, nil, allRead, row("SRV-1", vm, tt.row), seen(arnA, tt.has))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	declared := entry(inventory.Declared, "infra", "main.tf#aws_instance.web", ec2, named("web"), id(ip, "10.0.0.9"))
	if got := said(judged(t, nil, nil, allRead, row("SRV-1", vm, named("web-1"), id(ip, "10.0.0.4")), declared)); !strings.HasPrefix(got, "not applicable") {
		t.Errorf("names that code gives are compared: %s", got)
	}
}

func TestZone(t *testing.T) {
	zone := func(region, zone string) edit {
		return func(e *inventory.Entry) { e.Account, e.Region, e.Zone = account, region, zone }
	}
	for _, tt := range []struct{ recorded, actual, want string }{
		{"eu-west-1a", "eu-west-1b", "fail: zone is eu-west-1b, recorded as eu-west-1a: the register is to be corrected"},
		{"eu-west-1a", "eu-west-1a", "pass"},
		{"eu-west-1", "eu-west-1a", "pass"},
		{"Hall 3", "eu-west-1a", "pass"},
		{"eu-west-1a", "", "pass"},
	} {
		got := said(judged(t, nil, nil, allRead, row(arnA, ec2, zone("eu-west-1", tt.recorded)), seen(arnA, zone("eu-west-1", tt.actual))))
		if got != tt.want {
			t.Errorf("%s, %s: %s", tt.recorded, tt.actual, got)
		}
	}
}

func TestTags(t *testing.T) {
	wrong := ": the register is to be corrected"
	nothing := "not applicable: the row and the thing have no attribute in common"
	register := trust(map[string]inventory.Book{"tags.owner": inventory.Recorded})
	kept := &TagIndex{keys: map[tagPlace]bool{{"dc", "s", "owner"}: true}}
	unknownTags := func(e *inventory.Entry) { e.Tags = inventory.UnknownTags() }
	unknownValue := func(e *inventory.Entry) {
		e.Tags = inventory.KnownTags(inventory.Tag{Key: "owner", ValueUnknown: true})
	}
	unconfirmed := func(e *inventory.Entry) { e.TagsUnconfirmed = true }
	for _, tt := range []struct {
		name     string
		policy   *rules.Policy
		keys     *TagIndex
		row, has edit
		want     string
	}{
		{"unknown: the thing's tags could not be read", nil, nil, tagged("owner", "payments"), unknownTags, "unknown: tags.owner could not be read"},
		{"unknown: the value could not", nil, nil, tagged("owner", "payments"), unknownValue, "unknown: tags.owner could not be read"},
		{"unknown: those of an earlier scan", nil, nil, tagged("owner", "payments"), func(e *inventory.Entry) { tagged("owner", "search")(e); unconfirmed(e) }, "unknown: tags.owner could not be read"},
		{"unknown: the row's are", nil, nil, func(e *inventory.Entry) { tagged("owner", "payments")(e); unconfirmed(e) }, tagged("owner", "search"), "unknown: tags.owner could not be read"},
		{"the register has no tags", nil, nil, unknownTags, tagged("owner", "search"), nothing},
		{"the thing cannot bear tags", nil, nil, tagged("owner", "payments"), func(e *inventory.Entry) { e.Tags = inventory.NotTaggable() }, nothing},
		{"the same", nil, nil, tagged("owner", "payments"), tagged("owner", "payments", "env", "prod"), "pass"},
		{"another", nil, nil, tagged("owner", "payments"), tagged("owner", "search"), "fail: tags.owner is search, recorded as payments" + wrong},
		{"in another case", nil, nil, tagged("owner", "Payments"), tagged("owner", "payments"), "fail: tags.owner is payments, recorded as Payments" + wrong},
		{"missing on the thing", trust(nil), nil, tagged("owner", "payments"), tagged(), "fail: tags.owner is not there, recorded as payments" + wrong},
		{"blank on the thing", trust(nil), nil, tagged("owner", "payments"), tagged("owner", " "), "fail: tags.owner is not there, recorded as payments" + wrong},
		{"no column", nil, nil, tagged("env", "prod"), tagged("env", "prod", "owner", "search"), "pass"},
		{"an accepted spelling", trust(nil), nil, tagged("owner", "payments"), tagged("team", "payments"), "pass"},
		{"another in an accepted spelling", trust(nil), nil, tagged("Owner", "payments"), tagged("team", "search"), "fail: tags.owner is search, recorded as payments" + wrong},
		{"a spelling of which no rule speaks", trust(map[string]inventory.Book{"tags.crew": inventory.Observed}), nil, tagged("crew", "payments"), tagged("team", "payments"), "fail: tags.crew is not there, recorded as payments" + wrong},
		{"a column of the register's own", trust(nil), nil, tagged("support-level", "gold"), tagged("owner", "payments"), nothing},
		{"a column of the register's own, on the thing too", trust(nil), nil, tagged("support-level", "gold"), tagged("support-level", "none"), "fail: tags.support-level is none, recorded as gold" + wrong},
		{"the provider's own", nil, nil, tagged("aws:cloudformation:stack-name", "x"), tagged(), nothing},
		{"an empty cell", trust(nil), kept, tagged("env", "prod"), tagged("env", "prod", "owner", "search"), "pass"},
		{"an empty cell of the authority", register, kept, tagged("env", "prod"), tagged("env", "prod", "team", "search"), "fail: tags.owner is search, not recorded: the register is the authority, the thing is to be changed"},
		{"no column of the authority", register, &TagIndex{keys: map[tagPlace]bool{{"other", "s", "owner"}: true}}, tagged("env", "prod"), tagged("env", "prod", "owner", "search"), "pass"},
		{"an empty cell, and unknown tags", register, kept, tagged(), unknownTags, nothing},
		{"the authority has another value", register, kept, tagged("owner", "payments"), tagged("team", "search"), "fail: tags.owner is search, recorded as payments: the register is the authority, the thing is to be changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := said(judged(t, tt.policy, tt.keys, allRead, row("SRV-1", vm, tt.row), seen(arnA, tt.has))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestTagsOfThreeBooks: code is asked where the policy trusts it, or where nothing is observed.
func TestTagsOfThreeBooks(t *testing.T) {
	r, o := row("SRV-1", vm, tagged("owner", "payments")), seen(arnA, tagged("owner", "search"))
	d := entry(inventory.Declared, "infra", arnA, ec2, tagged("owner", "payments"))
	code := trust(map[string]inventory.Book{"tags.*": inventory.Declared})
	if got := said(judged(t, code, nil, allRead, r, o, d)); got != "pass" {
		t.Errorf("the register says what code says: %s", got)
	}
	if got := said(judged(t, nil, nil, allRead, r, o, d)); !strings.HasPrefix(got, "fail: tags.owner is search") {
		t.Errorf("reality is the authority: %s", got)
	}
	if got := said(judged(t, nil, nil, allRead, r, d)); got != "pass" {
		t.Errorf("nothing is observed: %s", got)
	}
	if got := said(judged(t, nil, nil, agents(inventory.RunOK), r, o, agent("web", tagged()))); !strings.HasPrefix(got, "fail: tags.owner is search") {
		t.Errorf("an agent without tags: %s", got)
	}
	if got := said(judged(t, nil, nil, agents(inventory.RunOK), r, seen(arnA, tagged("owner", "payments")), agent("web", tagged("owner", "nobody")))); got != "pass" {
		t.Errorf("one of two agrees: %s", got)
	}
}

// TestTagsOfAgents: what an agent is not told to report is not missing on the machine, and keeps nobody from comparing the rest.
func TestTagsOfAgents(t *testing.T) {
	text := inventory.StringValue
	unknownTags := func(e *inventory.Entry) { e.Tags = inventory.UnknownTags() }
	owned := row("SRV-1", server, tagged("owner", "payments"), has("os", text("Debian 12")))
	other := row("SRV-1", server, tagged("owner", "payments"), has("os", text("Debian 11")))
	debian := has("os", text("Debian 12"))
	unread := append(scopes(inventory.RunOK, inventory.RunOK), agents(inventory.RunFailed)[3])
	for _, tt := range []struct {
		name    string
		scopes  []inventory.ScopeState
		entries []*inventory.Entry
		want    string
	}{
		{"it maps no tags", agents(inventory.RunOK), []*inventory.Entry{owned, agent("web", unknownTags, debian)}, "pass"},
		{"and something else differs", agents(inventory.RunOK), []*inventory.Entry{other, agent("web", unknownTags, debian)}, "fail: os is Debian 12, recorded as Debian 11: the register is to be corrected"},
		{"it maps another", agents(inventory.RunOK), []*inventory.Entry{owned, agent("web", tagged("env", "prod"), debian)}, "pass"},
		{"it maps it", agents(inventory.RunOK), []*inventory.Entry{owned, agent("web", tagged("owner", "search"), debian)}, "fail: tags.owner is search, recorded as payments: the register is to be corrected"},
		{"the cloud says otherwise", agents(inventory.RunOK), []*inventory.Entry{owned, seen(arnA, tagged("owner", "search")), agent("web", unknownTags, debian)}, "fail: tags.owner is search, recorded as payments: the register is to be corrected"},
		{"the same, and the agents were not read", unread, []*inventory.Entry{row("SRV-1", server, tagged("owner", "payments")), seen(arnA, tagged("owner", "search")), agent("web", unknownTags)}, "fail: tags.owner is search, recorded as payments: the register is to be corrected"},
		{"agents that map it were not read", unread, []*inventory.Entry{owned, seen(arnA, tagged("owner", "search")), agent("web", tagged("owner", "payments"))}, "unknown: tags.owner could not be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := said(judged(t, trust(nil), nil, tt.scopes, tt.entries...)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestUnreadRowHidesNoOther: what could not be read of one row does not hide that another differs.
func TestUnreadRowHidesNoOther(t *testing.T) {
	text := inventory.StringValue
	a := row("SRV-1", vm, has("image", text("ami-1")))
	b := row("SRV-2", vm, has("InstanceType", text("t3.micro")))
	o := seen(arnA, attributes(inventory.Attribute{Name: "ImageId"}, inventory.Attribute{Name: "InstanceType", Value: text("t3.large")}))
	if got := said(judged(t, nil, nil, allRead, a, b, o)); got != "fail: InstanceType is t3.large, recorded as t3.micro: the register is to be corrected" {
		t.Error(got)
	}
}

func TestIndexTags(t *testing.T) {
	rows := []*inventory.Entry{row("a", vm, tagged("owner", "x")), row("b", vm, tagged("env", "y")), row("c", vm, tagged("team", "z"), from("other"))}
	x, err := IndexTags(t.Context(), func(yield func(*inventory.Entry, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil || !x.Keeps(rows[1], []string{"owner"}) || x.Keeps(rows[1], []string{"team"}) || !x.Keeps(rows[1], []string{"team", "env"}) {
		t.Errorf("%+v, %v", x, err)
	}
}

// TestFacetsAreNoDuplicates: a virtual machine is often recorded as the instance that it is for its host and as the server
// that it is for its guest.
func TestFacetsAreNoDuplicates(t *testing.T) {
	for name, ids := range map[string][]edit{
		"instance id": {id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")},
		"UUID":        {id(inventory.UUID, "421f245c-7fa8-60fa-6af6-a46351ced0eb")},
		"all of them": {id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa"), id(inventory.UUID, "421f245c-7fa8-60fa-6af6-a46351ced0eb"), named("web-1")},
	} {
		pair := []*inventory.Entry{row("sys-1", vm, ids...), row("sys-2", server, ids...)}
		for _, line := range audit(t, "records/duplicate", pair, allRead) {
			if !strings.HasPrefix(line, "pass ") {
				t.Errorf("%s: %s", name, line)
			}
		}
		two := []*inventory.Entry{row("sys-1", vm, ids...), row("sys-2", vm, ids...)}
		if !slices.ContainsFunc(audit(t, "records/duplicate", two, allRead), func(l string) bool { return strings.HasPrefix(l, "fail ") }) {
			t.Errorf("%s: two rows of one type are no duplicates", name)
		}
	}
}
