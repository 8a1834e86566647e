// Command coredns is CoreDNS with only the plugins that the test cluster's Corefile names. The stock main pulls in
// the clients of every cloud's name service, which triples the build.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/reload"
)

func main() {
	// The order of a query's way through the plugins, as in CoreDNS's own plugin.cfg.
	dnsserver.Directives = []string{"reload", "bind", "health", "ready", "errors", "cache", "kubernetes", "forward"}
	coremain.Run()
}
