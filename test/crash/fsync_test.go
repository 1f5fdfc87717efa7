//go:build linux && amd64

package crash_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// A process that is killed proves nothing about syncing, since the kernel still has what it wrote. So the system calls of a process that appends are
// watched: whatever it answers, the bytes must have been written to the stream's file and that file synced, in this order, before.
func TestAnAnswerFollowsTheSync(t *testing.T) {
	t.Parallel()
	appender := filepath.Join(t.TempDir(), "appender")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", appender, "./appender").CombinedOutput(); err != nil {
		t.Fatalf("build appender: %v\n%s", err, out)
	}
	const each, answers = 20, 20 + 8*20
	watched := func(mode string) *watcher {
		w := newWatcher()
		if err := w.run(appender, t.TempDir(), mode, fmt.Sprint(each)); err != nil {
			t.Fatalf("trace appender: %v", err)
		}
		if len(w.answered) != answers {
			t.Fatalf("%d answers seen with sync %s, want %d", len(w.answered), mode, answers)
		}
		return w
	}
	if w := watched("always"); len(w.early) > 0 {
		t.Errorf("%d of %d answers came before their sync: %v", len(w.early), answers, w.early)
	}
	// The same watcher sees what it is there to see.
	if w := watched("never"); len(w.early) != answers {
		t.Errorf("with syncing off, %d of %d answers came before their sync, want all", len(w.early), answers)
	}
}

// watcher follows the system calls of a process with all its threads.
type watcher struct {
	memory   *os.File
	threads  map[int]*thread
	open     map[uint64]string // descriptor to path
	clock    int
	written  map[string]write // id to where and when it was written
	synced   map[string]int   // path to when the last sync began that has ended
	answered []string
	early    []string
}

type write struct {
	path string
	at   int
}

// thread is a thread that may be in a system call.
type thread struct {
	inside bool
	began  int
	path   string   // of openat
	ids    []string // of what it writes to the stream
}

func newWatcher() *watcher {
	return &watcher{threads: map[int]*thread{}, open: map[uint64]string{}, written: map[string]write{}, synced: map[string]int{}}
}

const (
	waitMine    = 0x40000000 | 0x20000000 // __WALL, __WNOTHREAD: all threads of the child, and no other test's children
	syscallStop = syscall.SIGTRAP | 0x80
)

// run starts a program and watches it to its end. All of this happens on one thread, as tracing wants it.
func (w *watcher) run(name string, args ...string) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	pid, err := syscall.ForkExec(name, append([]string{name}, args...), &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{null.Fd(), null.Fd(), os.Stderr.Fd()}, Sys: &syscall.SysProcAttr{Ptrace: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, waitMine, nil); err != nil {
		return fmt.Errorf("wait for start: %w", err)
	}
	if w.memory, err = os.Open(fmt.Sprintf("/proc/%d/mem", pid)); err != nil {
		return err
	}
	defer w.memory.Close()
	if err := syscall.PtraceSetOptions(pid, syscall.PTRACE_O_TRACECLONE|syscall.PTRACE_O_TRACESYSGOOD); err != nil {
		return fmt.Errorf("set options: %w", err)
	}
	if err := syscall.PtraceSyscall(pid, 0); err != nil {
		return fmt.Errorf("continue: %w", err)
	}
	return w.follow(pid)
}

// follow handles each stop of each thread until the process ends.
func (w *watcher) follow(pid int) error {
	w.threads[pid] = &thread{}
	for {
		var status syscall.WaitStatus
		tid, err := syscall.Wait4(-1, &status, waitMine, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("wait: %w", err)
		case tid == pid && (status.Exited() || status.Signaled()):
			if status.ExitStatus() != 0 {
				return fmt.Errorf("child ended with status %d, signal %v", status.ExitStatus(), status.Signal())
			}
			return nil
		case !status.Stopped():
			delete(w.threads, tid)
			continue
		}
		signal := 0
		switch stop := status.StopSignal(); {
		case w.threads[tid] == nil: // a new thread, with the stop that tells of it
			w.threads[tid] = &thread{}
		case stop == syscallStop:
			if err := w.call(tid); err != nil {
				return err
			}
		case stop != syscall.SIGTRAP: // its own signals go on to it
			signal = int(stop)
		}
		if err := syscall.PtraceSyscall(tid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("continue %d: %w", tid, err)
		}
	}
}

// call is one end of a system call: its beginning, or its end.
func (w *watcher) call(tid int) error {
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &regs); err != nil {
		if errors.Is(err, syscall.ESRCH) {
			return nil
		}
		return fmt.Errorf("read registers: %w", err)
	}
	w.clock++
	th := w.threads[tid]
	th.inside = !th.inside
	if th.inside {
		th.began = w.clock
		return w.begins(th, &regs)
	}
	w.ends(th, &regs)
	return nil
}

// begins looks at what is about to be written: to a file of the stream, or as an answer. Bytes count as written when their call has ended, and a file
// as synced when a call that began after that has ended too.
func (w *watcher) begins(th *thread, regs *syscall.PtraceRegs) error {
	switch regs.Orig_rax {
	case syscall.SYS_OPENAT:
		path, err := w.read(regs.Rsi, 4096, true)
		th.path = path
		return err
	case syscall.SYS_WRITE, syscall.SYS_PWRITE64:
		path := w.open[regs.Rdi]
		answer := regs.Rdi == 1
		if !answer && !strings.Contains(path, "/streams/EVENTS/msgs/") {
			return nil
		}
		data, err := w.read(regs.Rsi, int(regs.Rdx), false)
		if err != nil {
			return err
		}
		for _, id := range regexp.MustCompile(`<\w+-\d+>`).FindAllString(data, -1) {
			if answer {
				w.answer(id)
			} else {
				th.ids = append(th.ids, id)
			}
		}
	}
	return nil
}

func (w *watcher) ends(th *thread, regs *syscall.PtraceRegs) {
	failed := int64(regs.Rax) < 0 // how the kernel says it
	switch regs.Orig_rax {
	case syscall.SYS_OPENAT:
		if !failed {
			w.open[regs.Rax] = th.path
		}
	case syscall.SYS_WRITE, syscall.SYS_PWRITE64:
		for _, id := range th.ids {
			w.written[id] = write{path: w.open[regs.Rdi], at: w.clock}
		}
		th.ids = nil
	case syscall.SYS_FSYNC, syscall.SYS_FDATASYNC:
		if path := w.open[regs.Rdi]; !failed {
			w.synced[path] = max(w.synced[path], th.began)
		}
	}
}

// answer checks that an id was written and synced.
func (w *watcher) answer(id string) {
	w.answered = append(w.answered, id)
	if at, ok := w.written[id]; !ok || w.synced[at.path] < at.at {
		w.early = append(w.early, id)
	}
}

// read reads n bytes of the process's memory, or up to the first zero.
func (w *watcher) read(from uint64, n int, text bool) (string, error) {
	data := make([]byte, n)
	got, err := w.memory.ReadAt(data, int64(from))
	if err != nil && !(text && got > 0) {
		return "", fmt.Errorf("read memory: %w", err)
	}
	s := string(data[:got])
	if text {
		s, _, _ = strings.Cut(s, "\x00")
	}
	return s, nil
}
