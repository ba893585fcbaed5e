package provider

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// A soak makes many reads of all kinds against a world that moves, with faults on every layer, and holds
// each answer to an oracle. It runs in synctest bubbles, so that no wait takes time.
//
//	SEED=7 make soak              repeats a soak
//	SEED=7 EPISODE=12 make soak   repeats one episode of it

const (
	readsInEpisode = 40
	soakToken      = "ghp_soakSecretToken"
	slow           = 20 * time.Second // latency
	fixedSeed      = 20261125
)

// TestSoak is short and always the same unless SOAK says how many reads to make, by a seed that changes.
func TestSoak(t *testing.T) {
	t.Parallel()
	reads, seeds := 3*readsInEpisode, []uint64{fixedSeed}
	if n, err := strconv.Atoi(os.Getenv("SOAK")); err == nil {
		reads, seeds = n, []uint64{rand.Uint64() >> 16}
	}
	if seed, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64); err == nil {
		seeds = []uint64{seed}
	}
	only, err := strconv.Atoi(os.Getenv("EPISODE"))
	var count soakCount
	began := time.Now()
	for _, seed := range seeds {
		t.Logf("seed %d", seed)
		for n := range (reads + readsInEpisode - 1) / readsInEpisode {
			if err == nil && n != only {
				continue
			}
			t.Run(fmt.Sprintf("SEED=%d EPISODE=%d", seed, n), func(t *testing.T) {
				t.Parallel()
				soakEpisodeOf(t, seed, n, &count)
			})
		}
	}
	t.Cleanup(func() {
		took := time.Since(began)
		t.Logf("%d reads in %s (%.0f in a minute), %d answered, %d requests, %d faults; by kind: %s", count.reads.Load(), took.Round(time.Second),
			float64(count.reads.Load())/took.Minutes(), count.answers.Load(), count.requests.Load(), count.faults.Load(), count.kinds())
	})
}

// soakCount adds up what all episodes did.
type soakCount struct {
	reads, answers, requests, faults atomic.Int64
	byKind                           sync.Map // of *atomic.Int64
}

