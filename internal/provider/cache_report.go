package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// cacheReport carries the one thing that can be wrong with the cache folder from internal/transport,
// where it may be found at any time, to the next diagnostics: as a warning, once.
type cacheReport struct {
	mu  sync.Mutex
	err error
}

// failed is told why the cache cannot be written.
func (c *cacheReport) failed(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

// report warns of it, if there is anything to warn of.
func (c *cacheReport) report(diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		reportCache(diags, c.err)
		c.err = nil
	}
}
