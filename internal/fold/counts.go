package fold

import "penstock/internal/record"

// Counts says what became of what a mapping owes, in lines.
type Counts struct {
	Accepted  uint64 `json:"accepted"` // from the frames alone
	Delivered uint64 `json:"delivered"`
	Filtered  uint64 `json:"filtered"`
	Duplicate uint64 `json:"duplicate"`
	Discarded uint64 `json:"discarded"`
	Lost      uint64 `json:"lost"`
	Retrying  uint64 `json:"retrying"`
	Parked    uint64 `json:"parked"`
	Pending   uint64 `json:"pending"`
}

// Outcomes is the sum of all but Accepted.
func (c *Counts) Outcomes() uint64 {
	return c.Delivered + c.Filtered + c.Duplicate + c.Discarded + c.Lost + c.Retrying + c.Parked + c.Pending
}

// Balanced tells whether what was accepted is what became of it.
func (c *Counts) Balanced() bool { return c.Accepted == c.Outcomes() }

func (c *Counts) add(status record.Status, n uint64) {
	switch status {
	case record.Delivered:
		c.Delivered += n
	case record.Filtered:
		c.Filtered += n
	case record.Duplicate:
		c.Duplicate += n
	case record.Discarded:
		c.Discarded += n
	case record.Lost:
		c.Lost += n
	case record.Retrying, record.Parked, record.Resumed:
	}
}

// Counts counts. Accepted comes from the chain of the frames, the terminal ones from outcomes, and what is open from the positions that are
// open: none is computed from the others, so that they balance only when all is right.
func (f *Fold) Counts() Counts {
	c := f.settled
	var open uint64
	for i := range f.entries {
		e := &f.entries[i]
		switch {
		case e.left == 0:
		case e.hole != nil:
			open += e.left
		case e.state == nil:
			open += e.lines
		default:
			for _, s := range e.state {
				switch s {
				case pending:
					open++
				case retrying:
					c.Retrying++
				case settled:
				}
			}
		}
	}
	if f.park != nil {
		c.Parked = open
	} else {
		c.Pending = open
	}
	return c
}

// terminal is the terminal counts, by status.
func (c *Counts) terminal() map[record.Status]uint64 {
	counts := map[record.Status]uint64{}
	for status, n := range map[record.Status]uint64{
		record.Delivered: c.Delivered, record.Filtered: c.Filtered, record.Duplicate: c.Duplicate, record.Discarded: c.Discarded, record.Lost: c.Lost,
	} {
		if n > 0 {
			counts[status] = n
		}
	}
	return counts
}

func fromTerminal(counts map[record.Status]uint64) Counts {
	var c Counts
	for status, n := range counts {
		c.add(status, n)
	}
	return c
}
