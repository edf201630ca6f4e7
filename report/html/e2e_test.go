//go:build e2e

package htmlreport

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
)

// These tests drive Chromium through the page. They need it on PATH, and fail where it is missing:
//
//	go test -tags e2e ./report/html
//	AXE_JS=node_modules/axe-core/axe.min.js go test -tags e2e -run Axe ./report/html

// rowNames are the assets in the list, as shown.
const rowNames = `[...document.querySelectorAll('#rows .row .c-asset span')].map((e) => e.textContent)`

func TestBrowserOpensQuietly(t *testing.T) {
	for name, r := range map[string]*report.Report{
		"small": reporttest.Small(), "clean": reporttest.Clean(), "empty": reporttest.Empty(), "hostile": reporttest.Hostile(),
	} {
		b := open(t, r, "")
		if name == "small" {
			expect(t, b, `document.querySelectorAll('#rows .row').length`, 11)
			expect(t, b, `document.querySelectorAll('.static').length`, 0)
		}
		b.quiet()
	}
}

func TestBrowserRunsNothingHostile(t *testing.T) {
	b := open(t, reporttest.Hostile(), "")
	b.run(`document.querySelectorAll('.open').forEach((e) => e.click())`)
	b.run(`document.querySelectorAll('a, button, .row').forEach((e) => e.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})))`)
	b.run(`document.querySelectorAll('#overview ~ .cards a, #rules a, .coverage a').forEach((e) => e.click())`)
	expect(t, b, `typeof window.owned`, "undefined")
	expect(t, b, `document.querySelectorAll('script').length`, 1) // the data block is taken in and gone
	expect(t, b, `document.querySelectorAll('img, iframe, [onerror], [onmouseover]').length`, 0)
	b.quiet()
}

func TestBrowserSearches(t *testing.T) {
	b := open(t, reporttest.Small(), "")
	b.fill("q", "payments t3 owner")
	expect(t, b, rowNames, []string{})
	expect(t, b, `document.getElementById('nothing').hidden`, false)
	b.fill("q", "LEDGER drift")
	expect(t, b, rowNames, []string{"ledger-2"})
	b.fill("q", "main.tf:48")
	expect(t, b, rowNames, []string{"payments-api-1"})
	expect(t, b, `document.getElementById('count').textContent`, "1 finding of 12")
	b.run(`document.getElementById('clear').click()`)
	expect(t, b, rowNames+".length", 11)
	b.quiet()
}

func TestBrowserFilters(t *testing.T) {
	b := open(t, reporttest.Small(), "")
	b.pick("#f-severity", "critical")
	expect(t, b, rowNames, []string{"payments-db-tunnel"})
	b.pick("#f-severity", "low")
	expect(t, b, rowNames, []string{"payments-db-tunnel", "dub-ledger-01", "acme-media"})
	b.pick("#f-severity", "critical")
	b.pick("#f-severity", "low")
	for _, state := range []string{"new", "open", "unconfirmed", "resolved"} {
		b.pick("#f-state", state)
	}
	expect(t, b, rowNames, []string{"acme-tmp-2024"})
	b.run(`document.getElementById('clear').click()`)
	b.choose("f-owner", "(none)")
	expect(t, b, rowNames, []string{"search-indexer-7", "acme-exports", "batch-scratch"})
	b.choose("f-source", "aws-prod")
	b.choose("f-rule", "tags/owner")
	expect(t, b, rowNames, []string{"acme-exports"})
	expect(t, b, `location.hash`, "#?owner=&rule=tags%2Fowner&source=aws-prod")
	b.quiet()
}

