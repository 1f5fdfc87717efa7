package harness

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// chromiumProcess is one Chromium that the tests of this process share, since to start one takes longer than many a
// test. It is started on first use, and again should it have ended.
type chromiumProcess struct {
	mu       sync.Mutex
	endpoint string // where playwright connects to
	stdin    io.Closer
	exited   chan struct{}
}

var sharedBrowser chromiumProcess //nolint:gochecknoglobals // one browser serves all tests of a process

// listens returns where the browser is, and starts it if none runs.
func (c *chromiumProcess) listens(executable string) (endpoint string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.exited != nil {
		select {
		case <-c.exited:
		default:
			return c.endpoint, nil
		}
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	command := exec.Command("node", filepath.Join(root, "test", "harness", "browser", "serve.mjs"), executable)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return "", err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", fmt.Errorf("start Chromium: %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		_ = stdin.Close()
		return "", fmt.Errorf("start Chromium: it ended before it listened: %w", command.Wait())
	}
	exited := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(exited)
	}()
	c.endpoint, c.stdin, c.exited = strings.TrimSpace(line), stdin, exited
	return c.endpoint, nil
}

// close ends the browser, if there is one, and waits until it is gone.
func (c *chromiumProcess) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.exited == nil {
		return
	}
	_ = c.stdin.Close()
	<-c.exited
	c.exited = nil
}
