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
}

func newCollector(s *server) *collector {
	return &collector{
		server: s,
		events: prometheus.NewDesc("penstock_ledger_events", "Events by what became of them, for each mapping; accepted is the sum of the others.", []string{"destination", "mapping", "outcome"}, nil),
		stream: prometheus.NewDesc("penstock_log_sequence", "Sequence of the last frame of each stream of the log.", []string{"stream"}, nil),
		flight: prometheus.NewDesc("penstock_delivery_in_flight", "Requests that are being answered, for each mapping.", []string{"mapping"}, nil),
	}
}

// Describe names the metrics.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	out <- c.events
	out <- c.stream
	out <- c.flight
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
