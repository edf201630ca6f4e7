package aws

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/awstest"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/collectors/tape"
	"github.com/muster-audit/muster/inventory"
)

// transcript tells everything that a scan of a collector comes to, in words.
func transcript(t *testing.T, c *collector) string {
	t.Helper()
	var b strings.Builder
	scopes := scopesOf(t, c)
	for _, id := range slices.Sorted(maps.Keys(scopes)) {
		r := read(t.Context(), c, scopes[id])
		fmt.Fprintf(&b, "%s: %v %s\n", id, r.err, r.reason())
		for _, key := range slices.Sorted(maps.Keys(r.assets)) {
			a := r.assets[key]
			fmt.Fprintf(&b, "  %s\n", inventory.EncodeAsset(&a))
		}
	}
	return b.String()
}

// TestReplay records a scan with refusals, a region without a name, a throttled call and a role that nobody may assume, and plays it
// back where there is neither a server nor a credential: the same comes out, to the letter.
func TestReplay(t *testing.T) {
	s := awstest.New(t)
	queues(s)
	s.Intrude(func(c awstest.Call) *awstest.Answer {
		switch {
		case c.Operation == "GetQueueAttributes" && strings.Contains(c.Body, "q1-b"):
			return &awstest.Answer{Status: 403, Code: "AccessDeniedException"}
		case c.Operation == "ListQueues" && c.Account == "222222222222" && c.N < 1:
			return &awstest.Answer{Status: 400, Code: "ThrottlingException"}
		case c.Operation == "ListQueues" && c.Region == "eu-west-1" && strings.Contains(c.Body, awstest.PageToken(2)):
			return &awstest.Answer{Status: 500, Body: "<html>oops</html>"}
		}
		return nil
	})
	options := onlyQueues(Options{Regions: []string{"us-east-1", "eu-west-1", "eu-wset-1"}, Accounts: []Account{
		{ID: "111122223333"},
		{ID: "222222222222", Role: "arn:aws:iam::222222222222:role/Reader"},
		{ID: "333333333333", Role: "arn:aws:iam::333333333333:role/Refused"},
	}})
	dir := filepath.Join(t.TempDir(), "recording")
	started := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
	recorder, err := tape.Create(dir, tape.Header{Recorded: started, HashKey: []byte("0123456789abcdef"), Tool: "muster test", Source: "aws", Collector: "aws"})
	if err != nil {
		t.Fatal(err)
	}
	live := newTest(t, s, options)
	live.env.Now = func() time.Time { return started }
	live.session = session.New(session.Options{Allowed: live.allowed, Attempts: 3, NoBackoff: true, Record: recorder})
	want := transcript(t, live)
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	if strings.Count(want, "arn:aws:sqs") < 20 || !strings.Contains(want, "HTTP status 500") || !strings.Contains(want, "role/Refused") {
		t.Fatalf("the recorded scan is not what this test is about:\n%s", want)
	}

	s.Intrude(func(c awstest.Call) *awstest.Answer {
		t.Errorf("a replay asked the network for %s", c.Operation)
		return nil
	})
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_PROFILE", "nobody")
	t.Setenv("AWS_REGION", "sa-east-1")
	options.Replay = filepath.Base(dir)
	env := collectors.Env{Dir: filepath.Dir(dir), Now: time.Now, Secret: inventory.NewSecretHash([]byte("another key 1234"))}
	played, err := newCollector(env, inventory.Source{Name: "elsewhere", Book: inventory.Observed}, options)
	if err != nil {
		t.Fatal(err)
	}
	play, err := tape.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	played.session = session.New(session.Options{Allowed: played.allowed, Attempts: 3, Play: play})
	if got := transcript(t, played); got != want {
		t.Errorf("played back:\n%s\nrecorded:\n%s", got, want)
	}
}

func TestReplayOfNothing(t *testing.T) {
	env := collectors.Env{Dir: t.TempDir(), Now: time.Now}
	_, err := newCollector(env, inventory.Source{Name: "aws"}, Options{Replay: "nowhere"})
	if err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v", err)
	}
}
