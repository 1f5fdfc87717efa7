package ingest

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"penstock/internal/event"
)

// visit is a request whose body is here.
type visit struct {
	r          *http.Request
	route      route
	receivedAt int64
	call       *call
}

// outcome is what became of the events of a request.
type outcome struct {
	event.Result

	salvaged *event.Rejection // why the body had to be repaired; nil: it had not
}

// salvage takes the good events of a batch whose body is not JSON, if it can be repaired, and answers. broken is what is wrong with the body.
func (h *Handler) salvage(w http.ResponseWriter, v visit, broken *event.Rejection) bool {
	if v.route.typ != event.Batch || broken.Code != event.BadRequest {
		return false
	}
	salvaged, ok := event.Salvage(v.call.body)
	if !ok {
		return false
	}
	var source Source
	total := outcome{Result: event.Result{Rejected: salvaged.Broken}, salvaged: broken}
	for i, d := range salvaged.Documents {
		if len(d.Indexes) == 0 {
			continue // none of its events is JSON
		}
		splitter := &event.Splitter{}
		if splitter.Split(d.Body, event.Batch) != nil {
			return false
		}
		found, rejection := h.find(cmp.Or(headerKey(v.r), splitter.WriteKey(), queryKey(v.r)))
		switch {
		case rejection != nil:
			h.refuse(v.r, v.receivedAt, found, rejection, v.call.body)
			writeRejection(w, rejection, nil)
			return true
		case source.ID != "" && found.ID != source.ID:
			return false // batches of two sources: which of them sends is not clear
		}
		source = found
		result := splitter.Normalize(h.facts(v, source))
		for _, a := range result.Accepted {
			a.Index = salvaged.Documents[i].Indexes[a.Index]
			total.Accepted = append(total.Accepted, a)
		}
		for _, r := range result.Rejected {
			r.Index = salvaged.Documents[i].Indexes[r.Index]
			total.Rejected = append(total.Rejected, r)
		}
	}
	slices.SortFunc(total.Rejected, func(a, b *event.Rejection) int { return cmp.Compare(a.Index, b.Index) })
	if wait := h.rates.take(source.ID, len(total.Accepted)+len(total.Rejected), time.Now()); wait > 0 {
		h.tooMany(w, wait)
		return true
	}
	h.settle(w, v, source, total)
	return true
}
