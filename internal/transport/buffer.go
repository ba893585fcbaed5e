package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/rawjson"
)

const (
	// maxBody is far above what GitHub sends: 100 jobs with their steps take less than 1 MiB.
	maxBody = 64 << 20
	// maxErrorBody is enough for any message; the rest is cut off.
	maxErrorBody = 1 << 20
	// maxScratch is the largest buffer that is kept for the next answer.
	maxScratch = 1 << 20
)

// buffer reads each answer to its end before it returns it. So a body that is cut short is an error
// of this request, which can be retried, and the connection is free for the next request at once.
type buffer struct {
	next         http.RoundTripper
	maxBody      int64
	maxErrorBody int64
	scratch      sync.Pool // of *bytes.Buffer
}

func (b *buffer) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	good := resp.StatusCode >= 200 && resp.StatusCode < 300
	if good && isStreaming(req.Context()) {
		return resp, nil
	}
	defer resp.Body.Close()
	limit := b.maxErrorBody
	if good {
		limit = b.maxBody
	}
	if good && resp.ContentLength > limit {
		return nil, &BodyTooLargeError{Limit: limit}
	}
	data, err := b.readUpTo(resp.Body, limit+1)
	if err != nil && (good || req.Context().Err() != nil) {
		return nil, cutShort(req.Context(), err)
	}
	if int64(len(data)) > limit {
		if good {
			return nil, &BodyTooLargeError{Limit: limit}
		}
		data = data[:limit]
	}
	if good && rawjson.IsCut(data) {
		// The length can be right for a part of the answer: a proxy may have got no more.
		return nil, cutShort(req.Context(), io.ErrUnexpectedEOF)
	}
	return withBody(resp, data), nil
}

// readUpTo reads at most limit bytes. GitHub compresses its answers, so their length is not known
// in advance. The bytes go into a reused buffer that has grown before, and are then copied into a
// slice of the right size.
func (b *buffer) readUpTo(r io.Reader, limit int64) ([]byte, error) {
	scratch, _ := b.scratch.Get().(*bytes.Buffer)
	if scratch == nil {
		scratch = &bytes.Buffer{}
	}
	scratch.Reset()
	_, err := scratch.ReadFrom(io.LimitReader(r, limit))
	data := bytes.Clone(scratch.Bytes())
	if scratch.Cap() <= maxScratch {
		b.scratch.Put(scratch)
	}
	return data, err
}

func cutShort(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = errors.Join(ctx.Err(), err)
	}
	return fmt.Errorf("the answer was cut short: %w", err)
}

// memoryBody is a body that is already in memory. The layers above use its bytes without a copy,
// and must not change them.
type memoryBody struct {
	bytes.Reader
	data  []byte
	found *found // what the callers may keep of this answer; nil: nothing
	// tokenMade is when the installation token of the request was made; zero: it had none.
	tokenMade time.Time
}

// Close does nothing: there is nothing to free.
func (*memoryBody) Close() error { return nil }

// withBody gives a response its own body over data.
func withBody(resp *http.Response, data []byte) *http.Response {
	body := &memoryBody{data: data}
	body.Reset(data)
	resp.Body = body
	resp.ContentLength = int64(len(data))
	return resp
}

// bodyOf returns the whole body without consuming it.
func bodyOf(resp *http.Response) ([]byte, error) {
	if body, ok := resp.Body.(*memoryBody); ok {
		return body.data, nil
	}
	data, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	withBody(resp, data) //nolint:bodyclose // it is the same response, and a memoryBody needs no Close
	return data, nil
}
