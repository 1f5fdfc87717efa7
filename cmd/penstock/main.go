// Command penstock is the whole of Penstock: the server and the commands that ask it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"penstock/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(cli.Run(ctx, os.Args[1:], cli.System{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Interactive: cli.IsTerminal(os.Stdin) && cli.IsTerminal(os.Stdout),
	}))
}