func (c *soakCount) add(kind string) {
	n, _ := c.byKind.LoadOrStore(kind, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
}

func (c *soakCount) kinds() string {
	var list []string
	c.byKind.Range(func(kind, n any) bool {
		list = append(list, fmt.Sprintf("%s %d", kind, n.(*atomic.Int64).Load()))
		return true
	})
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// soakLayer is something beside the API that a provider block names and that has faults of its own, such
// as a cache.
type soakLayer interface {
	configure(m *machine, block args) // before each plan
	upset(r *rand.Rand) error         // between reads
	isAbout(warning string) bool
	judge(warnings messages) string // says what is wrong after some reads, which gave these warnings
	delay() time.Duration           // how long a read may take on top of its timeout
	end() error                     // says what must not be left
}

// soakLayers are made anew for each episode.
func soakLayers(t *testing.T, r *rand.Rand) []soakLayer {
	t.Helper()
	var layers []soakLayer
	if r.IntN(2) == 0 {
		layers = append(layers, &folderLayer{t.TempDir()})
	}
	if r.IntN(2) == 0 {
		layers = append(layers, newBucketLayer())
	}
	return layers
}

// soakEpisode is one world, its network and the plans that read it.
type soakEpisode struct {
	t      *testing.T
	r      *rand.Rand
	world  *soakWorld
	net    *chaos
	layers []soakLayer
	count  *soakCount
	last   *soakRead // that a later plan may make again

	p       *protocol
	retries int
	maxWait time.Duration
	rpm     int
}

func soakEpisodeOf(t *testing.T, seed uint64, n int, count *soakCount) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	layers := soakLayers(t, r)
	synctest.Test(t, func(t *testing.T) {
		e := newSoakEpisode(t, r, layers, count)
		for made := 0; made < readsInEpisode && !t.Failed(); {
			if made == 0 || r.IntN(8) == 0 {
				e.plan()
			}
			made += e.batch()
			for _, layer := range layers {
				if err := layer.upset(r); err != nil {
					t.Fatal(err)
				}
			}
			if err := transport.Sleep(t.Context(), time.Duration(r.IntN(400))*time.Second); err != nil {
				t.Fatal(err)
			}
		}
		e.end()
	})
}

func newSoakEpisode(t *testing.T, r *rand.Rand, layers []soakLayer, count *soakCount) *soakEpisode {
	t.Helper()
	now := time.Now()
	world := drawWorld(r, now)
	lag := oneOfThese(r, 0, 30*time.Second, 5*time.Minute, 10*time.Minute, 10*time.Minute)
	serve := func(at time.Time) publisher {
		p := publisher{world: world, server: githubtest.NewInMemory(t, world.emptyWorld())}
		world.allow(p.server)
		p.advance(at)
		return p
	}
	return &soakEpisode{
		t: t, r: r, world: world, layers: layers, count: count,
		net: &chaos{live: serve(now), stale: serve(now.Add(-lag)), lag: lag},
	}
}

// plan starts the provider anew, as each plan does.
func (e *soakEpisode) plan() {
	e.t.Helper()
	e.retries = oneOfThese(e.r, 0, 1, 3, 3)
	e.maxWait = oneOfThese(e.r, 0, 10*time.Second, time.Minute)
	e.rpm = oneOfThese(e.r, 0, 900, 900, 120)
	block := args{
		"base_url": e.net.live.server.BaseURL(), "owner": "acme", "token": soakToken, "max_retries": e.retries,
		"retry_delay_ms": oneOfThese(e.r, 1, 1000), "max_rate_limit_wait": e.maxWait.String(), "requests_per_minute": e.rpm,
		"max_concurrent_requests": oneOfThese(e.r, 1, 3, 10),
	}
	m := machineWith(nil)
	m.base = e.net
	for _, layer := range e.layers {
		layer.configure(&m, block)
	}
	e.p = newProtocolOn(e.t, m)
	// The limits are those of a token, but a new process does not know of them.
	e.net.limit, e.net.limits = time.Time{}, nil
	if diags := e.p.configure(block); len(diags) > 0 {
		e.t.Fatal(diags)
	}
}

func (e *soakEpisode) drawWeather(calls []*soakCall) weather {
	r := e.r
	mayLag := !slices.ContainsFunc(calls, func(c *soakCall) bool { return !c.mayLag })
	hasGate := slices.ContainsFunc(calls, func(c *soakCall) bool { return c.kind == "commit_gate" })
	// A network that takes its time lets the world move between two requests.
	w := weather{seed: r.Uint64(), latency: oneOfThese(r, 200*time.Millisecond, 200*time.Millisecond, 2*time.Second)}
	isFleet, isQuick := func(c *soakCall) bool { return c.mayLag }, func(c *soakCall) bool { return !c.waits }
	switch {
	case slices.ContainsFunc(calls, isFleet): // many requests
	case r.IntN(4) == 0:
		w.latency = slow
	case !slices.ContainsFunc(calls, isQuick) && r.IntN(3) == 0:
		w.latency = 6 * slow // there is time
	}
	all := []faultClass{
		faultServer, faultReset, faultTruncated, faultSlow, faultPrimary, faultSecondary, faultGarbage, faultTotal, faultStale, faultStorage, faultShort,
	}
	if mayLag {
		all = append(all, faultLag)
	}
	kind := r.IntN(6)
	if (hasGate || mayLag) && r.IntN(2) == 0 {
		kind = 2
	}
	switch kind {
	case 0: // fair
	case 1: // one kind of fault
		w.chance, w.classes = 0.1+r.Float64()/2, []faultClass{oneOfThese(r, all...)}
	case 2: // lists are old
		w.chance, w.classes = 0.3+r.Float64()/2, []faultClass{faultStale}
		if mayLag {
			w.classes = append(w.classes, faultLag)
		}
	default:
		w.chance, w.classes = oneOfThese(r, 0.02, 0.08, 0.25), all
	}
	if r.IntN(6) == 0 {
		w.largePage = oneOfThese(r, 10, 30, 50)
	}
	if r.IntN(15) == 0 {
		w.downUntil = time.Now().Add(time.Duration(10+r.IntN(600)) * time.Second)
	}
	return w
}

// soakCall is one read under way.
type soakCall struct {
	soakRead

	request  any
	cancelAt time.Duration // 0: nobody cancels it
	took     time.Duration
	state    obj
	diags    messages
	err      error
}

// batch makes some reads at once and judges them.
func (e *soakEpisode) batch() int {
	e.t.Helper()
	begin := time.Now()
	calls := make([]*soakCall, oneOfThese(e.r, 1, 1, 1, 2, 3))
	for i := range calls {
		calls[i] = e.prepare()
		if i > 0 && e.r.IntN(3) == 0 {
			calls[i].request, calls[i].soakRead = calls[0].request, calls[0].soakRead
		}
	}
	w := e.drawWeather(calls)
	e.net.change(w)
	var together sync.WaitGroup
	for _, c := range calls {
		together.Go(func() { c.run(e.p) })
	}
	together.Wait()
	synctest.Wait()
	e.collect(calls)
	e.judgeLayers(calls)
	events := faultsOf(e.net.happenings())
	e.count.faults.Add(int64(len(events)))
	win := window{begin: begin, end: time.Now(), stale: begin, lagging: begin, faults: len(events)}
	win.faults -= countOf(faultStale, events) + countOf(faultLag, events) + countOf(faultSlow, events)
	if slices.Contains(w.classes, faultStale) {
		win.stale = begin.Add(-e.net.lag)
	}
	if slices.Contains(w.classes, faultLag) {
		win.lagging = begin.Add(-e.net.lag)
	}
	for _, c := range calls {
		switch reason := e.judge(c, win); reason {
		case "":
		case unjudged, withinBounds:
			e.count.add(reason)
		default:
			e.t.Errorf("wrong: %s\n  kind %s\n  arguments %v\n  diagnostics %s\n  weather %+v\n  events %s", reason, c.kind, c.args, c.diags, w, e.eventsText())
		}
	}
	return len(calls)
}

func (e *soakEpisode) prepare() *soakCall {
	e.t.Helper()
	c := &soakCall{soakRead: drawRead(e.r, e.world, time.Now())}
	switch {
	case !c.mayLag:
	case e.last != nil && e.r.IntN(2) == 0:
		c.soakRead = *e.last // what it has kept must still be right
	default:
		e.last = &c.soakRead
	}
	if e.r.IntN(12) == 0 {
		c.cancelAt = time.Duration(1+e.r.IntN(40_000)) * time.Millisecond
	}
	if c.ephemeral {
		kind := e.p.schema.EphemeralResourceSchemas[c.typeName].ValueType()
		c.request = &tfprotov6.OpenEphemeralResourceRequest{TypeName: c.typeName, Config: e.p.value(kind, c.args)}
		return c
	}
	kind := e.p.schema.DataSourceSchemas[c.typeName].ValueType()
	c.request = e.p.readRequest(c.typeName, e.p.value(kind, c.args))
	return c
}

// run makes the read. What it brings is unpacked later, on the goroutine of the test.
func (c *soakCall) run(p *protocol) {
	ctx, cancel := context.WithCancel(p.t.Context())
	defer cancel()
	if c.cancelAt > 0 {
		timer := time.AfterFunc(c.cancelAt, cancel)
		defer timer.Stop()
	}
	began := time.Now()
	switch request := c.request.(type) {
	case *tfprotov6.ReadDataSourceRequest:
		var done *tfprotov6.ReadDataSourceResponse
		if done, c.err = p.server.ReadDataSource(ctx, request); c.err == nil {
			c.diags = messagesOf(done.Diagnostics)
			c.request = done.State
		}
	case *tfprotov6.OpenEphemeralResourceRequest:
		var done *tfprotov6.OpenEphemeralResourceResponse
		if done, c.err = p.server.OpenEphemeralResource(ctx, request); c.err == nil {
			c.diags = messagesOf(done.Diagnostics)
			c.request = done.Result
		}
	}
	c.took = time.Since(began)
}

func (e *soakEpisode) collect(calls []*soakCall) {
	e.t.Helper()
	for _, c := range calls {
		e.count.reads.Add(1)
		e.count.add(c.kind)
		if c.err != nil {
			e.t.Fatal(c.err)
		}
		if c.diags.hasError() {
			continue
		}
		kind := e.p.schema.DataSourceSchemas[c.typeName].ValueType()
		if c.ephemeral {
			kind = e.p.schema.EphemeralResourceSchemas[c.typeName].ValueType()
		}
		value, _ := c.request.(*tfprotov6.DynamicValue)
		state, err := value.Unmarshal(kind)
		if err != nil {
			e.t.Fatal(err)
		}
		c.state, _ = plainValue(e.t, state).(obj)
		c.state[warningsTold] = inAnyOrder(toldOf(c.diags))
		c.state[countsMore] = strings.Contains(c.diags.String(), countsMore)
		e.count.answers.Add(1)
	}
}

// judgeLayers takes the warnings about the layers out of the diagnostics.
func (e *soakEpisode) judgeLayers(calls []*soakCall) {
	e.t.Helper()
	for _, layer := range e.layers {
		var warnings messages
		for _, c := range calls {
			c.diags = slices.DeleteFunc(c.diags, func(d string) bool {
				isIts := strings.HasPrefix(d, "warning") && layer.isAbout(d)
				if isIts {
					warnings = append(warnings, d)
				}
				return isIts
			})
		}
		if reason := layer.judge(warnings); reason != "" {
			e.t.Errorf("wrong: %s\n  warnings %s", reason, warnings)
		}
	}
}

// warningsTold is where a state has the warnings that follow from the world.
const warningsTold = "(warnings)"

// countsMore is a warning that wrong totals lead to, and lists whose pages are of different ages.
const countsMore = "GitHub counts more runs than it shows"

// toldOf makes short texts of those warnings.
func toldOf(diags messages) []any {
	told := []any{}
	for _, warning := range []struct{ pattern, text string }{
		{`warning at (repositories).ElementKeyInt.(\d+).: No repository matches: `, "$1[$2] matches nothing"},
		{`warning at (repositories).ElementKeyInt.(\d+).: A listed repository is excluded: `, "$1[$2] is excluded"},
		{`^warning: No repository was checked`, "no repository"},
		{`(exception.\d+.) has expired, so the violations that it matches .(\d+). count`, "$1 expired $2"},
		{`(exception.\d+.) matches no violation of the runs that were checked`, "$1 unused"},
		{`^warning: No run of .* matched`, "no run"},
		{`^warning: No job in the finished runs of `, "no job"},
		{`^warning: Some repositories or runs could not be read`, "problems"},
	} {
		pattern := regexp.MustCompile(warning.pattern)
		for _, d := range diags {
			if at := pattern.FindStringSubmatchIndex(d); at != nil {
				told = append(told, string(pattern.ExpandString(nil, warning.text, d, at)))
			}
		}
	}
	return told
}

// inAnyOrder sorts texts.
func inAnyOrder(list []any) []any {
	sorted := append([]any{}, list...)
	slices.SortFunc(sorted, func(a, b any) int { return strings.Compare(textOf(a), textOf(b)) })
	return sorted
}

// judge says what is wrong with the outcome of a read.
func (e *soakEpisode) judge(c *soakCall, w window) string {
	if broken := e.net.broken; len(broken) > 0 {
		return "a promise is broken: " + strings.Join(broken, "; ")
	}
	limit := c.limit
	if c.cancelAt > 0 {
		limit = min(limit, c.cancelAt)
	}
	for _, layer := range e.layers {
		limit += layer.delay()
	}
	if c.took > limit+time.Second {
		return fmt.Sprintf("it took %s, and had %s", c.took, limit)
	}
	if strings.Contains(c.diags.String(), soakToken) || strings.Contains(fmt.Sprint(c.state), soakToken) {
		return "the token shows"
	}
	events := e.net.happenings()
	var lies []int
	for _, event := range events {
		if event.class == faultTotal {
			lies = append(lies, event.total)
		}
	}
	if m := judgeWarnings(c.diags, len(lies)+countOf(faultStale, events) > 0); m != "" {
		return m
	}
	if c.diags.hasError() {
		return e.judgeError(c, w, events)
	}
	return c.judgeState(w, lies)
}

func (c *soakCall) judgeState(w window, lies []int) string {
	for name, value := range c.args {
		if want, isText := value.(string); isText && c.state[name] != want {
			return fmt.Sprintf("the argument %s became %v", name, c.state[name])
		}
	}
	if c.state["owner"] != "acme" {
		return fmt.Sprintf("the owner is %v", c.state["owner"])
	}
	return c.judge(c.state, w, lies)
}

func judgeWarnings(diags messages, mayCountMore bool) string {
	for _, d := range diags {
		// What follows from the world is a part of the answer.
		known := !strings.HasPrefix(d, "warning") || len(toldOf(messages{d})) > 0 ||
			mayCountMore && strings.Contains(d, countsMore)
		if !known {
			return "a warning without a cause"
		}
	}
	return ""
}

// errorKinds are kinds of errors by their words. The first one that fits counts.
func errorKinds() [][2]string {
	return [][2]string{
		{"CI has not succeeded", "gate shut"},
		{"Terraform cancelled the read", "cancelled"},
		{"The read's timeout of", "out of time"},
		{"the read's timeout of", "out of time"},
		{"requests_per_minute would delay", "out of time"},
		{"The rate limit is too low", "budget"},
		{"The job has not finished", "job unfinished"},
		{"The job never ran", "job never ran"},
		{"If it was stored, it has expired or was deleted", "log expired"},
		{"The log has expired or was deleted", "log expired"},
		{"The log was probably never stored", "log not stored"},
		{"The job was completed less than a day ago", "log missing"},
		{"A new link did not help", "storage"},
		{"The log storage at https://github.test answered 5", string(faultServer)},
		{"GitHub's hourly rate limit is used up", string(faultPrimary)},
		{"GitHub asks to slow down", string(faultSecondary)},
		{"The list is incomplete", "incomplete"},
		{"GitHub's answer cannot be used", string(faultGarbage)},
		{"The connection broke during GitHub's answer", string(faultTruncated)},
		{"The connection to the log storage", string(faultTruncated)},
		{"closed the connection without an answer", string(faultReset)},
		{"Could not reach", string(faultReset)},
		{"GitHub answered 5", string(faultServer)},
		{"No repository has the workflow", "no workflow"},
		{"GitHub answered 403", "forbidden"},
		{"GitHub answered 404", "not found"},
		{"GitHub answered 410", "gone"},
	}
}

// judgeError says why an error is not right: neither the world nor a fault explains it.
func (e *soakEpisode) judgeError(c *soakCall, w window, events []event) string {
	if len(c.diags) != 1 && !strings.HasPrefix(c.diags[0], "warning") {
		return "several errors"
	}
	kind := ""
	for _, k := range errorKinds() {
		if strings.Contains(c.diags.String(), k[0]) {
			kind = k[1]
			break
		}
	}
	e.count.add("error: " + kind)
	tookAll := c.took >= c.limit-time.Second
	isShort := c.took*10 >= c.limit*8 || c.hasLimit && c.limit < time.Minute // the deadline may have cut off retries
	switch {
	case kind == "":
		return "an error of an unknown kind"
	case c.explains(kind, w) && (kind != "out of time" || tookAll):
		return ""
	case kind == "cancelled" && c.cancelAt > 0 && c.took >= c.cancelAt:
		return ""
	case kind == "out of time" && (tookAll && (len(faultsOf(events)) > 0 || c.hasLimit || e.net.weather.latency >= slow) || e.isPaced(w)):
		return ""
	case e.hasFault(kind, w, events, isShort || c.cancelAt > 0):
		return ""
	case c.withFault != nil && c.withFault(kind, w, func(class faultClass) int { return countOf(class, events) }):
		return ""
	}
	return "nothing explains an error of the kind " + kind
}

// isPaced reports whether the reads of the last minute may have used up requests_per_minute.
func (e *soakEpisode) isPaced(w window) bool {
	return e.rpm > 0 && e.net.sentSince(w.begin.Add(-61*time.Second)) >= e.rpm-10 // some turns are taken by requests that were cancelled
}

func countOf(class faultClass, events []event) int {
	return len(slices.DeleteFunc(slices.Clone(events), func(e event) bool { return e.class != class }))
}

func faultsOf(events []event) []event {
	return slices.DeleteFunc(slices.Clone(events), func(e event) bool { return e.class == "" })
}

// hasFault reports whether faults explain an error.
func (e *soakEpisode) hasFault(kind string, w window, events []event, isShort bool) bool {
	has := func(class faultClass) int { return countOf(class, events) }
	switch class := faultClass(kind); class {
	case faultPrimary, faultSecondary:
		return e.isTooLong(class, w, events, isShort)
	case "budget":
		return e.isTooLong(faultPrimary, w, events, isShort) || e.isTooLong(faultSecondary, w, events, isShort)
	case faultGarbage:
		return has(faultGarbage) > 0
	case "incomplete":
		return has(faultTotal)+has(faultShort)+has(faultStale)+has(faultLag) > 0 // or pages of different ages
	case "storage":
		return has(faultStorage) > 1
	case faultServer, faultReset, faultTruncated:
		streamed := class == faultTruncated && has(faultTruncated) > 1 // logs are streamed, and read twice
		inTime := has(class) > 0 || class == faultServer && has(faultLargePage) > 0
		return streamed || e.lastOfStreak(class, events) || isShort && inTime
	}
	return false
}

// isTooLong reports whether a limit of the class lasted longer than the provider may wait, by itself or
// together with those before it, or came back too often.
func (e *soakEpisode) isTooLong(class faultClass, w window, events []event, isShort bool) bool {
	var total time.Duration
	known, longest := 0, false
	for _, l := range events {
		if !l.until.IsZero() {
			total += l.until.Sub(l.at)
		}
	}
	for _, l := range e.net.limits {
		// The provider keeps a limit a second longer than it lasts.
		if l.class == class && l.until.Add(time.Second).After(w.begin) {
			known++
			longest = longest || l.until.Sub(l.at) > e.maxWait-time.Second
		}
	}
	return longest || known > 0 && (isShort || total > e.maxWait-time.Second || len(e.net.limits) > 3)
}

// lastOfStreak reports whether the provider met a fault of the class after all its retries.
func (e *soakEpisode) lastOfStreak(class faultClass, events []event) bool {
	streaks := map[string]int{}
	for _, event := range events {
		switch {
		case !event.until.IsZero():
			continue // after a limit the retries go on
		case !event.class.isTransient():
			streaks[event.url] = 0
			continue
		}
		streaks[event.url]++
		// Large pages are no reason: smaller ones come.
		if event.class == class && streaks[event.url] > e.retries {
			return true
		}
	}
	return false
}

func (e *soakEpisode) eventsText() string {
	var b strings.Builder
	for _, event := range e.net.happenings() {
		fmt.Fprintf(&b, "\n    %s %s %s", event.at.Format("15:04:05.000"), cmp.Or(string(event.class), "ok"), event.url)
		if !event.until.IsZero() {
			fmt.Fprintf(&b, " until %s", event.until.Format("15:04:05.000"))
		}
		if event.class == faultTotal {
			fmt.Fprintf(&b, " total %d", event.total)
		}
	}
	return b.String()
}

// end holds an episode to what must not be left.
func (e *soakEpisode) end() {
	e.t.Helper()
	// What is queued for a bucket is written after the reads.
	if err := transport.Sleep(e.t.Context(), time.Minute); err != nil {
		e.t.Fatal(err)
	}
	synctest.Wait()
	if left := goroutinesInBubble(); left != "" {
		e.t.Errorf("goroutines are left:\n%s", left)
	}
	for _, layer := range e.layers {
		if err := layer.end(); err != nil {
			e.t.Error(err)
		}
	}
	e.count.requests.Add(int64(e.net.count))
}

var bubble = regexp.MustCompile(`synctest bubble \d+`)

// goroutinesInBubble are the stacks of the other goroutines of this bubble, but for the ones that the
// bubble itself needs.
func goroutinesInBubble() string {
	own := make([]byte, 1<<10)
	mine := bubble.Find(own[:runtime.Stack(own, false)])
	all := make([]byte, 4<<20)
	all = all[:runtime.Stack(all, true)]
	var left []string
	for i, stack := range bytes.Split(all, []byte("\n\n")) {
		head, _, _ := bytes.Cut(stack, []byte("\n"))
		isOwn := bytes.Contains(stack, []byte("synctest.testingSynctestTest(")) || bytes.Contains(stack, []byte("internal/synctest.Run("))
		if i > 0 && !isOwn && bytes.HasSuffix(bytes.TrimSuffix(head, []byte("]:")), mine) {
			left = append(left, string(stack))
		}
	}
	return strings.Join(left, "\n\n")
}

// folderLayer is cache_path, whose entries somebody damages.
type folderLayer struct{ dir string }

func (l *folderLayer) configure(_ *machine, block args) { block["cache_path"] = l.dir }

// A folder that can be written is never a reason for a warning.
func (l *folderLayer) isAbout(string) bool   { return false }
func (l *folderLayer) judge(messages) string { return "" }

func (l *folderLayer) delay() time.Duration { return 0 }

func (l *folderLayer) files() ([]string, error) {
	var files []string
	err := filepath.WalkDir(l.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	return files, err
}

func (l *folderLayer) upset(r *rand.Rand) error {
	files, err := l.files()
	if err != nil || len(files) == 0 || r.IntN(2) == 0 {
		return err
	}
	for range 1 + r.IntN(len(files)) {
		file := files[r.IntN(len(files))]
		data, err := os.ReadFile(file)
		switch {
		case os.IsNotExist(err):
			continue
		case err != nil:
			return err
		}
		switch r.IntN(5) {
		case 0:
			data = data[:len(data)/2]
		case 1:
			data = nil
		case 2:
			if len(data) > 0 {
				data[r.IntN(len(data))] ^= byte(1 + r.IntN(255))
			}
		case 3: // another entry in its place
			if data, err = os.ReadFile(files[r.IntN(len(files))]); err != nil && !os.IsNotExist(err) {
				return err
			}
		case 4:
			if err := os.Remove(file); err != nil {
				return err
			}
			continue
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (l *folderLayer) end() error {
	files, err := l.files()
	if err != nil {
		return err
	}
	for _, file := range files {
		if name := filepath.Base(file); !regexp.MustCompile(`^([0-9a-f]{64}|trimmed|grown)$`).MatchString(name) {
			return fmt.Errorf("the file %s is left in the cache", name)
		}
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if info.Mode().Perm() != 0o600 {
			return fmt.Errorf("the file %s has the mode %s", file, info.Mode())
		}
	}
	return nil
}
