package transport

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // S3 wants it as a checksum of what is sent to a bucket with object lock
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	// bucketReads and bucketWrites are the requests to a bucket at the same time.
	bucketReads  = 16
	bucketWrites = 8
	// bucketTimeout bounds one request to a bucket. An entry has some kilobytes.
	bucketTimeout = 3 * time.Second
	// bucketQueue bounds the bytes that wait to be written: thousands of entries.
	bucketQueue = 32 << 20
	// bucketFlush bounds the wait at the end of a read until everything is written.
	bucketFlush = 10 * time.Second
)

// bucket keeps entries in a bucket that many machines share: one object for each, with the data that
// a folder has in a file. It only ever saves time, so it fails quietly: an entry that does not come is
// a miss. After some failures, or when it costs more time than it can save, it is left alone.
//
// Entries are written in the background, so that no read waits for it. What does not fit into the
// queue is not written.
type bucket struct {
	at     *Bucket
	codec  *codec
	report func(*BucketError)
	wire   http.RoundTripper
	client *minio.Core
	who    *identity

	slots   chan struct{}
	reading *breaker // off: nothing is read or written any more
	writing *breaker // off: nothing is written any more

	most   int // bytes that may wait to be written
	mu     sync.Mutex
	queue  []*queued        // waits for a writer; empty unless all writers are at work
	size   int              // of the queue, in bytes
	atWork map[*queued]bool // one for each writer
}

// queued is an entry that is to be written.
type queued struct {
	key  string
	data []byte
	done chan struct{} // closed when it is written or given up
}

// newBucket sends nothing, and looks for no credentials.
func newBucket(cfg Config, codec *codec, report func(error)) (*bucket, error) {
	b := &bucket{
		at: cfg.Bucket, codec: codec,
		report: func(err *BucketError) { report(err) },
		slots:  make(chan struct{}, bucketReads), reading: newBreaker(), writing: newBreaker(), most: bucketQueue,
		atWork: map[*queued]bool{},
	}
	var err error
	if b.wire, err = bucketWire(cfg); err != nil {
		return nil, err
	}
	b.who = cfg.Bucket.identity
	if b.who == nil {
		b.who = newIdentity(cfg.Bucket.region, &http.Client{Transport: b.wire, Timeout: credentialsTimeout, CheckRedirect: refuseRedirect})
	}
	return b, b.connect(cfg.UserAgent)
}

// bucketWire has connections of its own, with the certificates and the proxy settings that requests to
// GitHub have. Objects come as they are: nothing asks for compression.
func bucketWire(cfg Config) (http.RoundTripper, error) {
	if cfg.Bucket.Base != nil {
		return cfg.Bucket.Base, nil
	}
	cfg.MaxConcurrent = bucketReads + bucketWrites
	wire, err := newWire(cfg)
	if err != nil {
		return nil, err
	}
	wire.DisableCompression = true
	wire.ForceAttemptHTTP2, wire.HTTP2 = false, nil
	return wire, nil
}

// connect prepares the client. Retries are off: the next best source is GitHub.
func (b *bucket) connect(userAgent string) error {
	endpoint, secure := "s3.amazonaws.com", true
	if b.at.endpoint != nil {
		endpoint, secure = b.at.endpoint.Host, b.at.endpoint.Scheme == "https"
	}
	client, err := minio.NewCore(endpoint, &minio.Options{
		Creds: b.who.known, Secure: secure, Region: b.at.region, MaxRetries: 1,
		Transport: &agent{next: b.wire, name: userAgent},
	})
	b.client = client
	return err
}

// agent says who asks, as requests to GitHub do.
type agent struct {
	next http.RoundTripper
	name string
}

func (a *agent) RoundTrip(req *http.Request) (*http.Response, error) {
	if a.name != "" {
		req = req.Clone(req.Context())
		req.Header.Set("User-Agent", a.name)
	}
	return a.next.RoundTrip(req)
}

func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (b *bucket) get(ctx context.Context, key string) (*entry, bool) {
	if b.reading.isOff() {
		return nil, false
	}
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-b.reading.off:
		return nil, false
	case <-ctx.Done():
		return nil, false
	}
	data, err := b.ask(ctx, b.reading, func(ctx context.Context) ([]byte, error) { return b.fetch(ctx, key) })
	if err != nil {
		return nil, false
	}
	return b.codec.decode(key, data)
}

