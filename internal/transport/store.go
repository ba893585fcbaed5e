package transport

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/klauspost/compress/zstd"
)

const (
	storeFormat = "v2"
	storeMagic  = "github-actions-cache 2 "
	maxEntry    = 16 << 20 // of a body, before compression
	maxMeta     = 64 << 10
)

// store keeps entries under their keys: in memory, in a folder or in a bucket.
type store interface {
	// get returns the entry, or false if it is missing, damaged, of another key, or not found in time.
	get(ctx context.Context, key string) (*entry, bool)
	// put keeps an entry. An entry that the store does not take because of its size is not an error.
	put(key string, e *entry) error
}

// entry is one stored answer. It lists the header fields that it keeps, so that a cookie or another
// secret is never stored.
type entry struct {
	Key          string `json:"key"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	ContentType  string `json:"content_type"`
	Link         string `json:"link,omitempty"`
	RequestID    string `json:"request_id,omitempty"`
	// Size is that of the body. It is stored, so that decompression has a bound.
	Size int `json:"size"`

	body []byte
	data []byte // what decode has read; encode gives it back
}

// codec turns entries into data and back: the same data in a folder and in a bucket.
type codec struct {
	zip   *zstd.Encoder
	unzip *zstd.Decoder
}

// newCodec makes the two halves of zstd. Neither has goroutines: they run in their caller's.
func newCodec() (*codec, error) {
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	unzip, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxEntry), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, err
	}
	return &codec{zip: zip, unzip: unzip}, nil
}

// encode writes a line with the checksum of all that follows, a line of JSON, and the compressed body. An
// entry that decode has read under the same key is not compressed again.
func (c *codec) encode(key string, e *entry) ([]byte, error) {
	if e.data != nil && e.Key == key {
		return e.data, nil
	}
	// A copy: the entry may be in a caller's memory too.
	named := *e
	named.Key, named.Size = key, len(e.body)
	meta, err := json.Marshal(&named)
	if err != nil {
		return nil, err
	}
	if len(meta) > maxMeta/2 {
		return nil, errors.New("the headers of the answer are too long")
	}
	head := len(storeMagic) + 2*sha256.Size + 1
	data := make([]byte, head, head+len(meta)+1+len(e.body)/4)
	data = append(append(data, meta...), '\n')
	data = c.zip.EncodeAll(e.body, data)
	sum := sha256.Sum256(data[head:])
	copy(data, storeMagic)
	hex.Encode(data[len(storeMagic):], sum[:])
	data[head-1] = '\n'
	return data, nil
}

// decode returns false for data that is damaged, or of another key.
func (c *codec) decode(key string, data []byte) (*entry, bool) {
	head := len(storeMagic) + 2*sha256.Size + 1
	if len(data) < head || string(data[:len(storeMagic)]) != storeMagic {
		return nil, false
	}
	sum := sha256.Sum256(data[head:])
	if string(data[len(storeMagic):head]) != hex.EncodeToString(sum[:])+"\n" {
		return nil, false
	}
	meta, packed, ok := bytes.Cut(data[head:], []byte{'\n'})
	e := &entry{}
	if !ok || json.Unmarshal(meta, e) != nil || e.Key != key || e.Size < 0 || e.Size > maxEntry {
		return nil, false
	}
	// The decoder stops at the capacity, whatever the compressed data claims to hold.
	body, err := c.unzip.DecodeAll(packed, make([]byte, 0, e.Size))
	if err != nil || len(body) != e.Size {
		return nil, false
	}
	e.body, e.data = body, data
	return e, true
}
