package app

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"penstock/internal/eventlog"
)

const collectTimeout = 10 * time.Second

// metrics answers /metrics: the ledger, the ends of the streams, and the process.
func (s *server) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newCollector(s))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// collector asks the parts when it is asked itself.
type collector struct {
	server *server
	events *prometheus.Desc
	stream *prometheus.Desc
	flight *prometheus.Desc

	backlog, backlogBytes, backlogShare, keptBytes, removed, lostTail, slow *prometheus.Desc
}

func newCollector(s *server) *collector {
	return &collector{
		server: s,
		events: prometheus.NewDesc("penstock_ledger_events", "Events by what became of them, for each mapping; accepted is the sum of the others.", []string{"destination", "mapping", "outcome"}, nil),
		stream: prometheus.NewDesc("penstock_log_sequence", "Sequence of the last frame of each stream of the log.", []string{"stream"}, nil),
		flight: prometheus.NewDesc("penstock_delivery_in_flight", "Requests that are being answered, for each mapping.", []string{"mapping"}, nil),

		backlog:      prometheus.NewDesc("penstock_backlog_seconds", "Age of the oldest event that some mapping has not settled, for each source.", []string{"source"}, nil),
		backlogBytes: prometheus.NewDesc("penstock_backlog_bytes", "Bytes of a source's events from that one on.", []string{"source"}, nil),
		backlogShare: prometheus.NewDesc("penstock_backlog_share", "Share of what that may be; at 1 the source takes no more, or gives up its oldest.", []string{"source"}, nil),
		keptBytes:    prometheus.NewDesc("penstock_log_kept_bytes", "Bytes of a source's events that the log keeps.", []string{"source"}, nil),
		removed:      prometheus.NewDesc("penstock_log_removed_events_total", "Events of a source that were too old, or too much, and have been removed.", []string{"source"}, nil),
		lostTail:     prometheus.NewDesc("penstock_log_lost_tail_frames", "Frames at the end of EVENTS that were there before the last start, and were not after it. Anything but 0 is an alarm.", nil, nil),
		slow: prometheus.NewDesc("penstock_log_slow_consumers_total",
			"How often a connection to the log's server did not take what was sent. Anything but 0 is an alarm.", nil, nil),
	}
}

// Describe names the metrics.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	out <- c.events
	out <- c.stream
	out <- c.flight
	for _, d := range []*prometheus.Desc{
		c.backlog, c.backlogBytes, c.backlogShare, c.keptBytes, c.removed, c.lostTail, c.slow,
	} {
		out <- d
	}
}

// collectKeeping tells how the log is kept.
func (c *collector) collectKeeping(out chan<- prometheus.Metric) {
	out <- prometheus.MustNewConstMetric(c.lostTail, prometheus.GaugeValue, float64(c.server.index.Lost()))
	out <- prometheus.MustNewConstMetric(c.slow, prometheus.CounterValue, float64(c.server.store.SlowConsumers()))
	for _, k := range c.server.keeping().Sources {
		out <- prometheus.MustNewConstMetric(c.backlog, prometheus.GaugeValue, float64(k.Backlog.Seconds), k.Source)
		out <- prometheus.MustNewConstMetric(c.backlogBytes, prometheus.GaugeValue, float64(k.Backlog.Bytes), k.Source)
		out <- prometheus.MustNewConstMetric(c.backlogShare, prometheus.GaugeValue, k.Backlog.Share, k.Source)
		out <- prometheus.MustNewConstMetric(c.keptBytes, prometheus.GaugeValue, float64(k.Bytes), k.Source)
		out <- prometheus.MustNewConstMetric(c.removed, prometheus.CounterValue, float64(k.Removed), k.Source)
	}
}

// Collect asks the ledger, the log and delivery.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectTimeout)
	defer cancel()
	for name := range eventlog.Streams() {
		out <- prometheus.MustNewConstMetric(c.stream, prometheus.GaugeValue, float64(c.server.log.Last(name)), string(name))
	}
	for _, lane := range c.server.deliver.Status(ctx) {
		out <- prometheus.MustNewConstMetric(c.flight, prometheus.GaugeValue, float64(lane.InFlight), lane.Mapping)
	}
	c.collectKeeping(out)
	rows, _, err := c.server.ledger.Totals(ctx)
	if err != nil {
		c.server.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "collect ledger", slog.String("stage", "app"), slog.Any("error", err))
		return
	}
	for _, r := range rows {
		for outcome, n := range map[string]uint64{
			"accepted": r.Accepted, "delivered": r.Delivered, "filtered": r.Filtered, "duplicate": r.Duplicate, "discarded": r.Discarded,
			"lost": r.Lost, "retrying": r.Retrying, "parked": r.Parked, "pending": r.Pending,
		} {
			out <- prometheus.MustNewConstMetric(c.events, prometheus.GaugeValue, float64(n), r.Destination, r.Mapping, outcome)
		}
	}
}
