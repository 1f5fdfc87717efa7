package receive

import (
	"bytes"
	"encoding/json"
	"fmt"

	"penstock/internal/record"
)

// line writes a received record. The body is copied as it is, to the byte: json.Marshal would rewrite it.
func line(r *record.Received) ([]byte, error) {
	bare := *r
	bare.Body = nil
	b, err := json.Marshal(&bare)
	if err != nil {
		return nil, fmt.Errorf("encode received record: %w", err)
	}
	head, last := bytes.CutSuffix(b, []byte("null}"))
	if !last {
		return nil, fmt.Errorf("encode received record: body is not the last field of %s", b)
	}
	b = make([]byte, 0, len(b)+len(r.Body))
	b = append(b, head...)
	b = append(b, r.Body...)
	return append(b, '}'), nil
}
