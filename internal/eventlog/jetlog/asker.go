package jetlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"penstock/internal/eventlog"
)

// How many requests are on their way over a connection at a time. A read is answered with a few MiB at most, and the
// server closes a connection for which 64 MiB wait.
const (
	appendsMax = 8 // a stream has one at a time
	readsMax   = 4 // of those who read streams
	endsMax    = 2 // of commits, which ask where a subject ends, and must not wait for the others
)

var (
	errLost     = errors.New("the connection to the log server was lost")
	errNoAnswer = errors.New("the server did not answer in time")
)

// take is handed the answers to a request, one after the other, until it says that one was the last, or fails.
type take func(answer *nats.Msg) (last bool, err error)

// asker carries out requests over one connection, so many at a time; others wait for their turn.
type asker struct {
	conn  *nats.Conn
	seats chan *seat
	lost  signal        // the connection, and with it the answers that are on their way
	limit time.Duration // of one request, once it is its turn; 0: as long as its caller waits
}

// seat is what one request at a time gets its answers by. It is used again and again: to subscribe for each one costs
// more than many a read.
type seat struct {
	sub     *nats.Subscription
	answers chan *nats.Msg
	inbox   string
	asked   uint64
}

func newAsker(most int, limit time.Duration) *asker {
	a := &asker{seats: make(chan *seat, most), limit: limit}
	for range most {
		a.seats <- &seat{}
	}
	return a
}

// read sends a direct read to a stream: see ask.
func (a *asker) read(ctx context.Context, name eventlog.Stream, request any, answers take) error {
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	return a.ask(ctx, &nats.Msg{Subject: "$JS.API.DIRECT.GET." + string(name), Data: body}, answers)
}

// ask sends a request once it is its turn, and hands over its answers.
func (a *asker) ask(ctx context.Context, request *nats.Msg, answers take) error {
	var s *seat
	select {
	case s = <-a.seats:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { a.seats <- s }()
	if a.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, a.limit, errNoAnswer)
		defer cancel()
	}
	last, err := a.exchange(ctx, s, request, answers)
	if !last {
		s.leave()
	}
	return err
}

// exchange carries out a request by a seat; last reports whether all answers have come.
func (a *asker) exchange(ctx context.Context, s *seat, request *nats.Msg, answers take) (last bool, err error) {
	lost := a.lost.next()
	if s.sub == nil {
		if err := s.sit(a.conn); err != nil {
			return false, err
		}
	}
	s.asked++
	request.Reply = s.inbox + strconv.FormatUint(s.asked, 10)
	if err := a.conn.PublishMsg(request); err != nil {
		return false, err
	}
	for {
		select {
		case m := <-s.answers:
			if m.Subject != request.Reply { // of one that was given up
				continue
			}
			if last, err = answers(m); last || err != nil {
				return last, err
			}
		case <-lost:
			return false, errLost
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

// sit subscribes to the answers of a seat's requests.
func (s *seat) sit(conn *nats.Conn) (err error) {
	s.inbox, s.answers = conn.NewInbox()+".", make(chan *nats.Msg, readMessagesMax+1)
	s.sub, err = conn.ChanSubscribe(s.inbox+"*", s.answers)
	return err
}

// leave ends a seat's subscription: the server then throws away the answers that nobody waits for.
func (s *seat) leave() {
	if s.sub != nil {
		_ = s.sub.Unsubscribe() // it fails where the connection is closed, and the subscription with it
		s.sub = nil
	}
}
