// Package transport carries requests to GitHub: a chain of [http.RoundTripper]s, each in its own
// file, and a redirect policy.
//
// From the caller to the wire:
//
//	log          one line for each call, wherever its answer comes from
//	coalesce     identical GETs in flight are one request
//	cache        answers stored on disk: pinned ones, and ETags to revalidate; ETags also in the
//	             memory of a caller that polls, pinned ones in the client's where there is no folder
//	app retry    an App's token that GitHub refuses is repeated while it is new, or replaced once
//	retry        5xx, connection faults and truncated bodies are retried
//	rate gate    a known rate limit is waited for, or fails at once
//	pace         requests per minute
//	auth         the token, for the origin of the base URL only
//	concurrency  requests on the wire at the same time
//	buffer       the whole body, up to a maximum size
//	wire         http.Transport
//
// Why this order:
//
//   - log is outermost, so a call has one line however many attempts it took. The layers below
//     report the details through a [trace] in the context.
//   - coalesce is above cache, so that several callers share one look-up and one write, and only the
//     first one reads the disk. What the cache found comes up on the body of the answer, and each
//     caller keeps it for itself: in the memory that it polls with, and under its own pin, where it
//     is held until that caller accepts it.
//   - cache is above retry: what retry returns is final, so a temporary 502 never replaces an entry.
//   - app retry is above retry, so that each repetition can have its own retries; with any other
//     credential it is left out.
//   - retry is above the gate: the gate handles rate-limit answers, and every attempt has to pass
//     the gate again.
//   - auth is below every wait that can be long (back-off, rate limit, pace), so that an App token is
//     fresh when its request is sent. It is above concurrency, because an App token is fetched with a
//     request too: with one slot, that request would wait for itself.
//   - concurrency is below all of them, so that no slot is held during a wait. A limit can become
//     known between the gate and the slot, so concurrency checks the gate again when it has a slot.
//   - buffer is at the bottom, so that a slot is held until the body has been read, and retry sees a
//     body that is cut short as an error.
//
// The App's token exchange has a shorter chain (log, retry, rate gate, pace, concurrency, buffer) on
// the same gate, pace, slots and connections. It is a POST, but it is retried like a GET: a second
// token does no harm.
package transport
