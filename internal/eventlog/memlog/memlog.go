// Package memlog is an eventlog.Store in memory: for tests of logic in fake time. It passes the same conformance suite as jetlog.
package memlog

import (
	"context"
	"maps"
	"slices"
	"sync"

	"penstock/internal/eventlog"
)

// Store keeps everything in memory. The zero value is not ready; use New.
type Store struct {
	mu      sync.Mutex
	streams map[eventlog.Stream]*messages
	fault   func(eventlog.Stream, []eventlog.Message) error
}

type messages struct {
	all  []eventlog.Stored // the message at index i has sequence i+1; no Data: it cannot be read
	ends map[string]uint64
}

// New makes an empty Store.
func New() *Store {
	s := &Store{streams: map[eventlog.Stream]*messages{}}
	for name := range eventlog.Streams() {
		s.streams[name] = &messages{ends: map[string]uint64{}}
	}
	return s
}

// Append stores msgs.
func (s *Store) Append(_ context.Context, stream eventlog.Stream, msgs []eventlog.Message) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != nil {
		if err := s.fault(stream, msgs); err != nil {
			return 0, err
		}
	}
	m := s.streams[stream]
	for _, msg := range msgs {
		if msg.Expect != eventlog.NoExpect && m.ends[msg.Subject] != msg.Expect {
			return 0, &eventlog.ConflictError{Subject: msg.Subject, Stands: m.ends[msg.Subject]}
		}
	}
	first := uint64(len(m.all)) + 1
	for _, msg := range msgs {
		seq := uint64(len(m.all)) + 1
		m.all = append(m.all, eventlog.Stored{Seq: seq, Subject: msg.Subject, Data: msg.Data})
		m.ends[msg.Subject] = seq
	}
	return first, nil
}

// Read returns readable messages from a sequence on.
func (s *Store) Read(_ context.Context, stream eventlog.Stream, filter string, from uint64, bytesMax int) ([]eventlog.Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []eventlog.Stored
	size := 0
	m := s.streams[stream]
	for i := int(max(from, 1)) - 1; i < len(m.all) && (size < bytesMax || len(found) == 0); i++ { //nolint:gosec // an index
		if msg := m.all[i]; msg.Data != nil && eventlog.Matches(filter, msg.Subject) {
			found = append(found, msg)
			size += len(msg.Data)
		}
	}
	return found, nil
}

// Get returns the message at a sequence.
func (s *Store) Get(_ context.Context, stream eventlog.Stream, seq uint64) (eventlog.Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.streams[stream]
	if seq == 0 || seq > uint64(len(m.all)) || m.all[seq-1].Data == nil {
		return eventlog.Stored{}, eventlog.ErrNotFound
	}
	return m.all[seq-1], nil
}

// Before returns the last readable message of a subject before a sequence.
func (s *Store) Before(_ context.Context, stream eventlog.Stream, subject string, before uint64) (eventlog.Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.streams[stream]
	if before == 0 || before > uint64(len(m.all)) {
		before = uint64(len(m.all)) + 1
	}
	for seq := before - 1; seq > 0; seq-- {
		if msg := m.all[seq-1]; msg.Data != nil && msg.Subject == subject {
			return msg, nil
		}
	}
	return eventlog.Stored{}, eventlog.ErrNotFound
}

// Last returns the sequence of the last message.
func (s *Store) Last(_ context.Context, stream eventlog.Stream) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return uint64(len(s.streams[stream].all)), nil
}

// Purge removes the messages of a subject before a sequence.
func (s *Store) Purge(_ context.Context, stream eventlog.Stream, subject string, before uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.streams[stream]
	for i := range m.all[:min(max(before, 1)-1, uint64(len(m.all)))] {
		if m.all[i].Subject == subject {
			m.all[i].Data = nil
		}
	}
	return nil
}

// Erase removes a message. Its bytes are left to whoever reads them at the moment, and then to nobody.
func (s *Store) Erase(_ context.Context, stream eventlog.Stream, seq uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.streams[stream]; seq > 0 && seq <= uint64(len(m.all)) {
		m.all[seq-1].Data = nil
	}
	return nil
}

// Subjects lists the subjects that have a message.
func (s *Store) Subjects(_ context.Context, stream eventlog.Stream, filter string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := map[string]bool{}
	for _, msg := range s.streams[stream].all {
		if msg.Data != nil && eventlog.Matches(filter, msg.Subject) {
			known[msg.Subject] = true
		}
	}
	return slices.Collect(maps.Keys(known)), nil
}

// Advanced is nil: nobody else appends here.
func (*Store) Advanced(eventlog.Stream) <-chan struct{} { return nil }

// Damage lets a test change the bytes of a stored message; returning nil makes it unreadable.
func (s *Store) Damage(stream eventlog.Stream, seq uint64, change func([]byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	msg := &s.streams[stream].all[seq-1]
	msg.Data = change(append([]byte(nil), msg.Data...))
}

// Fault lets a test fail appends: an error that fault returns is Append's answer, and nothing is stored. nil ends it.
func (s *Store) Fault(fault func(eventlog.Stream, []eventlog.Message) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}
