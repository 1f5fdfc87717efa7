package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"

	"penstock/destinations"
	"penstock/internal/deliver"
	"penstock/internal/destination"
	"penstock/internal/event"
	"penstock/internal/netguard"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// startDelivery is the last step: from here on requests go out.
func (s *server) startDelivery(ctx context.Context) {
	s.parts.run(ctx, "delivery", s.deliver.Run)
	s.parts.run(ctx, "retention", s.keeper.Run)
}

// compile makes a mapping of a fence, with the settings that its destination has now and connections of its own.
func (s *server) compile(_ context.Context, fence *record.Fence) (deliver.Compiled, error) {
	d, ok := destinations.Lookup(fence.Type)
	if !ok {
		return nil, fmt.Errorf("there is no destination of the type %q", fence.Type)
	}
	var spec destination.Spec
	if err := json.Unmarshal(fence.Spec, &spec); err != nil {
		return nil, fmt.Errorf("read mapping: %w", err)
	}
	var settings json.RawMessage
	if configured := s.workspace.Snapshot().Destination(fence.Destination); configured != nil {
		settings = workspace.ResolveJSON(configured.Settings, s.url)
	}
	m, err := destination.Compile(d, workspace.Resolve(spec, s.url), settings)
	if err != nil {
		return nil, err
	}
	return withSwitch(deliver.FromMapping(m, s.client(fence.Mapping)), d.Definition().Names()), nil
}

// withSwitch makes a mapping switchable; one that sends batches goes on sending batches.
func withSwitch(m deliver.Compiled, names []string) deliver.Compiled {
	s := switchable{Compiled: m, names: names}
	if b, ok := m.(deliver.Batcher); ok {
		return switchableBatcher{Batcher: b, switchable: s}
	}
	return s
}

// switchableBatcher is a switchable mapping that sends batches.
type switchableBatcher struct {
	deliver.Batcher

	switchable switchable
}

// Match tells whether the event is to be sent.
func (m switchableBatcher) Match(line []byte) bool { return m.switchable.Match(line) }

// Explain says why not.
func (m switchableBatcher) Explain(line []byte) (code, reason string) {
	return m.switchable.Explain(line)
}

// switchable is a mapping that the client of an event may switch off, by a name of its destination in the event's integrations.
type switchable struct {
	deliver.Compiled

	names []string
}

// Match tells whether the event is to be sent.
func (m switchable) Match(line []byte) bool {
	_, off := event.SwitchedOff(line, m.names...)
	return !off && m.Compiled.Match(line)
}

// Explain says why not.
func (m switchable) Explain(line []byte) (code, reason string) {
	if by, off := event.SwitchedOff(line, m.names...); off {
		return event.CodeSwitchedOff, event.ExplainSwitchedOff(by)
	}
	return m.Compiled.Explain(line)
}

// client is the one that a mapping sends with: its connections are its own, and outlive its fences.
func (s *server) client(mapping string) *http.Client {
	if known, ok := s.clients.Load(mapping); ok {
		return known.(*http.Client) //nolint:errcheck,forcetypeassert // nothing else is stored
	}
	made, _ := s.clients.LoadOrStore(mapping, netguard.NewClient(netguard.Config{
		Allow: s.cfg.EgressAllow, Own: s.own, Refused: destination.ErrEgressRefused, Concurrency: deliver.DefaultConfig().Concurrency,
	}))
	return made.(*http.Client) //nolint:errcheck,forcetypeassert // nothing else is stored
}

// own is the addresses under which this server's receiver may be called although they are not public.
func (s *server) own() []netip.AddrPort {
	tcp, ok := s.listener.Addr().(*net.TCPAddr)
	if !ok {
		return nil
	}
	at := tcp.AddrPort()
	if !at.Addr().IsUnspecified() {
		return []netip.AddrPort{netip.AddrPortFrom(at.Addr().Unmap(), at.Port())}
	}
	return []netip.AddrPort{
		netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()),
		netip.AddrPortFrom(netip.IPv6Loopback(), at.Port()),
	}
}
