package receive

import (
	"log/slog"
	"net/http"

	"penstock/internal/pendowire"
)

// pixel is a transparent image of one point. The agent takes any answer that is no image for a failure, and sends the same again.
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// agentImage takes events of the browser agent from the query of a URL, which a page asks for as an image.
func (h *Handler) agentImage(w http.ResponseWriter, r *http.Request) {
	jzb := r.URL.Query().Get("jzb")
	if jzb == "" {
		image(w, r)
		return
	}
	refusal := h.take(r.Context(), h.byKey(r, pendowire.ViaAgent, []byte(`{"events":`+quoted(jzb)+`}`)))
	switch {
	case refusal == nil:
		image(w, r)
	case refusal.status == http.StatusServiceUnavailable:
		open(w)
		reply(w, refusal) // no image: it is to be sent again
	case refusal.status != 0:
		w.Header().Set("Penstock-Reason", refusal.code)
		writeImage(w, refusal.status) // to send it again would change nothing
	}
}

// agentPost takes events of the browser agent: {"events": "<jzb>"}.
func (h *Handler) agentPost(w http.ResponseWriter, r *http.Request) {
	open(w)
	body, refusal := h.read(w, r)
	if refusal == nil {
		refusal = h.take(r.Context(), h.byKey(r, pendowire.ViaAgent, body))
	}
	reply(w, refusal)
}

// guides answers the agent's question for guides: there are none. It is told to stop for a visitor that is not to be processed.
func (h *Handler) guides(w http.ResponseWriter, r *http.Request) {
	open(w)
	d := h.byKey(r, "guide", nil)
	if d.app == nil {
		h.unknown.add(&d.received, d.reason, d.owner)
		reply(w, d.refusal())
		return
	}
	query := r.URL.Query()
	jzb := query.Get("jzb")
	if r.Method == http.MethodPost {
		body, refusal := h.read(w, r)
		if refusal != nil {
			reply(w, refusal)
			return
		}
		jzb = pendowire.PackedIn(body)
	}
	if h.parts.Visitors != nil && h.parts.Visitors.DoNotProcess(d.app.ID, pendowire.AskingVisitor(jzb)) {
		(&refused{status: http.StatusUnavailableForLegalReasons, code: "do_not_process", message: "this visitor is not to be processed"}).write(w)
		return
	}
	write(w, http.StatusOK, []byte(`{"id":`+quoted(cut(query.Get("id"), headerMax))+`,"guides":[],"lastGuideStepSeen":null}`))
}

// agentLog takes what the agent has to say of itself.
func (h *Handler) agentLog(w http.ResponseWriter, r *http.Request) {
	h.said(r, r.URL.Query().Get("msg"))
	image(w, r)
}

// agentError takes what the agent could not send.
func (h *Handler) agentError(w http.ResponseWriter, r *http.Request) {
	open(w)
	body, refusal := h.read(w, r)
	if refusal == nil {
		h.said(r, string(body))
	}
	reply(w, refusal)
}

func (h *Handler) said(r *http.Request, message string) {
	h.parts.Logger.LogAttrs(r.Context(), slog.LevelDebug, "browser agent has an error", slog.String("stage", "receive"), slog.String("message", cut(message, headerMax)))
}

func image(w http.ResponseWriter, _ *http.Request) { writeImage(w, http.StatusOK) }

func writeImage(w http.ResponseWriter, status int) {
	open(w)
	w.Header().Set("Content-Type", "image/gif")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(pixel)) // whoever asked has gone
}