func TestBrowserSorts(t *testing.T) {
	b := open(t, reporttest.Small(), "#?severity=low,info,medium")
	first := rowNames + "[0]"
	expect(t, b, first, "batch-scratch")
	head := `document.querySelector('[data-sort=name] button')`
	b.run(head + ".click()")
	expect(t, b, first, "acme-media")
	expect(t, b, `document.querySelector('[data-sort=name]').getAttribute('aria-sort')`, "ascending")
	b.run(head + ".click()")
	expect(t, b, first, "sessions")
	expect(t, b, `location.hash`, "#?severity=low%2Cinfo%2Cmedium&sort=-name")
	b.run(head + ".click()")
	expect(t, b, first, "batch-scratch")
	expect(t, b, `document.querySelectorAll('[aria-sort]').length`, 0)
	b.run(`document.querySelector('[data-sort=severity] button').click()`)
	expect(t, b, `document.querySelector('#rows .c-severity b').textContent`, "medium")
	b.run(`document.querySelector('[data-sort=severity] button').click()`)
	expect(t, b, `document.querySelector('#rows .c-severity b').textContent`, "info")
	b.quiet()
}

func TestBrowserDeepLinks(t *testing.T) {
	b := open(t, reporttest.Small(), "#?q=drift&severity=high&state=new,open&account=acme-prod&sort=-name")
	expect(t, b, rowNames, []string{"ledger-2"})
	expect(t, b, `[document.getElementById('q').value, document.querySelector('#f-severity :checked').value].join()`, "drift,high")
	expect(t, b, `document.getElementById('f-account').selectedOptions[0].textContent.split(' ')[0]`, "acme-prod")
	b.run(`document.querySelector('.tallies a[href*="owner=search"]').click()`)
	b.until(rowNames+".join()", "reindex,acme-media")
	b.run(`location.hash = '#?state=resolved'`)
	b.until(rowNames+".join()", "acme-tmp-2024")
	b.run(`location.hash = '#?severity=dire&sort=nothing&state='`)
	b.until(rowNames+".length", 12)
	b.quiet()
}

// TestBrowserAges filters by when a finding came: since the last complete scan, as the first screen counts it, and by days.
func TestBrowserAges(t *testing.T) {
	b := open(t, reporttest.Small(), "")
	b.run(`document.querySelector('a[href="#?age=since"]').click()`)
	b.until(`document.getElementById('count').textContent`, "4 findings of 12")
	expect(t, b, rowNames, []string{"payments-db-tunnel", "ledger-2", "payments-api-1", "search-indexer-7"})
	expect(t, b, `document.getElementById('f-age').selectedOptions[0].textContent`, "since the last complete scan")
	b.choose("f-age", "in the last 7 days")
	expect(t, b, rowNames+".length", 10)
	b.choose("f-age", "in the last 30 days")
	expect(t, b, rowNames+".length", 11)
	b.choose("f-age", "over 30 days")
	expect(t, b, rowNames, []string{})
	expect(t, b, `location.hash`, "#?age=over30d")
	b.choose("f-age", "Any time")
	expect(t, b, `location.hash`, "")
	none := reporttest.Small()
	none.Changes = nil
	b.load(none, "#?age=since")
	expect(t, b, rowNames+".length", 3) // those new in this scan, and the page says so
	expect(t, b, `document.getElementById('f-age').selectedOptions[0].textContent`, "in this scan")
	b.quiet()
}

// TestBrowserOwners goes from the table of owners to the findings of one, and from a finding to its own address and back.
func TestBrowserOwners(t *testing.T) {
	b := open(t, reporttest.Small(), "")
	expect(t, b, `[...document.querySelectorAll('.owners tbody th')].map((e) => e.textContent)`, []string{"payments", "no owner", "search", "platform"})
	b.run(`document.querySelectorAll('.owners a')[1].focus()`)
	b.key(kb.Enter)
	b.until(rowNames+".join()", "search-indexer-7,acme-exports,batch-scratch")
	b.run(`document.querySelectorAll('#rows .open')[1].click()`)
	b.run(`[...document.querySelectorAll('.detail a')].find((a) => a.textContent === 'Link to this finding').click()`)
	b.until(rowNames+".join()", "acme-exports")
	expect(t, b, `document.querySelectorAll('.detail').length`, 1)
	b.load(reporttest.Small(), "#?q="+reporttest.Small().Findings[2].Fingerprint)
	expect(t, b, rowNames, []string{"payments-api-1"})
	expect(t, b, `document.querySelectorAll('.detail .sides tbody tr').length`, 3) // one finding is shown open
	b.quiet()
}

