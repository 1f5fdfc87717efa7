package receive

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"penstock/internal/pendowire"
)

// track takes a Track Event of a server. The app is named by its shared secret, under one of two headers.
func (h *Handler) track(w http.ResponseWriter, r *http.Request) {
	open(w)
	body, refusal := h.read(w, r)
	if refusal == nil {
		refusal = h.take(r.Context(), h.bySecret(r, body))
	}
	reply(w, refusal)
}

func (h *Handler) bySecret(r *http.Request, body []byte) *delivery {
	d := h.delivery(r, pendowire.ViaTrack, body)
	secret := trackSecret(r)
	app := h.parts.Apps().AppBySharedSecret(secret)
	if app == nil {
		d.reason, d.received.Key = reasonSecret, maskSecret(secret)
		if other := h.parts.Apps().AppByKey(secret); other != nil {
			d.owner = other
		}
		return d
	}
	h.address(d, app)
	return d
}

// trackSecret is the shared secret of a request. Pendo's documents have the first header, its own OpenFeature provider the second.
func trackSecret(r *http.Request) string {
	return strings.TrimSpace(cmp.Or(r.Header.Get("X-Pendo-Integration-Key"), r.Header.Get("X-Pendo-Track-Event-Secret")))
}

// secretShown is how many characters of a secret that belongs to no app are shown, so that its sender can be found.
const secretShown = 4

// maskSecret shows so much of a secret that whoever has it knows it.
func maskSecret(secret string) string {
	if len(secret) < 4*secretShown {
		return fmt.Sprintf("(secret of %d characters)", len(secret))
	}
	return fmt.Sprintf("(secret %s..., %d characters)", cut(secret, secretShown), len(secret))
}

func (d *delivery) secretMessage() string {
	const send = "send the Track Event shared secret of the app as the header X-Pendo-Integration-Key"
	secret := trackSecret(d.request)
	switch _, suffix, _ := strings.Cut(secret, "."); {
	case secret == "":
		return "there is no shared secret; " + send
	case d.owner != nil:
		return "this is the API key of an app, not its shared secret; " + send
	case suffix != "":
		return "no app has this shared secret; it looks like an integration key, which is for /api/v1 only; " + send
	}
	return "no app has this shared secret; " + send + ", and check that it was not rotated"
}
