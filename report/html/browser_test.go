//go:build e2e

package htmlreport

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
)

// browser is a tab of its own Chromium, and all that it complained about or asked for.
type browser struct {
	t       *testing.T
	ctx     context.Context
	mu      sync.Mutex
	noise   []string
	allowed string // the page's own address
}

func open(t *testing.T, r *report.Report, hash string) *browser {
	t.Helper()
	b := start(t)
	b.load(r, hash)
	return b
}

func start(t *testing.T) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stopBrowser := chromedp.NewContext(ctx)
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() { stop(); stopBrowser(); stopAllocator() })
	b := &browser{t: t, ctx: ctx}
	b.must(chromedp.Navigate("about:blank"), chromedp.EmulateViewport(1280, 900))
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.noise = append(b.noise, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.noise = append(b.noise, "console: "+string(e.Type))
	case *log.EventEntryAdded:
		b.noise = append(b.noise, "log: "+e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; url != b.allowed && url != "data:," {
			b.noise = append(b.noise, "request: "+url)
		}
	}
}

// quiet fails the test if the page complained or asked for anything.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.noise {
		b.t.Error(n)
	}
}

func (b *browser) write(r *report.Report) string {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(encode(b.t, r)), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	b.allowed = "file://" + file
	b.mu.Unlock()
	return file
}

func (b *browser) load(r *report.Report, hash string) {
	b.t.Helper()
	b.must(chromedp.Navigate("file://" + b.write(r) + hash))
}

func (b *browser) must(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) run(script string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any]("(() => {"+script+"\n})(), null")); err != nil {
		b.t.Fatalf("%.80s: %v", script, err)
	}
}

func (b *browser) fill(id, value string) {
	b.t.Helper()
	b.run(fmt.Sprintf(`const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event('input', {bubbles: true}))`, id, value))
}

func (b *browser) pick(group, value string) {
	b.t.Helper()
	b.run(fmt.Sprintf(`document.querySelector('%s input[value=%s]').click()`, group, value))
}

func (b *browser) choose(id, option string) {
	b.t.Helper()
	b.run(fmt.Sprintf(`const e = document.getElementById(%q);
		e.value = [...e.options].find((o) => o.textContent.startsWith(%q)).value; e.dispatchEvent(new Event('input', {bubbles: true}))`, id, option))
}

func (b *browser) key(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.must(chromedp.KeyEvent(k))
	}
}

// slash presses the key as a keyboard does: one event that both goes down and types, so that the page can stop the typing.
func (b *browser) slash() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{
		Type: "keyDown", Key: "/", Code: "Slash", Text: "/", WindowsVirtualKeyCode: 191,
	}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) media(medium, scheme string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}); err != nil {
		b.t.Fatal(err)
	}
}

// until waits for what follows an event that the page handles later.
func (b *browser) until(script string, want any) {
	b.t.Helper()
	text := fmt.Sprintf("%v", want)
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](fmt.Sprintf("String(%s) === %q", script, text))); err != nil {
		got, _ := chromedp.Run(b.ctx, chromedp.Evaluate[any](script))
		b.t.Fatalf("%s stays %v, want %s: %v", script, got, text, err)
	}
}

func expect[T any](t *testing.T, b *browser, script string, want T) {
	t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", script, diff)
	}
}
