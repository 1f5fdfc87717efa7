// Command stress runs all tests again and again on a machine that has too much to do, as a build server has: a test
// that fails here once is a test that will throw away somebody's work one day.
//
//	go run ./test/stress [-rounds 5] [-load 8] [-seed N] [PACKAGE...]
//
// Each test binary is compiled once, with the race detector. A round runs all of them, two at a time, in an order of
// its own, each with another seed of -shuffle, a GOMAXPROCS of 1 to 4, and one core or every core. Its processes are
// stopped now and then for up to three seconds, as those of a virtual machine are whose host is busy. Programs that
// do nothing but compute keep the load up meanwhile.
//
// It prints what failed, with what it takes to run that once more, and keeps all output in bin/stress. It ends with
// status 1 if anything failed.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const folder = "bin/stress" // test binaries and output

func main() {
	rounds := flag.Int("rounds", 5, "how often every test runs")
	load := flag.Int("load", 8, "processes that want a core, the tests among them")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "what chance is made of; a run prints it")
	spin := flag.Bool("spin", false, "compute until the standard input ends: what the others are started with")
	flag.Parse()
	if *spin {
		compute(os.Stdin)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := stress(ctx, *rounds, *load, *seed, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "stress:", err)
		os.Exit(1)
	}
}

func stress(ctx context.Context, rounds, load int, seed uint64, packages []string) error {
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	fmt.Printf("%d rounds at a load of %d, seed %d; compiling\n", rounds, load, seed)
	tests, err := compile(ctx, packages)
	if err != nil {
		return err
	}
	if len(tests) == 0 {
		return fmt.Errorf("no tests in %v", packages)
	}
	release, err := keepBusy(max(0, load-atOnce))
	if err != nil {
		return err
	}
	defer release()
	return runRounds(ctx, rounds, tests, rand.New(rand.NewPCG(seed, 0)))
}

func runRounds(ctx context.Context, rounds int, tests []testBinary, chance *rand.Rand) error {
	failures := 0
	for n := range rounds {
		began := time.Now()
		failed := runRound(ctx, n+1, tests, chance)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("round %d: stopped", n+1)
		}
		failures += failed
		took := time.Since(began).Round(time.Second)
		fmt.Printf("round %d of %d: %d packages, failures: %d, %s\n", n+1, rounds, len(tests), failed, took)
	}
	if failures > 0 {
		return fmt.Errorf("failures: %d, in %d rounds; the output is in %s", failures, rounds, folder)
	}
	fmt.Printf("no failure in %d rounds of %d packages\n", rounds, len(tests))
	return nil
}
