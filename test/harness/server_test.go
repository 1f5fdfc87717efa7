package harness

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// failed is a test that has failed, and keeps what it prints.
type failed struct {
	testing.TB
	errors, logs []string
}

func (f *failed) Failed() bool { return true }
func (f *failed) Errorf(format string, args ...any) {
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

func (f *failed) Logf(format string, args ...any) {
	f.logs = append(f.logs, fmt.Sprintf(format, args...))
}

// A test that has failed prints the end of the server's log once, whatever has become of the process; and only one that
// has ended by itself is a fault of its own.
func TestLogIsPrintedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		program string // "": none was started
		killed  bool
		errors  int
	}{
		"never started":   {},
		"killed":          {program: "cat", killed: true},
		"ended by itself": {program: "false", errors: 1},
	} {
		t.Run(name, func(t *testing.T) {
			log, err := os.Create(filepath.Join(t.TempDir(), "server.log"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := log.WriteString("beginning" + strings.Repeat(".", 10_000) + "the end"); err != nil {
				t.Fatal(err)
			}
			test := &failed{TB: t}
			server := &Server{t: test, log: log, client: &http.Client{}}
			if c.program != "" {
				server.run(t, c.program)
			}
			if c.killed {
				server.Kill()
			} else if c.program != "" {
				<-server.exited
			}
			server.end()
			printed := strings.Join(test.logs, "\n")
			isEnd := strings.HasSuffix(printed, "the end") && !strings.Contains(printed, "beginning")
			if len(test.errors) != c.errors || len(test.logs) != 1 || !isEnd {
				t.Errorf("errors %q, logs %.100q", test.errors, test.logs)
			}
		})
	}
}

// run has a program stand for the server. One that reads its input goes on until the test ends.
func (s *Server) run(t *testing.T, program string) {
	t.Helper()
	s.command = exec.CommandContext(t.Context(), program)
	if _, err := s.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	s.exited = make(chan struct{})
	go func() {
		_ = s.command.Wait()
		close(s.exited)
	}()
}
