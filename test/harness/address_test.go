package harness

import (
	"errors"
	"net"
	"syscall"
	"testing"
)

// A reserved port is its server's, again and again, and refuses connections while there is none.
func TestReservedAddress(t *testing.T) {
	address := reserveAddress(t)
	for range 3 {
		if conn, err := net.Dial("tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("without a server: %v, %v; want that it is refused", conn, err)
		}
		server, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		_ = server.Close()
	}
}
