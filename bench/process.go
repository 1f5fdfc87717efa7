package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// writeKey is the one in the workspace that the driver writes.
const writeKey = "wk_bench_00000000000000000000001"

// adminToken opens the control API of the servers that the driver starts.
const adminToken = "bench-admin-token-0123456789"

// ready is how long a server may take to start, or to stop.
const ready = 30 * time.Second

// process is a server that the driver has started.
type process struct {
	address string
	command *exec.Cmd
	exited  chan error
}

// startProcess starts a server on a free loopback port, which the arguments are given, and waits until it answers
// a GET of the path.
func startProcess(ctx context.Context, log io.Writer, path, binary string, args func(address string) []string) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, binary, args(address)...)
	command.Env = append(os.Environ(), "PENSTOCK_ADMIN_TOKEN="+adminToken)
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	p := &process{address: address, command: command, exited: make(chan error, 1)}
	go func() { p.exited <- command.Wait() }()
	if err := p.wait(ctx, "http://"+address+path); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", binary, err), p.stop())
	}
	return p, nil
}

// wait asks until the server answers, whatever it answers, but "not yet".
func (p *process) wait(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, ready)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		response, err := (&http.Client{}).Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode != http.StatusServiceUnavailable {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case err := <-p.exited:
			p.exited <- err
			return fmt.Errorf("ended by itself: %w", err)
		case <-again.C:
		}
	}
}

// stop ends the server, and returns once it is gone.
func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-p.exited:
		return err
	case <-time.After(ready):
		return errors.Join(errors.New("server did not stop"), p.command.Process.Kill())
	}
}

// peakMemory is the most memory that the process had resident, in MB, once it is gone.
func (p *process) peakMemory() int64 {
	if usage, isUsage := p.command.ProcessState.SysUsage().(*syscall.Rusage); isUsage {
		return usage.Maxrss / 1024
	}
	return 0
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// startPenstock starts one on a folder, or on an empty one that is gone afterwards where none is named; its source has a destination if there is a sink.
func (b *bench) startPenstock(ctx context.Context, folder, sink string) (*process, error) {
	if folder == "" {
		var err error
		if folder, err = os.MkdirTemp(b.folder, "penstock-"); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(folder, "server.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	workspace := filepath.Join(folder, "workspace.yaml")
	if err := os.WriteFile(workspace, []byte(workspaceWith(sink)), 0o600); err != nil {
		return nil, err
	}
	started, err := startProcess(ctx, log, "/readyz", b.penstock, func(address string) []string {
		return []string{
			"serve", "--data", filepath.Join(folder, "data"), "--listen", address,
			"--workspace", workspace, "--egress-allow", "127.0.0.0/8",
		}
	})
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("%w\n%s", err, text)
	}
	return started, nil
}

func workspaceWith(sink string) string {
	text := `apps:
  - slug: bench
    name: Bench
    key: ` + appKey + `
sources:
  - slug: bench
    name: Bench
    type: server
    writeKeys: [` + writeKey + `]
`
	if sink == "" {
		return text
	}
	return text + `destinations:
  - slug: sink
    name: Sink
    source: bench
    type: actions-webhook
    enabled: true
    settings: {}
    mappings:
      - name: All
        action: send
        enabled: true
        trigger: type = "track"
        fields:
          url: http://` + sink + `/
          method: POST
          batch_size: 0
          data: {"@path": "$."}
          enable_batching: false
`
}