// TestBrowserCopies: what cannot reach the clipboard says so, and the address is never lost.
func TestBrowserCopies(t *testing.T) {
	b := open(t, reporttest.Small(), "")
	expect(t, b, `document.getElementById('link').hidden`, true)
	b.run(`window.copied = []; Object.defineProperty(navigator, 'clipboard', {configurable: true, value: {writeText: (s) => (window.copied.push(s), Promise.resolve())}})`)
	b.pick("#f-severity", "critical")
	b.run(`document.getElementById('link').click()`)
	b.until(`document.getElementById('link').textContent`, "Link copied")
	b.run(`document.querySelector('#rows .open').click(); document.querySelector('.detail .copy button').click()`)
	b.until(`document.querySelector('.detail .copy button').textContent`, "Copied")
	expect(t, b, `window.copied[0].endsWith('#?severity=critical')`, true)
	expect(t, b, `window.copied[1] === document.querySelector('.detail pre').textContent`, true)
	b.run(`Object.defineProperty(navigator, 'clipboard', {value: undefined}); document.getElementById('link').click()`)
	expect(t, b, `document.getElementById('link').textContent`, "Copy it from the address bar")
	b.quiet()
}

// TestBrowserShowsTheFirstScreen: verdict, unread scopes and every number fit a laptop's window, and stay in sight below it.
func TestBrowserShowsTheFirstScreen(t *testing.T) {
	b := start(t)
	b.must(chromedp.EmulateViewport(1280, 800))
	b.load(reporttest.Small(), "")
	expect(t, b, `[...document.querySelectorAll('#overview, #unread, .card')].every((e) => e.getBoundingClientRect().bottom <= innerHeight)`, true)
	expect(t, b, `document.querySelectorAll('.card svg[role=img][aria-label], .card figure[role=img][aria-label]').length >= 4`, true)
	b.run(`scrollTo({top: document.body.scrollHeight, behavior: 'instant'})`)
	expect(t, b, `[...document.querySelectorAll('.chip')].map((e) => e.textContent + Math.sign(e.getBoundingClientRect().top))`, []string{"Did not pass1", "3 scopes not read1"})
	for _, width := range []int64{1280, 1024, 760, 390} {
		b.must(chromedp.EmulateViewport(width, 800))
		expect(t, b, `document.documentElement.scrollWidth <= innerWidth`, true)
	}
	b.quiet()
}

// TestBrowserKeepsFocusInSight: what sticks to the window's top covers neither the row that has the focus nor a section that a link leads to.
func TestBrowserKeepsFocusInSight(t *testing.T) {
	b := open(t, reporttest.Big(3000), "")
	b.run(`document.querySelector('#rows .open').focus()`)
	b.key(kb.End)
	for range 30 {
		b.key(kb.ArrowUp)
	}
	expect(t, b, `document.activeElement.getBoundingClientRect().top >= document.querySelector('#list thead th').getBoundingClientRect().bottom - 1`, true)
	b.run(`document.querySelector('.top a[href="#scopes"]').click()`)
	b.until(`Math.round(document.getElementById('scopes').getBoundingClientRect().top) >= document.querySelector('.top').offsetHeight - 1`, true)
	b.quiet()
}

func TestBrowserKeyboard(t *testing.T) {
	b := open(t, reporttest.Small(), "")
	focused := `document.activeElement.closest('tr')?.querySelector('.c-asset span').textContent`
	b.slash()
	expect(t, b, `document.activeElement.id`, "q")
	b.key("owner")
	expect(t, b, `document.getElementById('q').value`, "owner")
	b.key(kb.Escape)
	expect(t, b, `document.getElementById('q').value`, "")
	b.run(`document.querySelector('#rows .open').focus()`)
	b.key(kb.ArrowDown, kb.ArrowDown)
	expect(t, b, focused, "payments-api-1")
	b.key(kb.Enter)
	expect(t, b, `document.activeElement.getAttribute('aria-expanded')`, "true")
	expect(t, b, `document.querySelectorAll('.detail .sides tbody tr').length`, 3)
	expect(t, b, `document.querySelector('.detail .sides mark').textContent`, "micro")
	expect(t, b, `document.getElementById(document.activeElement.getAttribute('aria-controls')) !== null`, true)
	b.key(kb.End)
	expect(t, b, focused, "sessions")
	b.key(kb.Home, kb.ArrowDown, kb.ArrowDown, kb.Enter)
	expect(t, b, `document.querySelectorAll('.detail').length`, 0)
	expect(t, b, `document.querySelectorAll('#rows .open[tabindex="0"]').length`, 1)
	b.quiet()
}

