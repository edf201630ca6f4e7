package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/inventorytest"
)

// TestQueryPlans checks that no query reads more than it must: each one of the big tables is entered through a key, an
// index, or the range of ids that is one scope.
func TestQueryPlans(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "muster.db"), Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // a test
	both := func(past bool, where string) string { return contentQuery(past, true, where) + " ORDER BY 1" }
	tags := selection{}
	tags.addTag("owner=payments")
	noTag := selection{}
	noTag.addTag("!owner")
	plans := map[string]func(t *testing.T){}
	for name, c := range map[string]struct {
		query string
		uses  string
	}{
		"latest contents":   {both(false, ""), "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		"a batch":           {leanQuery(false, true), "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		"a past batch":      {leanQuery(true, true), "USING PRIMARY KEY (asset_id>? AND asset_id<?)"},
		"tags of a set":     {tagsByID, "USING INTEGER PRIMARY KEY (rowid=?)"},
		"attributes":        {attributesByID, "USING INTEGER PRIMARY KEY (rowid=?)"},
		"earlier contents":  {both(true, ""), "USING PRIMARY KEY (asset_id>? AND asset_id<?)"},
		"tag":               {both(false, tags.where), "USING COVERING INDEX tag_key_value (key=? AND value=?)"},
		"no tag":            {both(false, noTag.where), "USING COVERING INDEX tag_key_value (key=?)"},
		"identities":        {identitiesLatest + " UNION ALL " + identitiesPast + " ORDER BY 1", "USING INTEGER PRIMARY KEY"},
		"ended":             {endedOfScope, "SEARCH a USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		"assets of a scope": {assetsOfScope, "SEARCH asset USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		"by key":            {idsByKey, "USING COVERING INDEX asset_key (key=?)"},
		"history":           {stretchesByKey, "USING INDEX asset_key (key=?)"},
		"touched":           {touchedAfter, "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		"tag changes":       {tagVersionsOfScope, "USING PRIMARY KEY (asset_id>? AND asset_id<?)"},
		"ending":            {lastEnding, "USING INTEGER PRIMARY KEY (rowid=?)"},
		"content":           {contentByID, "USING INTEGER PRIMARY KEY (rowid=?)"},
		"findings":          {findingsAt, "USING INDEX finding_version"},
		"findings around":   {findingsAround, "USING INDEX finding_version"},
		"known assets":      {knownAssets, "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		"last read":         {lastRead, "USING PRIMARY KEY (scope_id=? AND scan_id<?)"},
		"scan at":           {scanBefore, "USING INDEX scan_started (started<?)"},
		"runs":              {runsOfScan, "USING COVERING INDEX scope_run_scan (scan_id=?)"},
		"problems":          {problemsOfRun, "USING PRIMARY KEY (scan_id=? AND scope_id=?)"},
		"evaluation before": {evaluationBefore, "USING INTEGER PRIMARY KEY (rowid<?)"},
		"assets_now":        {"SELECT * FROM assets_now WHERE key = 'x'", "USING INDEX asset_key (key=?"},
		"tags_now":          {"SELECT * FROM tags_now", "USING PRIMARY KEY (set_id=?)"},
		"staged to past":    {stagedToPast, "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"},
		"staged to asset":   {stagedToAsset, "SEARCH asset USING INTEGER PRIMARY KEY (rowid=?)"},
		"staged marks":      {stagedCloseMarks, "SEARCH unconfirmed USING PRIMARY KEY (asset_id=?)"},
	} {
		plans[name] = func(t *testing.T) { checkPlan(t, s, c.query, c.uses) }
	}
	for name, check := range plans {
		t.Run(name, check)
	}
	fill(t, s)
	for name, check := range plans {
		t.Run(name+" with statistics", check)
	}
}

// fill gives the planner something to count.
func fill(t *testing.T, s *Store) {
	t.Helper()
	for round := range 3 {
		var list []inventory.Asset
		for i := range 2000 {
			value := fmt.Sprint(i % 50)
			if i < 100 {
				value = fmt.Sprint(round)
			}
			list = append(list, inventorytest.Asset(fmt.Sprintf("k-%d", i), inventorytest.Tags("owner", value, "n", fmt.Sprint(i))))
		}
		inventorytest.Scan(t, s, inventorytest.Read("a", list...), inventorytest.Read("b", list[:100]...))
	}
	err := within(t.Context(), s.writer, func(c *conn) error {
		_, err := c.exec(t.Context(), "ANALYZE")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkPlan(t *testing.T, s *Store, query, uses string) {
	ctx := t.Context()
	var plan []string
	err := within(ctx, s.writer, func(c *conn) error {
		args := make([]any, strings.Count(query, "?"))
		return c.each(ctx, func(r *cursor) (bool, error) {
			plan = append(plan, r.text(3))
			return true, nil
		}, "EXPLAIN QUERY PLAN "+query, valuesOf(make([]int64, len(args)))...)
	})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(plan, "\n")
	if !strings.Contains(text, uses) {
		t.Errorf("%s\nis planned as\n%s\nwhich does not go %s", query, text, uses)
	}
	for _, line := range plan {
		for _, big := range []string{"SCAN asset", "SCAN a", "SCAN v", "SCAN asset_past", "SCAN tag", "SCAN unconfirmed", "SCAN unseen"} {
			if line == big {
				t.Errorf("%s\nreads all of a big table: %s", query, line)
			}
		}
	}
}
