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
	sum := sha256.Sum256([]byte(mapping + " " + at.String()))
	return "msg_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:webhookIDBytes]))
}
