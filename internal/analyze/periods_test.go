package analyze

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"penstock/internal/analytics"
)

// Whatever range of whole days is cut up, each of its days is in one period, none is beside it, and the periods lie where those that are summed up begin.
func TestStretchesAreTheRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := func(n int) time.Time { return time.Unix(0, 0).UTC().AddDate(0, 0, n) }
		first, n := rapid.IntRange(-400, 400).Draw(t, "first"), rapid.IntRange(0, 200).Draw(t, "days")
		from, to := rapid.Bool().Draw(t, "from"), rapid.Bool().Draw(t, "to")
		r := analytics.Range{}
		if from {
			r.From = day(first)
		}
		if to {
			r.To = day(first + n)
		}
		const margin = 2 * blockDays
		count := map[time.Time]int{}
		long := 0
		for _, s := range stretches(r, periods()) {
			for i := first - margin; i < first+n+margin; i++ {
				if !s.From.IsZero() && day(i).Before(s.From) || !s.To.IsZero() && !day(i).Before(s.To) {
					continue
				}
				count[day(i)]++
				if s.days == blockDays {
					long++
				}
			}
			for _, end := range []time.Time{s.From, s.To} {
				if !end.IsZero() && !periodStart(end, s.days).Equal(end) {
					t.Errorf("%d days from %s to %s are not of whole periods", s.days, s.From, s.To)
				}
			}
		}
		for i := first - margin; i < first+n+margin; i++ {
			want := 1
			if from && i < first || to && i >= first+n {
				want = 0
			}
			if count[day(i)] != want {
				t.Fatalf("day %s is in %d periods, want %d", day(i).Format(time.DateOnly), count[day(i)], want)
			}
		}
		if n >= margin && long == 0 {
			t.Error("no period of the greatest length")
		}
	})
}
