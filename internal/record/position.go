package record

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Position names one line of a stream for ever: the sequence of its frame, and the line in it, counted from 0. In JSON it is a
// text, by MarshalText.
type Position struct {
	Seq  uint64 `json:"-"`
	Line int    `json:"-"`
}

// Compare orders positions as they lie on the stream.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Seq, q.Seq), cmp.Compare(p.Line, q.Line))
}

// IsZero tells whether p names nothing; sequences begin at 1.
func (p Position) IsZero() bool { return p.Seq == 0 }

// String gives the written form, "12.3".
func (p Position) String() string {
	return strconv.FormatUint(p.Seq, 10) + "." + strconv.Itoa(p.Line)
}

// ParsePosition reads the written form; "12" is "12.0".
func ParsePosition(s string) (Position, error) {
	seq, line, dotted := strings.Cut(s, ".")
	p := Position{}
	var err error
	if p.Seq, err = strconv.ParseUint(seq, 10, 64); err != nil {
		return Position{}, fmt.Errorf("parse position %q: want SEQUENCE.LINE, as in 12.3", s)
	}
	if dotted {
		if p.Line, err = strconv.Atoi(line); err != nil || p.Line < 0 {
			return Position{}, fmt.Errorf("parse position %q: want SEQUENCE.LINE, as in 12.3", s)
		}
	}
	return p, nil
}

// MarshalText writes the form of String.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the form of String.
func (p *Position) UnmarshalText(b []byte) error {
	q, err := ParsePosition(string(b))
	if err != nil {
		return err
	}
	*p = q
	return nil
}

// Span is a run of lines of one frame: From and To are both in it. In JSON it is a text, by MarshalText.
type Span struct {
	Seq      uint64 `json:"-"`
	From, To int    `json:"-"`
}

// At is the span of one position.
func At(p Position) Span { return Span{Seq: p.Seq, From: p.Line, To: p.Line} }

// Len is the number of lines in s.
func (s Span) Len() int { return s.To - s.From + 1 }

// String gives the written form, "12.3" or "12.3-9".
func (s Span) String() string {
	text := strconv.FormatUint(s.Seq, 10) + "." + strconv.Itoa(s.From)
	if s.To != s.From {
		text += "-" + strconv.Itoa(s.To)
	}
	return text
}

// MarshalText writes the form of String.
func (s Span) MarshalText() ([]byte, error) {
	if s.Seq == 0 || s.From < 0 || s.To < s.From {
		return nil, fmt.Errorf("encode span: sequence %d, lines %d to %d", s.Seq, s.From, s.To)
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads the form of String.
func (s *Span) UnmarshalText(b []byte) error {
	from, to, ranged := strings.Cut(string(b), "-")
	p, err := ParsePosition(from)
	if err != nil {
		return err
	}
	*s = At(p)
	if ranged {
		if s.To, err = strconv.Atoi(to); err != nil || s.To < s.From {
			return fmt.Errorf("parse span %q: want SEQUENCE.LINE-LINE, as in 12.3-9", b)
		}
	}
	return nil
}
