package transport

import "sync"

// memory keeps answers for a caller that polls. It holds the newest answer to each question, so it
// is as large as one round of questions.
type memory struct {
	mu      sync.Mutex
	entries map[string]*entry
}

func (m *memory) get(key string) (*entry, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[key]
	return e, ok
}

func (m *memory) put(key string, e *entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries[key] = e
}
