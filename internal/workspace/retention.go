package workspace

// AppMonthsMax is how long what an app received is kept at most, and where nothing else is said, in months.
const AppMonthsMax = 84

const (
	daysMax  = 3650
	hoursMax = 24 * daysMax
)

// retention checks how long a source is kept.
func (e *Edit) retention(at pointer, r *Retention) {
	if r.Days < 0 || r.Days > daysMax {
		e.add(at.field("days"), "events cannot be kept for %d days; want 1 to %d, or leave it out for the server's default", r.Days, daysMax)
	}
	if r.BacklogHours < 0 || r.BacklogHours > hoursMax {
		e.add(at.field("backlogHours"), "events cannot wait for %d hours; want 1 to %d, or leave it out for the server's default", r.BacklogHours, hoursMax)
	}
	for name, n := range map[string]int64{"bytes": r.Bytes, "backlogBytes": r.BacklogBytes} {
		if n < 0 {
			e.add(at.field(name), "%d is no number of bytes; want one above 0, or leave it out for the server's default", n)
		}
	}
	switch r.WhenFull {
	case "", RefuseNew, DiscardOld:
	default:
		e.add(at.field("whenFull"), "there is no %q; want refuse (new events are answered 503) or discard (the oldest are discarded)", r.WhenFull)
	}
}
