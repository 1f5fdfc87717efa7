package fold

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"penstock/internal/record"
)

// webhookIDBytes is how much of the hash names a request, in bytes.
const webhookIDBytes = 20

// WebhookID is what every request for a position carries as `webhook-id`: the same on every attempt, on every node, and after every rebuild.
func WebhookID(mapping string, at record.Position) string {
	return hashID(mapping + " " + at.String())
}

// BatchID is what the request for a batch carries as `webhook-id`. It hangs on all members: what has another body has another id. It is made when the
// batch is, and kept in its outcomes from then on.
func BatchID(mapping string, members []record.Span) string {
	var text strings.Builder
	text.WriteString(mapping + " batch")
	for _, span := range members {
		text.WriteString(" " + span.String())
	}
	return hashID(text.String())
}

func hashID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "msg_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:webhookIDBytes]))
}
