package event

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/segmentio/ksuid"
)

// Facts is what the server knows of a request.
type Facts struct {
	// Project is the id of the source; it becomes projectId.
	Project string
	// ReceivedAt is when the request came, in ms since 1970. All events of a batch share it.
	ReceivedAt int64
	// Client tells that the route is one of browsers and phones: such events get the caller's address, and are of the channel client, unless
	// their library is one of phones: those are of the channel server, as they are at Segment.
	Client bool
	// Import tells that the route is one on which libraries of phones send too; their events get the caller's address.
	Import bool
	// IP is the caller's address (IPv4), or "" when it is not to be filled in.
	IP string
	// Random gives 16 random bytes: a messageId is made from them where the client sent none.
	Random func() [16]byte
}

// Accepted is an event that was taken.
type Accepted struct {
	// Index is its place in its batch, from 0.
	Index     int
	Type      Type
	MessageID string
	// Line is the canonical event: one JSON object without a line break. It is not reused.
	Line []byte
	// Library is context.library as JSON: the SDK that sent the event. nil when nobody said. It is a part of the body.
	Library []byte
}

// Result is what became of a body. Its slices are reused by the next call; the lines are not.
type Result struct {
	Accepted []Accepted
	Rejected []*Rejection
}

const (
	unknownLibrary = `"library":{"name":"unknown","version":"unknown"}`
	serverBytes    = 280 // about what the server adds to an event
)

// Normalize checks the events of the body that Split has taken apart, and writes the line of each that is good. One bad event does not
// sink the others.
func (s *Splitter) Normalize(facts *Facts) Result {
	s.setShared()
	s.accepted, s.rejected, s.ids = s.accepted[:0], s.rejected[:0], s.ids[:0]
	w, v := &s.writer, &s.view
	w.begin(s, facts)
	v.splitter = s
	for i, e := range s.events {
		v.set(e)
		r := v.check()
		if r == nil && w.total > BatchLinesBytesMax-2*EventBytesMax {
			r = v.reject(PayloadTooLarge, fmt.Sprintf("Exceed payload limit: with what the batch shares, its events have more than %d bytes.", BatchLinesBytesMax-2*EventBytesMax),
				"Send less in the batch's context and integrations, or fewer events.")
		}
		if r != nil {
			r.Index = i
			if s.typ != Batch {
				r.Index = -1
			}
			s.rejected = append(s.rejected, r)
			continue
		}
		a := w.event(v)
		a.Index = i
		s.accepted = append(s.accepted, a)
	}
	ids, from := string(s.ids), 0 // one string for all
	for i := range s.accepted {
		to := from + w.idBytes[i]
		s.accepted[i].MessageID = ids[from:to]
		from = to
	}
	w.lines, w.facts = nil, nil
	return Result{Accepted: s.accepted, Rejected: s.rejected}
}

// writer writes the lines of one body.
type writer struct {
	splitter *Splitter
	facts    *Facts
	server   []byte // the members that all events share: projectId, version, receivedAt
	received []byte // receivedAt, with its quotes
	ip       []byte // the member
	lines    []byte // where lines are written, one after the other
	total    int
	idBytes  []int
}

// begin makes the writer ready for a body. Its memory is used again, but for the lines.
func (w *writer) begin(s *Splitter, facts *Facts) {
	w.splitter, w.facts, w.total = s, facts, 0
	w.idBytes, w.ip = w.idBytes[:0], w.ip[:0]
	w.server = append(w.server[:0], `,"projectId":`...)
	w.server, _ = jsontext.AppendQuote(w.server, facts.Project) // an id is valid UTF-8
	w.server = append(w.server, `,"version":2,"receivedAt":`...)
	from := len(w.server)
	w.server = append(appendMillis(append(w.server, '"'), facts.ReceivedAt), '"')
	w.received = w.server[from:]
	if facts.IP != "" {
		w.ip, _ = jsontext.AppendQuote(append(w.ip, `"ip":`...), facts.IP)
	}
	size := len(s.body) + len(s.events)*(serverBytes+s.shared.bytes)
	w.lines = make([]byte, 0, min(size, BatchLinesBytesMax))
}

// event writes the line of an event that was checked.
func (w *writer) event(v *view) Accepted {
	start := len(w.lines)
	dst := w.lines
	dst = append(append(append(dst, `{"type":"`...), v.typ...), `","messageId":`...)
	dst = w.messageID(dst, v)
	facts := readContext(v.value(fieldContext), w.splitter.shared.facts)
	if w.facts.Client && !mobile(facts.library) {
		dst = append(dst, `,"channel":"client"`...)
	} else {
		dst = append(dst, `,"channel":"server"`...)
	}
	dst = append(dst, w.server...)
	dst = w.times(dst, v)

	for i := v.item.first; i < v.item.last; i++ {
		m := &w.splitter.members[i]
		if m.field != other && v.last[m.field] != int32(i)+1 { //nolint:gosec // bounded by the size of a body
			continue // repeated: the last one counts
		}
		dst = w.member(dst, v, m, facts)
	}
	if v.last[fieldContext] == 0 {
		dst = w.context(append(dst, `,"context":`...), nil, facts)
	}
	if v.last[fieldIntegrations] == 0 {
		dst = w.integrations(append(dst, `,"integrations":`...), nil)
	}
	dst = append(dst, '}')
	w.total += len(dst) - start
	w.lines = dst
	return Accepted{Type: v.typ, Line: dst[start:len(dst):len(dst)], Library: facts.library}
}

