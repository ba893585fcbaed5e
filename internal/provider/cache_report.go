package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// cacheReport keeps an error of the cache, which internal/transport can find at any time, until there are
// diagnostics to report it in: as a warning, once.
type cacheReport struct {
	mu  sync.Mutex
	err error
}

// failed stores why the cache cannot be written.
func (c *cacheReport) failed(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

// report adds the warning, if there is one.
func (c *cacheReport) report(diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		reportCache(diags, c.err)
		c.err = nil
	}
}
