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

// Main runs the tests of a package, and removes the binary that they shared.
func Main(m *testing.M) {
	m.Run()
	if shared.path != "" {
		_ = os.RemoveAll(filepath.Dir(shared.path))
	}
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

func build() (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	if err := openSources(root); err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp("", "penstock-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "penstock")
	command := exec.Command("go", "build", "-o", path, "./cmd/penstock")
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build penstock: %w\n%s", err, output)
	}
	return path, nil
}

// openSources opens each folder that the binary is made from. The go command keeps the result of a test with the files that
// the test itself opened, and knows nothing of those that the build in its child read: without this, a test
// would pass from the cache after the server has changed.
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