func TestBrowserDrawsOnlyWhatIsInSight(t *testing.T) {
	b := open(t, reporttest.Big(20_000), "")
	expect(t, b, `document.querySelectorAll('#rows .row').length < 100`, true)
	b.run(`document.querySelector('#rows .open').focus()`)
	b.key(kb.End)
	expect(t, b, `Number(document.activeElement.closest('tr').getAttribute('aria-rowindex'))`, 16_001)
	expect(t, b, `document.querySelectorAll('#rows .row').length < 100`, true)
	b.key(kb.Enter)
	expect(t, b, `document.querySelectorAll('.detail').length`, 1)
	// The list is as long as all its rows and the open detail together.
	expect(t, b, `Math.abs(document.getElementById('rows').getBoundingClientRect().height
		- 16000 * document.querySelector('.row').getBoundingClientRect().height
		- document.querySelector('.detail').getBoundingClientRect().height) < 2`, true)
	b.quiet()
}

func TestBrowserTheme(t *testing.T) {
	b := open(t, reporttest.Small(), "")
	ground := `getComputedStyle(document.body).backgroundColor`
	b.media("", "light")
	expect(t, b, ground, "rgb(247, 247, 245)")
	b.media("", "dark")
	expect(t, b, ground, "rgb(18, 19, 21)")
	b.run(`document.getElementById('theme').click()`)
	expect(t, b, ground, "rgb(247, 247, 245)")
	expect(t, b, `document.getElementById('theme').getAttribute('aria-pressed')`, "false")
	b.quiet()
}

func TestBrowserPrintsTheFilteredList(t *testing.T) {
	b := open(t, reporttest.Big(20_000), "#?owner=team-07")
	before := `document.querySelectorAll('#rows .row').length < 100`
	expect(t, b, before, true)
	b.run(`dispatchEvent(new Event('beforeprint'))`)
	expect(t, b, `document.querySelectorAll('#rows .row').length`, 500)
	expect(t, b, `document.getElementById('print-note').textContent`, "The first 500 of 800 findings that the filters show.")
	b.run(`dispatchEvent(new Event('afterprint'))`)
	expect(t, b, before, true)
	pdf, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{})
	if err != nil || len(pdf.Data) == 0 {
		t.Errorf("print to PDF: %d bytes, %v", len(pdf.Data), err)
	}
	b.quiet()
}

func TestBrowserWithoutScript(t *testing.T) {
	b := start(t)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.load(reporttest.Small(), "")
	shown, err := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS("body")))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Did not pass", "Findings by owner", "Scan by scan", "3 of 8 scopes were not read whole", "tag db_password looks like a secret", "declared t3.micro, actual t3.large",
		"terraform apply -target", "cost-center",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("without script the page does not show %q", want)
		}
	}
	if strings.Contains(shown, "Clear all filters") {
		t.Error("without script the page shows controls that do nothing")
	}
}

