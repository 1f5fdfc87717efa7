package harness

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Command runs a command of the same binary against the server, and returns what it wrote to its standard output.
func (s *Server) Command(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var errors strings.Builder
	command := s.newCommand(ctx, args)
	command.Stderr = &errors
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("penstock %s: %w\n%s", strings.Join(args, " "), err, errors.String())
	}
	return string(output), nil
}

// Lines runs a command that goes on by itself, such as tail, and yields the lines that it writes until the caller has
// seen enough. It fails the test when the command ends, or is silent for five minutes, before that.
func (s *Server) Lines(args ...string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		s.t.Helper()
		ctx, cancel := context.WithCancel(s.t.Context())
		defer cancel()
		silent := time.AfterFunc(patience, cancel)
		defer silent.Stop()
		command := s.newCommand(ctx, args)
		output, err := command.StdoutPipe()
		if err != nil {
			s.t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			s.t.Fatal(err)
		}
		defer func() {
			cancel()
			_ = command.Wait()
		}()
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			silent.Reset(patience)
			if !yield(lines.Text()) {
				return
			}
		}
		s.t.Fatalf("penstock %s: ended, or was silent too long: %v", strings.Join(args, " "), lines.Err())
	}
}

// newCommand makes a command that knows where the server is and who asks.
func (s *Server) newCommand(ctx context.Context, args []string) *exec.Cmd {
	command := exec.CommandContext(ctx, s.binary, args...)
	command.Env = append(s.environment(), "PENSTOCK_SERVER="+s.URL)
	return command
}
