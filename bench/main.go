// Command bench loads a Penstock and prints its figures beside those of a bare net/http server in the same run.
//
//	bench run --penstock bin/penstock     starts a Penstock for each group of cases, and everything beside it
//	bench run --url URL --key WRITE_KEY   loads a Penstock that runs already, with the ingest cases alone
//	bench analytics --penstock bin/penstock --events 20000000     fills the receiving side, and asks for its pages while more comes in
//	bench receive --penstock bin/penstock the cases of the receiving side alone
//	bench bare --listen ADDRESS           the reference: reads the body, answers 200
//	bench sink --listen ADDRESS           the same, and measures the time since an event's call
//
// Load and servers are processes of their own, so that each has a scheduler and a garbage collector to itself. All traffic is on
// the loopback interface. Every case is bounded in time; the whole ends by itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("say run, receive, analytics, bare or sink")
	}
	flags := flag.NewFlagSet("bench "+args[0], flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:0", "bare, sink: `address` to listen on")
	var b bench
	events := flags.Int("events", 20_000_000, "analytics: how many `events` there are")
	keep := flags.String("keep", "", "analytics: a `folder` to keep the events in; where a run has filled it, they are not sent again")
	asked := flags.Int("asked", 21, "analytics: how many `times` each page is asked for")
	flags.StringVar(&b.penstock, "penstock", "bin/penstock", "run: the `binary` to start")
	flags.StringVar(&b.url, "url", "", "run: load the Penstock at this `URL` instead of starting one")
	flags.StringVar(&b.key, "key", writeKey, "run: the write `key` to send with")
	flags.DurationVar(&b.duration, "duration", 5*time.Second, "run: how long each case lasts")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "bare":
		return serveBare(ctx, *listen)
	case "sink":
		return serveSink(ctx, *listen)
	case "analytics":
		a := &analytics{bench: b, events: *events, asked: *asked, keep: *keep}
		a.table.title = fmt.Sprintf("%s, %d cores, %d events over %d days, %d names, %d visitors, %d accounts", runtime.Version(), runtime.NumCPU(), a.events, analyticsDays, analyticsNames, visitors, accounts)
		return a.run(ctx, os.Stdout, os.Stderr)
	case "run":
		return b.prepared(ctx, os.Stdout, os.Stderr, b.all)
	case "receive":
		return b.prepared(ctx, os.Stdout, os.Stderr, b.receiving)
	default:
		return fmt.Errorf("there is no command %q: say run, receive, analytics, bare or sink", args[0])
	}
}