// ask does one request, and takes note of how it went. A caller that leaves is neither a failure nor a
// success.
func (b *bucket) ask(ctx context.Context, breaker *breaker, request func(context.Context) ([]byte, error)) ([]byte, error) {
	if err := b.who.ready(ctx); err != nil {
		b.leave(b.reading.trip(err), true)
		return nil, err
	}
	if breaker.isOff() {
		return nil, errSlow
	}
	// Not context.WithTimeout: it trusts ctx to end by the deadline that it has now, and that of a
	// shared request moves when its first caller leaves.
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	defer time.AfterFunc(bucketTimeout, cancel).Stop()
	breaker.begin()
	began := time.Now()
	data, err := request(inner)
	var failure error
	switch {
	case err == nil:
	case ctx.Err() != nil:
		failure = errLeft
	default:
		failure = cleanBucketError(inner, err, b.at)
	}
	why := breaker.end(time.Since(began), failure)
	if refused := (*refusal)(nil); errors.As(failure, &refused) && why == nil {
		why = breaker.trip(failure)
	}
	b.leave(why, breaker == b.reading)
	return data, err
}

// leave reports why a bucket is left alone. nil: it is not.
func (b *bucket) leave(why error, reading bool) {
	if why != nil {
		b.report(&BucketError{Bucket: b.at.String(), Reading: reading, Err: why})
	}
}

// fetch reads an object; no data: there is none. An object that is larger than any entry is not read
// to its end.
func (b *bucket) fetch(ctx context.Context, key string) ([]byte, error) {
	body, _, _, err := b.client.GetObject(ctx, b.at.name, b.at.object(key), minio.GetObjectOptions{})
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	return io.ReadAll(io.LimitReader(body, maxEntry+maxMeta))
}

// writes reports whether the bucket takes entries.
func (b *bucket) writes() bool {
	return !b.at.readOnly && !b.reading.isOff() && !b.writing.isOff()
}

// put queues an entry. It never waits.
func (b *bucket) put(key string, e *entry) error {
	if !b.writes() {
		return nil
	}
	data, err := b.codec.encode(key, e)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.size+len(data) > b.most {
		return nil
	}
	q := &queued{key: key, data: data, done: make(chan struct{})}
	if len(b.atWork) < bucketWrites {
		b.atWork[q] = true
		go b.write(q)
		return nil
	}
	b.queue = append(b.queue, q)
	b.size += len(data)
	return nil
}

// write writes an entry, then what is queued, and ends.
func (b *bucket) write(q *queued) {
	// The read that an entry comes from may be over before it is written.
	ctx := context.Background()
	for ; q != nil; q = b.next(q) {
		_, _ = b.ask(ctx, b.writing, func(ctx context.Context) ([]byte, error) { return nil, b.send(ctx, q) })
	}
}

// next marks an entry as done, and takes the next one from the queue. nil: the queue is empty.
func (b *bucket) next(done *queued) *queued {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(done.done)
	delete(b.atWork, done)
	if b.reading.isOff() || b.writing.isOff() {
		b.drop()
	}
	if len(b.queue) == 0 {
		return nil
	}
	q := b.queue[0]
	b.queue[0] = nil // else the data stays as long as the array below the queue
	b.queue = b.queue[1:]
	b.size -= len(q.data)
	b.atWork[q] = true
	return q
}

// drop gives up what is queued. The caller holds the lock.
func (b *bucket) drop() {
	for _, q := range b.queue {
		close(q.done)
	}
	b.queue, b.size = nil, 0
}

// pending returns what is neither written nor given up yet.
func (b *bucket) pending() []*queued {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append(slices.Collect(maps.Keys(b.atWork)), b.queue...)
}

func (b *bucket) send(ctx context.Context, q *queued) error {
	sum := sha256.Sum256(q.data)
	weak := md5.Sum(q.data) //nolint:gosec // see the import
	_, err := b.client.PutObject(ctx, b.at.name, b.at.object(q.key), bytes.NewReader(q.data), int64(len(q.data)),
		base64.StdEncoding.EncodeToString(weak[:]), hex.EncodeToString(sum[:]),
		minio.PutObjectOptions{ContentType: "application/octet-stream", DisableContentSha256: true})
	return err
}

// flush waits until what was put so far is written or given up, but no longer than bucketFlush. It does
// not wait for what others put meanwhile. Then it reports a bucket that has only failed so far: it may
// not be asked again.
func (b *bucket) flush(ctx context.Context) {
	limit, cancel := context.WithTimeout(ctx, bucketFlush)
	defer cancel()
	for _, q := range b.pending() {
		select {
		case <-q.done:
		case <-limit.Done():
		}
	}
	for _, breaker := range []*breaker{b.reading, b.writing} {
		b.leave(breaker.neverWorked(), breaker == b.reading)
	}
}

// close waits for what is being written, and drops the rest.
func (b *bucket) close() {
	b.flush(context.Background())
	b.mu.Lock()
	b.drop()
	b.mu.Unlock()
	for _, q := range b.pending() {
		<-q.done // each writer ends with its request
	}
	if wire, ok := b.wire.(*http.Transport); ok {
		wire.CloseIdleConnections()
	}
}

var (
	_ store                = (*bucket)(nil)
	_ store                = (*folder)(nil)
	_ store                = (*kept)(nil)
	_ credentials.Provider = (*profileOrRole)(nil)
)
