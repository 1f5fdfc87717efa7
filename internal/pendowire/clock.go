package pendowire

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// The ages of a call, when it arrives, at which Pendo treats it otherwise; and how far ahead a clock may be.
const (
	lateAfter      = 5 * time.Minute  // it is no longer the hourly run that processes it
	agentLateAfter = 90 * time.Minute // the same for the agent, which keeps events while a browser is offline
	ageMax         = 7 * 24 * time.Hour
	skewMax        = 5 * time.Minute
)

// secondsMax is the time before which a number of milliseconds is one of seconds by mistake: March 1973, as seconds the year 5138.
const secondsMax = int64(100_000_000_000)

// epoch is the time that an unset clock, or an unset field, shows.
func epoch() time.Time { return time.UnixMilli(0).UTC() }

// happened sets when the call happened, and says what Pendo makes of its age. Of seconds that were taken for milliseconds, it is the time that was meant.
func (c *Call) happened(t time.Time, late time.Duration) {
	arrived := c.Time
	if ms := t.UnixMilli(); ms > 0 && ms < secondsMax {
		c.add(true, SecondsAsMillis)
		t = time.Unix(ms, 0).UTC()
	}
	c.Time = t
	switch age := arrived.Sub(t); {
	case age > ageMax:
		c.add(true, TooOld)
	case age > late:
		c.add(true, Deferred)
	case age < -skewMax:
		c.add(true, InFuture)
	}
}

// millis reads a time in milliseconds since 1970: a number, or text that is one.
func millis(v jsontext.Value) (time.Time, bool) {
	s := string(v)
	if v.Kind() == '"' {
		s = text(v)
	}
	f, err := strconv.ParseFloat(s, 64)
	const most = 253402300799999 // the end of the year 9999
	if err != nil || f < 1 || f > most {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(f)).UTC(), true
}
