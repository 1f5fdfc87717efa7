package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	atOnce      = 2 // packages that are tested side by side, as by `go test` on two cores
	procsMax    = 4 // GOMAXPROCS is 1 to this
	timeout     = "90m"
	stoppedMax  = 3 * time.Second
	runningMax  = 20 * time.Second // between two stops
	printedMax  = 20_000           // bytes of the output of a failure
	waitForKill = time.Minute      // before output that nobody ends is left alone
)

// testBinary is the compiled tests of a package.
type testBinary struct {
	pkg, folder string // where its tests run
	path        string
}

// compile makes the test binary of each package that has tests.
func compile(ctx context.Context, packages []string) ([]testBinary, error) {
	const format = `{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{.Dir}}{{end}}`
	list := exec.CommandContext(ctx, "go", append([]string{"list", "-tags", "e2e", "-f", format}, packages...)...)
	list.Stderr = os.Stderr
	text, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	root, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	var all []testBinary
	for line := range strings.Lines(string(text)) {
		pkg, dir, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		path := filepath.Join(root, strings.ReplaceAll(pkg, "/", "-")+".test")
		build := exec.CommandContext(ctx, "go", "test", "-c", "-race", "-vet=off", "-tags", "e2e", "-o", path, pkg)
		if output, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("compile the tests of %s: %w\n%s", pkg, err, output)
		}
		all = append(all, testBinary{pkg: pkg, folder: dir, path: path})
	}
	return all, nil
}

// draw is what chance has made of one run of a package.
type draw struct {
	seed   uint64 // of -shuffle
	procs  int
	cores  string // for taskset; empty: every core
	chance *rand.Rand
}

func newDraw(chance *rand.Rand) draw {
	d := draw{seed: chance.Uint64() >> 1, procs: 1 + chance.IntN(procsMax)}
	if chance.IntN(2) == 0 {
		d.cores = "0"
	}
	d.chance = rand.New(rand.NewPCG(d.seed, 1))
	return d
}

func (d draw) String() string {
	cores := "every core"
	if d.cores != "" {
		cores = "core " + d.cores + " alone"
	}
	return fmt.Sprintf("-shuffle=%d, GOMAXPROCS=%d, %s", d.seed, d.procs, cores)
}

// runRound runs every test once, and returns in how many packages something failed.
func runRound(ctx context.Context, round int, tests []testBinary, chance *rand.Rand) (failures int) {
	tests = slices.Clone(tests)
	chance.Shuffle(len(tests), func(i, k int) { tests[i], tests[k] = tests[k], tests[i] })
	var mu sync.Mutex
	next := func() (testBinary, draw, bool) {
		mu.Lock()
		defer mu.Unlock()
		if len(tests) == 0 || ctx.Err() != nil {
			return testBinary{}, draw{}, false
		}
		test := tests[0]
		tests = tests[1:]
		return test, newDraw(chance), true
	}
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for test, drawn, ok := next(); ok; test, drawn, ok = next() {
				began := time.Now()
				err := run(ctx, round, test, drawn)
				if err == nil || ctx.Err() != nil {
					continue
				}
				took := time.Since(began).Round(time.Second)
				mu.Lock()
				failures++
				fmt.Printf("FAIL %s in round %d after %s (%s)\n%v\n", test.pkg, round, took, drawn, err)
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return failures
}

// run runs the tests of a package. The error holds the end of what they printed, all of which is kept in a file.
func run(ctx context.Context, round int, test testBinary, drawn draw) error {
	output, err := os.Create(strings.TrimSuffix(test.path, ".test") + "." + strconv.Itoa(round) + ".log")
	if err != nil {
		return err
	}
	defer output.Close()
	args := []string{test.path, "-test.v", "-test.timeout=" + timeout, fmt.Sprintf("-test.shuffle=%d", drawn.seed)}
	if drawn.cores != "" {
		args = append([]string{"taskset", "-c", drawn.cores}, args...)
	}
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Dir, command.Stdout, command.Stderr = test.folder, output, output
	command.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", drawn.procs))
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = waitForKill
	if err := command.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	var stopping sync.WaitGroup
	stopping.Go(func() { stopNowAndThen(command.Process.Pid, drawn.chance, ended) })
	err = command.Wait()
	close(ended)
	stopping.Wait()
	if err == nil {
		return nil
	}
	return errors.Join(err, errors.New(endOf(output.Name())))
}

// stopNowAndThen stops the processes of a group and lets them go on, until the tests have ended.
func stopNowAndThen(group int, chance *rand.Rand, ended <-chan struct{}) {
	for {
		select {
		case <-ended:
			return
		case <-time.After(time.Duration(chance.Int64N(int64(runningMax)))):
		}
		_ = syscall.Kill(-group, syscall.SIGSTOP)
		<-time.After(time.Duration(chance.Int64N(int64(stoppedMax))))
		_ = syscall.Kill(-group, syscall.SIGCONT)
	}
}

// endOf is the end of a file, where a failure says why.
func endOf(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-printedMax):])
}
