// Package transport carries requests to GitHub: a chain of
// [http.RoundTripper]s, each in a file of its own, and a redirect policy.
//
// From the caller to the wire:
//
//	log       one line for each call, whoever answered it
//	coalesce  identical GETs in flight are one request
//	cache     answers kept on disk: pinned ones, and ETags to revalidate; ETags
//	          also in the memory of somebody who polls
//	retry     5xx, connection faults and truncated bodies are tried again
//	rate gate a known rate limit is waited for, or fails at once
//	pace      requests a minute
//	auth      the token, for the origin of the base URL only
//	limit     requests on the wire at once
//	buffer    the whole body, read within a limit
//	wire      http.Transport
//
// Why this order:
//
//   - log is outermost, so a call has one line however many attempts it took;
//     it learns the details through a [trace] in the context.
//   - coalesce is above cache, so that several callers share one look-up and
//     one write, and a follower costs no disk access. What the cache found goes
//     up with the answer, and each caller takes it for itself: into the memory
//     it polls with, and under its own pin, where it is held until that caller
//     says that it is good. Without a folder a pin changes no answer, so it does
//     not keep callers apart either.
//   - cache is above retry: what retry hands up is final, so a 502 that
//     passes never evicts an entry.
//   - retry is above the gate: rate-limit answers are the gate's business, and
//     every attempt has to pass the gate again.
//   - auth is below every wait that can be long (back-off, rate limit, pace),
//     so that an App token is as fresh as the request that carries it; and it
//     is above limit, because fetching an App token is itself a request: with
//     one slot it would otherwise wait for itself.
//   - limit is below all of them, so no slot is held while somebody waits. The
//     price: a limit may be learnt between the gate and the slot. That is why
//     limit looks at the gate once more when it has its slot.
//   - buffer is at the bottom, so that a slot is held until the body has been
//     read, and a body cut short is an error that retry sees.
//
// The App's token exchange has a shorter chain (log, retry, rate gate, pace,
// limit, buffer) on the same gate, pace, slots and connections. It is a POST, and
// retried like a GET all the same: a second token does no harm.
package transport
