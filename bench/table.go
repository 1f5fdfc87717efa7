package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// table is what a run prints, as Markdown.
type table struct {
	title string
	rows  []row
	notes []string
}

type row struct {
	what      string
	rate      float64 // events a second
	ratio     float64 // to the reference in the same run; 0 is none
	latencies [3]time.Duration
	refused   int
}

// percentiles are the three that the table shows.
func percentiles(l latencies) [3]time.Duration {
	return [3]time.Duration{l.percentile(50), l.percentile(95), l.percentile(99)}
}

func (t table) write(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n\n", t.title)
	text.WriteString("| case | events/s | of reference | p50 | p95 | p99 |\n")
	text.WriteString("| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range t.rows {
		ratio := ""
		if r.ratio > 0 {
			ratio = fmt.Sprintf("%.2f", r.ratio)
		}
		what := r.what
		if r.refused > 0 {
			what += fmt.Sprintf(" (%d requests refused)", r.refused)
		}
		rate := ""
		if r.rate > 0 {
			rate = fmt.Sprintf("%.0f", r.rate)
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s |\n", what, rate, ratio, r.latency(0), r.latency(1), r.latency(2))
	}
	for _, note := range t.notes {
		fmt.Fprintf(&text, "\n%s\n", note)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// latency is one of the three; "" where none was measured.
func (r row) latency(i int) string {
	if r.latencies == [3]time.Duration{} {
		return ""
	}
	return milliseconds(r.latencies[i])
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}
