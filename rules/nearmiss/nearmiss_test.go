package nearmiss

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// words reads "prod 40, Prod 3, owner 5 =owner": what the policy calls a word stands behind "=".
func words(text string) []Word {
	var list []Word
	for item := range strings.SplitSeq(text, ", ") {
		var w Word
		item, w.Meant, _ = strings.Cut(item, " =")
		cut := strings.LastIndex(item, " ")
		w.Text = item[:cut]
		if _, err := fmt.Sscan(item[cut+1:], &w.Uses); err != nil {
			panic(err)
		}
		list = append(list, w)
	}
	return list
}

// brief writes clusters as "canonical < at fault, at fault".
func brief(list []Cluster) string {
	var lines []string
	for _, c := range list {
		var wrong []string
		for _, w := range c.AtFault() {
			wrong = append(wrong, w.Text)
		}
		lines = append(lines, c.Canonical+" < "+strings.Join(wrong, ", "))
	}
	return strings.Join(lines, "; ")
}

func TestClusters(t *testing.T) {
	for _, c := range []struct{ name, words, want string }{
		{"case", "Owner 2, owner 5, OWNER 1", "owner < Owner, OWNER"},
		{"case without a dominant form", "Owner 5, owner 5", "owner < Owner"},
		{"separators", "cost-center 9, CostCenter 3, cost_center 1, cost center 1", "cost-center < CostCenter, cost center, cost_center"},
		{"a mistake", "environment 40, enviroment 2", "environment < enviroment"},
		{"swapped", "owner 40, onwer 2", "owner < onwer"},
		{"swapped at the end", "environment 40, environmetn 1", "environment < environmetn"},
		{"two mistakes in a long word", "environment 40, enviromant 1", "environment < enviromant"},
		{"a mistake in one of two words", "cost-center 40, cost-cneter 1, CostCenetr 1", "cost-center < cost-cneter, CostCenetr"},
		{"abbreviations", "prod 40, Prod 3, production 30, prd 2", "prod < production, Prod, prd"},
		{"abbreviations within", "preprod 9, pre-prod 1, pre-production 1", "preprod < pre-prod, pre-production"},
		{"two abbreviations", "dev-db 3, development-database 1", "dev-db < development-database"},
		{"spelling of two continents", "cost-center 9, cost-centre 8", "cost-center < cost-centre"},
		{"a mistake in a word that is shortened elsewhere", "prod 40, production 31, prodution 2", "prod < production, prodution"},
		{"a mistake of a mistake", "environment 1000, enviroment 50, envirment 3", "environment < enviroment, envirment"},
		{"the policy's spelling counts, however rare", "owner 1 =owner, Owner 40", "owner < Owner"},
		{"what the policy accepts is right", "owner 1 =owner, Owner 40 =owner", ""},
		{"what the policy accepts stands for its canonical spelling", "Owner 40 =owner, OWNER 2", "owner < OWNER"},
		{"the policy knows a word that nobody uses", "environment 0 =environment, enviroment 70", "environment < enviroment"},
		{"two words of the policy", "payment 9 =payment, paymant 8 =paymant, paymint 1", "payment < paymint"},
		{"two rules for two cases", "Env 3 =Env, env 4 =env, ENV 1", "env < ENV"},
		{"white space", "prod 9, prod  1", "prod < prod "},
		{"accents are letters", "größe 40, grösse 2, Größe 1", "größe < Größe"},

		{"numbers that differ", "env1 40, env2 2, env-10 1, v1.2 9, v12 1", ""},
		{"versions", "1.2 40, 1.20 1, 12 2, 1-2 3", ""},
		{"short words", "eu 40, us 2, qa 7, ga 1, dev 9, des 1", ""},
		{"short parts of long words", "eu-west-1 400, us-west-1 3, eu-east-1 2, team-a 90, team-b 1", ""},
		{"one letter at the end", "teama 90, teamb 1, shop-node-a 50, shop-node-b 1", ""},
		{"opposites", "internal 90, external 2, importer 80, exporter 3, inbound 50, outbound 1, frontend 70, backend 3", ""},
		{"plurals and other endings", "team 90, teams 2, service 80, services 3, scheduled 70, scheduler 1, payment 60, payments 4", ""},
		{"teams of nearly one name, both in use", "lending 40, landing 12", ""},
		{"nothing to go by", "lending 2, landing 1, serach 1, search 2", ""},
		{"exactly a tenth", "search 30, serach 3", ""},
		{"less than a tenth", "search 31, serach 3", "search < serach"},
		{"addresses", "j.doe@example.com 40, jdoe@example.com 1", ""},
		{"addresses but for case", "J.Doe@example.com 1, j.doe@example.com 40", "j.doe@example.com < J.Doe@example.com"},
		{"ARNs", "arn:aws:sqs:eu-west-1:111122223333:my-queue 40, arn:aws:sqs:eu-west-1:111122223333:myqueue 1", ""},
		{"paths", "acme/web-app 50, acme/webapp 1", ""},
		{"signs", "c 9, c++ 3, c# 2", ""},
		{"nothing but signs", "- 40, _ 2,  3, -- 1", ""},
		{"negative numbers", "-1 5, 1 90", ""},
		{"one word", "owner 4", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := brief(Clusters(words(c.words))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestAbbreviationsAreUnambiguous keeps the table one in which every spelling stands for one word, written as folding writes it.
func TestAbbreviationsAreUnambiguous(t *testing.T) {
	seen := map[string]string{}
	for line := range strings.Lines(abbreviationsText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) == 1 {
			t.Errorf("%q is short for nothing", line)
		}
		for _, w := range fields {
			if first := seen[w]; first != "" {
				t.Errorf("%s stands for %s and for %s", w, first, fields[0])
			}
			seen[w] = fields[0]
			if parts := split(w); len(parts) != 1 || parts[0] != w {
				t.Errorf("%q is taken apart as %q", w, parts)
			}
		}
	}
}

func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		"CostCenter2": {"cost", "center", "2"}, "cost_center 2": {"cost", "center", "2"}, "HTTPServer": {"http", "server"}, "eu-west-1": {"eu", "west", "1"},
		"": nil, "--": nil, "c++": {"c", "++"}, "a\x00b": {"a", "\x00", "b"}, "\xff": {"�"},
	} {
		if diff := cmp.Diff(want, split(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// estate draws words that are near each other more often than chance has it.
func estate(t *rapid.T) []Word {
	stems := []string{"environment", "prod", "production", "owner", "cost-center", "team", "lending", "landing", "env1", "env2", "payments"}
	seen := map[string]bool{}
	var list []Word
	for range rapid.IntRange(1, 25).Draw(t, "n") {
		text := []byte(rapid.SampledFrom(stems).Draw(t, "stem"))
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.SampledFrom([]byte("aeXnE-_1")).Draw(t, "letter")
		}
		w := Word{Text: string(text), Uses: rapid.SampledFrom([]int{1, 2, 3, 31, 400, 5000}).Draw(t, "uses")}
		if rapid.IntRange(0, 5).Draw(t, "known") == 0 {
			w.Meant = w.Text
		}
		if !seen[w.Text] {
			list = append(list, w)
		}
		seen[w.Text] = true
	}
	return list
}

func TestOrderMeansNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := estate(t)
		shuffled := rapid.Permutation(list).Draw(t, "shuffled")
		if diff := cmp.Diff(Clusters(list), Clusters(shuffled)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestClustersAreAnEquivalence: no word is in two, all come from the words given, and the clusters' own words make the same clusters.
func TestClustersAreAnEquivalence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := estate(t)
		clusters := Clusters(list)
		of := map[string]string{}
		for _, c := range clusters {
			for _, w := range c.Words {
				if of[w.Text] != "" || !slices.Contains(list, w) {
					t.Fatalf("%q is in %q and %q", w.Text, of[w.Text], c.Name)
				}
				of[w.Text] = c.Name
			}
			if diff := cmp.Diff([]Cluster{c}, Clusters(c.Words)); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// TestOneMoreWord: a word that is near to nothing changes nothing, and neither does one more use of what is most used.
func TestOneMoreWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := estate(t)
		before := Clusters(list)
		more := append(slices.Clone(list), Word{Text: rapid.SampledFrom([]string{"zzyzx", "Zzyzx-1", "7"}).Draw(t, "more"), Uses: rapid.IntRange(0, 9999).Draw(t, "uses")})
		if diff := cmp.Diff(before, Clusters(more)); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzClusters(f *testing.F) {
	f.Add("Owner", "owner", 3)
	f.Add("\xff", "-", 0)
	f.Fuzz(func(t *testing.T, a, b string, uses int) {
		if a == b {
			return
		}
		for _, c := range Clusters([]Word{{Text: a, Uses: uses}, {Text: b, Uses: 40}}) {
			if len(c.AtFault()) != 1 || len(c.Words) != 2 {
				t.Errorf("%q, %q: %+v", a, b, c)
			}
		}
	})
}

func BenchmarkClusters(b *testing.B) {
	var list []Word
	for i := range 2000 {
		list = append(list, Word{Text: fmt.Sprintf("team-%c%c%cation", 'a'+i%26, 'a'+i/26%26, 'a'+i/676), Uses: 1 + i%50})
	}
	for b.Loop() {
		Clusters(list)
	}
}
