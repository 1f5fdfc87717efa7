package main

import (
	"context"
	"errors"
	"fmt"
)

// appKey is the key of the app that receives.
const appKey = "0000000000000000000000000000bebc"

func receiverShapes() []shape {
	return []shape{
		{"single events, 64 connections", 1, 64},
		{"batches of 100, 64 connections", 100, 64},
	}
}

// receiving loads the receiving side of a Penstock, beside a bare server.
func (b *bench) receiving(ctx context.Context) error {
	bare, err := startBench(ctx, "bare")
	if err != nil {
		return err
	}
	references, err := b.receive(ctx, "bare receiver", bare.address, nil)
	if err = errors.Join(err, bare.stop()); err != nil {
		return err
	}
	penstock, err := b.startPenstock(ctx, "", "")
	if err != nil {
		return err
	}
	_, err = b.receive(ctx, "receiver", penstock.address, references)
	if err = errors.Join(err, penstock.stop()); err != nil {
		return err
	}
	b.table.notes = append(b.table.notes, fmt.Sprintf("Penstock had at most %d MB resident in the cases of the receiver.", penstock.peakMemory()))
	return nil
}

func (b *bench) receive(ctx context.Context, who, address string, references []float64) ([]float64, error) {
	var rates []float64
	for i, s := range receiverShapes() {
		b.say("%s: %s", who, s.name)
		seen, err := load{
			address: address, template: newReceiverTemplate(address, appKey, s.events), connections: s.connections, duration: b.duration,
		}.run(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", who, s.name, err)
		}
		rates = append(rates, seen.perSecond())
		line := row{what: who + ": " + s.name, rate: seen.perSecond(), latencies: percentiles(seen.latencies), refused: seen.refused}
		if references != nil {
			line.ratio = seen.perSecond() / references[i]
		}
		b.table.rows = append(b.table.rows, line)
	}
	return rates, nil
}
