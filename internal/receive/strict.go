package receive

import (
	"net/http"
	"strings"

	"penstock/internal/pendowire"
	"penstock/internal/record"
)

// strictMax is how many verdicts an answer has at most.
const strictMax = 100

// isStrict tells whether a request wants to be refused rather than to be taken with verdicts: ?strict=1.
func isStrict(r *http.Request) bool {
	return strings.Contains(r.URL.RawQuery, "strict=") && r.URL.Query().Get("strict") == "1"
}

// strict refuses a body that there is a verdict on; nil when there is none. What only the company of other calls shows is not known yet.
func strict(received *record.Received) *refused {
	refusal := &refused{status: http.StatusBadRequest, code: "strict", message: "nothing was stored, because there are verdicts, and strict=1 was asked for"}
	for c := range pendowire.Decode(received) {
		for _, v := range c.Verdicts {
			if len(refusal.verdicts) < strictMax {
				refusal.verdicts = append(refusal.verdicts, elementVerdict{c.Element, pendowire.Explain(v)})
			}
		}
	}
	if refusal.verdicts == nil {
		return nil
	}
	return refusal
}
