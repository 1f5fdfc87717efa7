package harness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// binary is what the tests of this process run, built on first use.
type binary struct {
	once sync.Once
	path string
	err  error
}

var shared binary //nolint:gochecknoglobals // one build serves all tests of a process

func (b *binary) built() (string, error) {
	b.once.Do(func() { b.path, b.err = build() })
	return b.path, b.err
}

// Main runs the tests of a package, and then closes the browser and removes the binary that they shared.
func Main(m *testing.M) { Sharing(m).Run() }

// Sharing is Main for a package that has goleak run its tests.
func Sharing(m *testing.M) interface{ Run() int } { return sharing{m} }

type sharing struct{ tests *testing.M }

// Run runs the tests and returns the status that the process is to end with.
func (s sharing) Run() int {
	status := s.tests.Run()
	sharedBrowser.close()
	if shared.path != "" {
		_ = os.RemoveAll(filepath.Dir(shared.path))
	}
	return status
}

// Root is the module's folder, above the folder that the test runs in.
func Root() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("find module: no go.mod above the test")
		}
		folder = parent
	}
}

// build brings the binary up to date, and gives the tests of this process a name of their own for it: it may be built
// again while they run. It is kept in bin/test, since linking takes far longer than checking that it is up to date.
func build() (_ string, err error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	if err := openSources(root); err != nil {
		return "", err
	}
	kept := filepath.Join(root, "bin", "test")
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return "", err
	}
	release, err := lock(filepath.Join(kept, "lock"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, release()) }()
	newest := filepath.Join(kept, "penstock")
	command := exec.Command("go", "build", "-o", newest, "./cmd/penstock")
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build penstock: %w\n%s", err, output)
	}
	folder, err := os.MkdirTemp(kept, "run-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "penstock")
	return path, os.Link(newest, path)
}

// lock waits until no other process has the file locked, and locks it: packages are tested side by side, and one
// build serves all of them.
func lock(path string) (release func() error, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return file.Close, nil // with the file goes the lock
}

// openSources opens each folder that the binary is made from. The go command keeps the result of a test with the
// files that the test itself opened, and knows nothing of those that the build in its child read: without this, a
// test would pass from the cache after the server has changed.
func openSources(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		if err == nil && entry.IsDir() && path != root &&
			(strings.HasPrefix(name, ".") || name == "node_modules" || name == "bin" || name == "docs" || name == "test") {
			return fs.SkipDir
		}
		return err
	})
}