// member writes a member that the client sent, unless it is the server's to say.
func (w *writer) member(dst []byte, v *view, m *part, facts contextFacts) []byte {
	body := w.splitter.body
	switch m.field {
	case fieldType, fieldMessageID, fieldTimestamp, fieldOriginalTimestamp, fieldSentAt, fieldWriteKey, fieldServer:
		return dst
	case fieldContext:
		return w.context(append(dst, `,"context":`...), v.value(fieldContext), facts)
	case fieldIntegrations:
		return w.integrations(append(dst, `,"integrations":`...), v.value(fieldIntegrations))
	case fieldUserID, fieldAnonymousID, fieldGroupID, fieldPreviousID:
		if v.drop[m.field] {
			return dst
		}
		dst = append(append(append(dst, `,"`...), idName(m.field)...), `":`...)
		return w.splitter.appendID(dst, body[m.value.from:m.value.to])
	case other, fieldEvent, fieldName, fieldCategory, fieldProperties, fieldTraits, fieldBatch, fieldCount:
	}
	name := body[m.name.from:m.name.to]
	if m.field != other {
		name = plainName(name) // so that whoever reads the line finds it
	}
	dst = append(append(append(dst, ','), name...), ':')
	return w.splitter.raw(dst, body[m.value.from:m.value.to])
}

// appendID writes an id: a number becomes a text as it was sent.
func (s *Splitter) appendID(dst, value []byte) []byte {
	if isNumber(value) {
		return append(append(append(dst, '"'), value...), '"')
	}
	return s.raw(dst, value)
}

// context writes an event's context, with the batch's merged into it.
func (w *writer) context(dst, own []byte, facts contextFacts) []byte {
	dst, empty := w.splitter.appendOpen(dst, own, &w.splitter.shared.context)
	if facts.library == nil {
		dst = append(separate(dst, empty), unknownLibrary...)
		empty = false
	}
	if len(w.ip) > 0 && !facts.ip && (w.facts.Client || facts.direct || w.facts.Import && mobile(facts.library)) {
		dst = append(separate(dst, empty), w.ip...)
	}
	return append(dst, '}')
}

// mobile tells whether a library is one of phones.
func mobile(library []byte) bool {
	return len(library) > 0 && library[0] == '{' && Mobile(text(member(library, `"name"`)))
}

// Mobile tells whether the name of a library is that of one of phones.
func Mobile(library string) bool { return slices.Contains(MobileLibraries(), library) }

// MobileLibraries are the names of the libraries of phones.
func MobileLibraries() []string {
	return []string{
		"analytics-ios", "analytics-android", "analytics-swift", "analytics-kotlin", "analytics-react-native", "@segment/analytics-react-native", "analytics-flutter",
		"analytics_flutter", "Analytics-CSharp", "Analytics.Xamarin",
	}
}

// raw appends a value as it came; of its line breaks, if the body has any, nothing stays.
func (s *Splitter) raw(dst, value []byte) []byte {
	if s.broken {
		return appendUnbroken(dst, value)
	}
	return append(dst, value...)
}

func (w *writer) integrations(dst, own []byte) []byte {
	dst, _ = w.splitter.appendOpen(dst, own, &w.splitter.shared.integrations)
	return append(dst, '}')
}

// messageID writes the event's own id, or makes one, and keeps what it says.
func (w *writer) messageID(dst []byte, v *view) []byte {
	s, before := w.splitter, len(w.splitter.ids)
	value := v.value(fieldMessageID)
	switch {
	case value != nil && isNumber(value):
		s.ids = append(s.ids, value...)
		dst = s.appendID(dst, value)
	case len(value) > len(`""`):
		s.ids = unquote(s.ids, value)
		dst = append(dst, value...)
	default:
		s.ids = w.makeID(s.ids)
		dst = append(append(append(dst, '"'), s.ids[before:]...), '"')
	}
	w.idBytes = append(w.idBytes, len(s.ids)-before)
	return dst
}

// makeID makes an id as Segment does: a KSUID whose time is receivedAt.
func (w *writer) makeID(dst []byte) []byte {
	payload := w.facts.Random()
	id, err := ksuid.FromParts(time.UnixMilli(w.facts.ReceivedAt), payload[:])
	if err != nil { // the payload has 16 bytes
		panic(err)
	}
	return id.Append(append(dst, "api-"...))
}

// times writes timestamp, originalTimestamp and sentAt.
func (w *writer) times(dst []byte, v *view) []byte {
	h := &w.splitter.shared
	original := v.value(fieldTimestamp)
	if original == nil {
		original = v.value(fieldOriginalTimestamp)
	}
	sent, sentMicros, sentOK := h.sentAt, h.sentMicros, h.sentOK
	if own := v.value(fieldSentAt); own != nil {
		sent = own
		sentMicros, sentOK = parseQuoted(own)
	}
	dst = append(dst, `,"timestamp":`...)
	if micros, ok := parseQuoted(original); ok {
		dst = append(appendMillis(append(dst, '"'), occurred(w.facts.ReceivedAt, micros, true, sentMicros, sentOK)), '"')
	} else {
		dst = append(dst, w.received...)
	}
	if original != nil {
		dst = w.splitter.raw(append(dst, `,"originalTimestamp":`...), original)
	}
	if sent != nil {
		dst = w.splitter.raw(append(dst, `,"sentAt":`...), sent)
	}
	return dst
}
