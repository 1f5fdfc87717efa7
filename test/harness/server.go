package harness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Token is the bootstrap token of every server of the harness.
const Token = "harness-admin-token-0123456789"

// patience is how long the harness waits for something that should come by itself. A test that waits so long fails: it is stuck, however busy the machine is.
const patience = 5 * time.Minute

// Server is one Penstock: a folder, an address, and the process that serves them at the moment.
type Server struct {
	URL string // http://127.0.0.1:port, the same across restarts

	t       testing.TB
	binary  string
	folder  string
	args    []string
	log     *os.File
	client  *http.Client
	command *exec.Cmd
	exited  chan struct{} // closed when the process of command is gone
	killed  bool          // by Kill: it has not ended by itself
}

// Start runs a server with a workspace file on an empty folder, waits until it is ready, and stops it at the end of the
// test. Arguments are added to those of serve. A test that fails prints the end of the server's log, of all its
// processes, once.
func Start(tb testing.TB, workspace string, args ...string) *Server {
	tb.Helper()
	path, err := shared.built()
	if err != nil {
		tb.Fatal(err)
	}
	folder := tb.TempDir()
	log, err := os.Create(filepath.Join(folder, "server.log"))
	if err != nil {
		tb.Fatal(err)
	}
	address := reserveAddress(tb)
	server := &Server{
		URL:    "http://" + address,
		t:      tb,
		binary: path,
		folder: folder,
		args:   append([]string{"serve", "--data", filepath.Join(folder, "data"), "--listen", address, "--workspace", workspace}, args...),
		log:    log,
		client: &http.Client{Timeout: patience},
	}
	tb.Cleanup(server.end)
	server.Restart()
	return server
}

// Restart starts a process on the folder and address of the one that is gone, and waits until it is ready.
func (s *Server) Restart() {
	s.t.Helper()
	command := exec.Command(s.binary, s.args...)
	command.Env = s.environment()
	command.Stdout, command.Stderr = s.log, s.log
	if err := command.Start(); err != nil {
		s.t.Fatalf("start server: %v", err)
	}
	exited := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(exited)
	}()
	s.command, s.exited, s.killed = command, exited, false
	Eventually(s.t, "server ready", func() error {
		select {
		case <-exited:
			s.t.Fatalf("server ended by itself: %v", command.ProcessState)
		default:
		}
		response, err := s.client.Get(s.URL + "/readyz")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("GET /readyz: got status %d", response.StatusCode)
		}
		return nil
	})
}

// Kill ends the process with SIGKILL, and returns once it is gone.
func (s *Server) Kill() {
	s.t.Helper()
	if err := s.command.Process.Kill(); err != nil {
		s.t.Fatalf("kill server: %v", err)
	}
	<-s.exited
	s.killed = true
}

// DeleteProjections removes what is made of the log: the files of DuckDB. The process must be gone.
func (s *Server) DeleteProjections() {
	s.t.Helper()
	if err := os.RemoveAll(filepath.Join(s.folder, "data", "duckdb")); err != nil {
		s.t.Fatal(err)
	}
}

// end stops the server, and says what it has logged if the test has failed, in whatever way.
func (s *Server) end() {
	defer s.log.Close()
	s.client.CloseIdleConnections()
	if s.command != nil && !s.killed {
		s.stop()
	}
	if s.t.Failed() {
		s.t.Logf("the server's log ends:\n%s", s.logTail())
	}
}

// stop ends the process as an operator would, and fails the test if it does not end, or not cleanly.
func (s *Server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.command.Process.Signal(syscall.SIGTERM)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Errorf("stop server: %v", err)
	}
	select {
	case <-s.exited:
		if !s.command.ProcessState.Success() {
			s.t.Errorf("server ended with %v, want a clean stop", s.command.ProcessState)
		}
	case <-ctx.Done():
		s.t.Errorf("server did not stop within %v", patience)
		_ = s.command.Process.Kill()
		<-s.exited
	}
}

// environment is that of the test without any setting of Penstock's, and with the token.
func (s *Server) environment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PENSTOCK_") {
			kept = append(kept, variable)
		}
	}
	return append(kept, "PENSTOCK_ADMIN_TOKEN="+Token)
}

func (s *Server) logTail() string {
	const length = 8000
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-length):])
}

// Logged returns the lines of the server's log, of all its processes, that contain a text.
func (s *Server) Logged(text string) []string {
	s.t.Helper()
	all, err := os.ReadFile(s.log.Name())
	if err != nil {
		s.t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(all)) {
		if strings.Contains(line, text) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// Eventually tries until a check returns nil. After five minutes it fails the test with the check's last error.
func Eventually(tb testing.TB, what string, check func() error) {
	tb.Helper()
	const between = 20 * time.Millisecond
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(between)
	defer again.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-deadline.C:
			tb.Fatalf("%s: not after %v: %v", what, patience, err)
		case <-again.C:
		}
	}
}
