package event

const (
	microsPerMilli  = 1000
	microsPerSecond = 1_000_000
)

// The first and the last millisecond that can be written with four digits for the year.
const (
	millisMin = -62_167_219_200_000
	millisMax = 253_402_300_799_999
)

const (
	secondsPerDay = 24 * 60 * 60
	millisPerDay  = secondsPerDay * 1000
	daysPerEra    = 146_097 // 400 years, after which the calendar repeats itself
	epochInEra    = 719_468 // days from the first of March of the year 0 to the first of January of 1970
)

// daysOf counts the days from 1970 to a date. Years are made to begin in March, so that a leap day is their last; then the days before a
// month are a straight line, cut off.
func daysOf(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	era := floor(year, 400)
	ofEra := year - era*400
	ofYear := (153*(month-3)+2)/5 + day - 1
	return era*daysPerEra + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - epochInEra
}

// dateOf is the inverse of daysOf.
func dateOf(days int) (year, month, day int) {
	days += epochInEra
	era := floor(days, daysPerEra)
	d := days - era*daysPerEra
	ofEra := (d - d/1460 + d/36_524 - d/146_096) / 365
	ofYear := d - (365*ofEra + ofEra/4 - ofEra/100)
	m := (5*ofYear + 2) / 153
	year, month, day = era*400+ofEra, m+3, ofYear-(153*m+2)/5+1
	if month > 12 {
		return year + 1, month - 12, day
	}
	return year, month, day
}

// floor divides, towards the past.
func floor(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// appendMillis writes a time, in ms since 1970, as UTC with milliseconds: 2026-11-23T12:00:00.000Z.
func appendMillis(dst []byte, millis int64) []byte {
	days := floor(int(millis), millisPerDay)
	rest := int(millis) - days*millisPerDay
	year, month, day := dateOf(days)
	dst = appendDigits(dst, year, 4)
	dst = appendDigits(append(dst, '-'), month, 2)
	dst = appendDigits(append(dst, '-'), day, 2)
	dst = appendDigits(append(dst, 'T'), rest/3_600_000, 2)
	dst = appendDigits(append(dst, ':'), rest/60_000%60, 2)
	dst = appendDigits(append(dst, ':'), rest/1000%60, 2)
	dst = appendDigits(append(dst, '.'), rest%1000, 3)
	return append(dst, 'Z')
}

func appendDigits(dst []byte, v, digits int) []byte {
	var b [4]byte
	for i := digits - 1; i >= 0; i-- {
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return append(dst, b[:digits]...)
}

// parseTime reads a time in any form of RFC 3339, and the near forms of ISO 8601 that clients send: a space for the T, offsets without a colon,
// no offset (UTC), only a date. It returns microseconds since 1970.
func parseTime(s []byte) (micros int64, ok bool) {
	p := timeParser{rest: s, ok: true}
	year := p.digits(4)
	p.expect('-')
	month := p.digits(2)
	p.expect('-')
	day := p.digits(2)
	var hour, minute, second, fraction int
	offset := 0
	if p.ok && len(p.rest) > 0 {
		p.oneOf("Tt ")
		hour = p.digits(2)
		p.expect(':')
		minute = p.digits(2)
		p.expect(':')
		second = p.digits(2)
		fraction = p.fraction()
		offset = p.offset()
	}
	if !p.ok || len(p.rest) > 0 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60 {
		return 0, false
	}
	days := daysOf(year, month, day)
	if _, _, d := dateOf(days); day > 28 && d != day {
		return 0, false // the 31st of a shorter month
	}
	seconds := days*secondsPerDay + hour*3600 + minute*60 + second - offset
	return int64(seconds)*microsPerSecond + int64(fraction), true
}

// timeParser takes a time apart; ok turns false at the first thing that is not as it should be.
type timeParser struct {
	rest []byte
	ok   bool
}

func (p *timeParser) digits(n int) int {
	if len(p.rest) < n {
		p.ok = false
		return 0
	}
	v := 0
	for _, c := range p.rest[:n] {
		if c < '0' || c > '9' {
			p.ok = false
			return 0
		}
		v = v*10 + int(c-'0')
	}
	p.rest = p.rest[n:]
	return v
}

func (p *timeParser) expect(c byte) {
	if len(p.rest) == 0 || p.rest[0] != c {
		p.ok = false
		return
	}
	p.rest = p.rest[1:]
}

func (p *timeParser) oneOf(set string) {
	for i := range len(set) {
		if len(p.rest) > 0 && p.rest[0] == set[i] {
			p.rest = p.rest[1:]
			return
		}
	}
	p.ok = false
}

// fraction reads what follows the seconds, if anything does, in microseconds; what is finer is cut off.
func (p *timeParser) fraction() int {
	if len(p.rest) == 0 || p.rest[0] != '.' && p.rest[0] != ',' {
		return 0
	}
	p.rest = p.rest[1:]
	v, n := 0, 0
	for ; len(p.rest) > 0 && '0' <= p.rest[0] && p.rest[0] <= '9'; n++ {
		if n < 6 {
			v = v*10 + int(p.rest[0]-'0')
		}
		p.rest = p.rest[1:]
	}
	if n == 0 {
		p.ok = false
	}
	for ; n < 6; n++ {
		v *= 10
	}
	return v
}

// offset reads the distance from UTC, in seconds.
func (p *timeParser) offset() int {
	if len(p.rest) == 0 {
		return 0
	}
	sign := p.rest[0]
	p.rest = p.rest[1:]
	switch sign {
	case 'Z', 'z':
		return 0
	case '+', '-':
	default:
		p.ok = false
		return 0
	}
	hours, minutes := p.digits(2), 0
	if len(p.rest) > 0 {
		if p.rest[0] == ':' {
			p.rest = p.rest[1:]
		}
		minutes = p.digits(2)
	}
	if hours > 23 || minutes > 59 {
		p.ok = false
	}
	seconds := hours*3600 + minutes*60
	if sign == '-' {
		return -seconds
	}
	return seconds
}

// occurred is when an event happened by the server's clock, in ms since 1970: the client's clock may be wrong, so what counts is how long before sending it
// happened. Both times are in microseconds; ok says whether the client gave them.
func occurred(receivedMillis, original int64, originalOK bool, sent int64, sentOK bool) int64 {
	if !originalOK {
		return receivedMillis
	}
	micros := original
	if sentOK {
		micros = receivedMillis*microsPerMilli - (sent - original)
	}
	millis := micros / microsPerMilli
	if micros%microsPerMilli < 0 {
		millis--
	}
	if millis < millisMin || millis > millisMax {
		return receivedMillis
	}
	return millis
}
