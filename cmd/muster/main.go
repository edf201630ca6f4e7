// Command muster takes the roll of every asset that a company owns. See "muster help" or README.md.
package main

import (
	"os"

	"github.com/muster-audit/muster/cmd/muster/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.System()))
}