// TestBrowserCauses goes from a group of findings to the list of them, by keyboard, and reads a difference element by element.
func TestBrowserCauses(t *testing.T) {
	b := open(t, reporttest.Grouped(), "")
	b.run(`document.querySelectorAll('#causes summary')[0].focus()`)
	b.key(kb.Enter)
	expect(t, b, `document.querySelectorAll('#causes details')[0].open`, true)
	b.run(`document.querySelectorAll('#causes details')[0].querySelector('a').focus()`)
	b.key(kb.Enter)
	b.until(`document.getElementById('count').textContent`, "40 findings of 68")
	expect(t, b, `document.getElementById('f-group').selectedOptions[0].textContent`, "InstanceType is t3.large, declared t3.micro  (40)")
	b.run(`document.getElementById('clear').click()`)
	b.until(`document.getElementById('count').textContent`, "67 findings of 68")
	b.run(`document.querySelector('.open').click()`)
	expect(t, b, `[...document.querySelectorAll('.detail .sides ins')].map((e) => e.textContent).join(' ')`, "s3:* * 0.0.0.0/0 ::/0")
	expect(t, b, `document.querySelector('.detail .sides').textContent.includes('changed (secret)')`, true)
	expect(t, b, `document.body.textContent.includes('hmac:')`, false)
	b.run(`document.querySelector('.detail summary').click()`)
	b.until(`document.querySelector('.detail details').open`, true)
	b.quiet()
}

// TestBrowserAxe runs the accessibility checks of axe-core, light and dark, wide and narrow, with a detail open.
func TestBrowserAxe(t *testing.T) {
	file := os.Getenv("AXE_JS")
	if file == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("AXE_JS is not set: .ci/run installs axe-core and sets it")
		}
		t.Skip("set AXE_JS to axe.min.js of the npm package axe-core")
	}
	axe, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*report.Report{"small": reporttest.Small(), "clean": reporttest.Clean(), "empty": reporttest.Empty(), "grouped": reporttest.Grouped(), "big": reporttest.Big(3000)} {
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				b := start(t)
				b.media("", scheme)
				b.must(chromedp.EmulateViewport(width, 900))
				b.load(r, "")
				b.run(`document.querySelectorAll('.open')[1]?.click(); document.querySelectorAll('.open')[0]?.click()`)
				b.run(`document.querySelectorAll('details').forEach((d) => { d.open = true; })`)
				b.run(string(axe) + "; null")
				found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`axe.run().then((r) => r.violations.flatMap((v) =>
					v.nodes.map((n) => v.id + ": " + n.target.join(" ") + ": " + n.failureSummary)))`, chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range found {
					t.Errorf("%s, %s, %d pixels wide: %s", name, scheme, width, f)
				}
			}
		}
	}
}

// TestBrowserLargeReport prints what the largest promised report costs. It asserts the size; times depend on the machine.
func TestBrowserLargeReport(t *testing.T) {
	b := start(t)
	file := b.write(reporttest.Big(100_000))
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 30<<20 {
		t.Errorf("%d bytes, promised are 30 MB", info.Size())
	}
	began := time.Now()
	b.must(chromedp.Navigate("file://" + file))
	b.until(`document.getElementById('count').textContent`, "80,000 findings of 100,000")
	t.Logf("file %.1f MB, opened in %v", float64(info.Size())/1e6, time.Since(began).Round(time.Millisecond))
	// Nobody types within the moment in which the page gets ready for it: twenty short tasks while it is idle.
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](`new Promise((done) => {
		let turns = 40;
		const next = () => (turns-- ? requestIdleCallback(next) : done(1));
		next();
	})`, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, do string }{
		{"first search", `q.value = 'node-77 eu-west-3'; q.dispatchEvent(new Event('input', {bubbles: true}))`},
		{"search one letter", `q.value = 'n'; q.dispatchEvent(new Event('input', {bubbles: true}))`},
		{"search nothing", `q.value = 'zzz'; q.dispatchEvent(new Event('input', {bubbles: true}))`},
		{"clear", `document.getElementById('clear').click()`},
		{"severity", `document.querySelector('#f-severity input').click()`},
		{"sort by asset", `document.querySelector('[data-sort=name] button').click()`},
		{"sort by date", `document.querySelector('[data-sort=first] button').click()`},
		{"open a detail", `document.querySelector('.open').click()`},
		{"scroll to the middle", `scrollTo({top: document.body.scrollHeight / 2, behavior: 'instant'})`},
	} {
		ms, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](`new Promise((done) => {
			const q = document.getElementById('q'), began = performance.now();
			`+c.do+`;
			requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
		})`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-22s %6.1f ms until drawn", c.what, ms)
	}
	b.quiet()
}
