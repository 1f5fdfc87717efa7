package harness

import (
	"fmt"
	"syscall"
	"testing"
)

// reserveAddress finds a loopback port for a server, and keeps it for that until the end of the test, while the server is not there too: a socket that is bound
// to the port, and does not listen, lets a server listen on it, and keeps the system from giving it to anybody who asks for any port.
func reserveAddress(tb testing.TB) string {
	tb.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		tb.Fatalf("reserve a port: %v", err)
	}
	tb.Cleanup(func() { _ = syscall.Close(socket) })
	if err := syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil { // which servers in Go set, too
		tb.Fatalf("reserve a port: %v", err)
	}
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		tb.Fatalf("reserve a port: %v", err)
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		tb.Fatalf("reserve a port: %v", err)
	}
	address, ok := bound.(*syscall.SockaddrInet4)
	if !ok {
		tb.Fatalf("reserve a port: bound to %T", bound)
	}
	return fmt.Sprintf("127.0.0.1:%d", address.Port)
}
