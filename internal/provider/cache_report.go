package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// cacheReport keeps errors of the caches, which internal/transport can find at any time, until there are
// diagnostics to report them in: as warnings, each once.
type cacheReport struct {
	mu   sync.Mutex
	errs []error
}

// failed stores why a cache cannot be used.
func (c *cacheReport) failed(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = append(c.errs, err)
}

// report adds the warnings.
func (c *cacheReport) report(diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, err := range c.errs {
		reportCache(diags, err)
	}
	c.errs = nil
}
