//go:build e2e

package ui

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"penstock/test/harness"
)

// seedVariable is the environment variable that repeats a run: it holds the seed that a run has printed.
const seedVariable = "PENSTOCK_TEST_SEED"

// late is the input of a program whose pages get every answer of the API late, by random times of this seed.
type late struct {
	input

	LateSeed uint32 `json:"lateSeed"`
}

// seedOf is the seed of the environment, or another one each time.
func seedOf(t *testing.T) uint32 {
	t.Helper()
	text, given := os.LookupEnv(seedVariable)
	if !given {
		return rand.Uint32()
	}
	seed, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.Fatalf("read %s: %v", seedVariable, err)
	}
	return uint32(seed)
}

// The main journeys, while every answer is late and answers overtake each other: a page waits for what it needs, and
// takes nothing back that was chosen meanwhile.
func TestJourneysWithLateAnswers(t *testing.T) {
	t.Parallel()
	for _, journey := range []struct {
		name, workspace string
		journey         func(*testing.T, *harness.Server, any)
	}{
		{"article", app, articleByHand},
		{"filters", delivering, filterIsInForce},
		{"receiving", app, receivingSide},
		{"settings", connected, settings},
	} {
		t.Run(journey.name, func(t *testing.T) {
			t.Parallel()
			server, in := start(t, journey.workspace)
			seed := seedOf(t)
			t.Logf("repeat with %s=%d", seedVariable, seed)
			journey.journey(t, server, late{input: in, LateSeed: seed})
		})
	}
}
