//go:build e2e

package htmlreport

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/muster-audit/muster/report/reporttest"
)

func TestZ(t *testing.T) {
	b := open(t, reporttest.Big(100000), "")
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](`new Promise((done) => {
		let turns = 40; const out = [];
		const go = () => { const q = document.getElementById('q');
			for (const w of ['node-77 eu-west-3', 'node-78 eu-west-3', 'node-79 eu-west-3', 'n', 'no', '']) { const t = performance.now(); q.value = w; q.dispatchEvent(new Event('input', {bubbles: true})); const u = performance.now(); document.body.offsetHeight; out.push(u - t, performance.now() - u); }
			done(out); };
		const next = () => (turns-- ? requestIdleCallback(next) : go());
		next();
	})`, chromedp.EvalAwaitPromise))
	t.Log(v, err)
}
