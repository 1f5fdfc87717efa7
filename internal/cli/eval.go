package cli

import (
	"bufio"
	"bytes"
	"fmt"

	"penstock/destinations"
	"penstock/internal/destination"
)

// caseBytesMax bounds a line of cases, in bytes.
const caseBytesMax = 64 << 20

type evalCommand struct {
	Trigger evalTrigger `cmd:"" help:"{\"id\",\"subscription\",\"event\"} gives {\"id\",\"valid\",\"matches\"}."`
	Mapping evalMapping `cmd:"" help:"{\"id\",\"mapping\",\"payload\"} gives {\"id\",\"output\"} or {\"id\",\"error\"}."`
	Action  evalAction  `cmd:"" help:"{\"id\",\"destination\",\"settings\",\"subscribe\",\"partner_action\",\"mapping\",\"event\"} gives {\"id\",\"requests\"}: what would be sent."`
}

type (
	evalTrigger struct{}
	evalMapping struct{}
	evalAction  struct{}
)

func (*evalTrigger) Run(sys *System) error { return sys.eval(destination.EvalTrigger) }
func (*evalMapping) Run(sys *System) error { return sys.eval(destination.EvalMapping) }
func (*evalAction) Run(sys *System) error  { return sys.eval(destinations.EvalAction) }

// eval answers each line of the input by a line of output.
func (s *System) eval(try func(line []byte) []byte) error {
	lines := bufio.NewScanner(s.Stdin)
	lines.Buffer(make([]byte, 0, 64<<10), caseBytesMax)
	out := bufio.NewWriter(s.Stdout)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if _, err := out.Write(append(try(lines.Bytes()), '\n')); err != nil {
			return fmt.Errorf("write results: %w", err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read cases: %w", err)
	}
	return out.Flush()
}
