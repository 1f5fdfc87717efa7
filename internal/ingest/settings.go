package ingest

import (
	"encoding/json"
	"net/http"
	"strings"

	"penstock/internal/forwarded"
)

// settingsSeconds is how long the settings of a source may be kept by a browser or a cache.
const settingsSeconds = "60"

// settingsKey is the write key of a path of settings, as in /v1/projects/KEY/settings.
func settingsKey(path string) (key string, ok bool) {
	if path, ok = strings.CutPrefix(path, "/v1/projects/"); !ok {
		return "", false
	}
	key, ok = strings.CutSuffix(strings.TrimSuffix(path, "/"), "/settings")
	return key, ok && key != "" && !strings.Contains(key, "/")
}

// document is the settings of a source that browsers and phones fetch before they send. It is public: no secret of a destination is in it. Without apiHost
// a browser sends to Segment, without metrics it reports to Segment.
type document struct {
	Integrations              map[string]any `json:"integrations"`
	Plan                      plan           `json:"plan"`
	EdgeFunction              struct{}       `json:"edgeFunction"`
	MiddlewareSettings        struct{}       `json:"middlewareSettings"`
	EnabledMiddleware         struct{}       `json:"enabledMiddleware"`
	Metrics                   metrics        `json:"metrics"`
	AnalyticsNextEnabled      bool           `json:"analyticsNextEnabled"`
	LegacyVideoPluginsEnabled bool           `json:"legacyVideoPluginsEnabled"`
	RemotePlugins             []struct{}     `json:"remotePlugins"`
}

// plan lets all events through: there is none.
type plan struct {
	Track map[string]planned `json:"track"`
}

type planned struct {
	Enabled      bool     `json:"enabled"`
	Integrations struct{} `json:"integrations"`
}

type metrics struct {
	SampleRate int `json:"sampleRate"`
}

// own is the settings of the delivery to this server.
type own struct {
	APIKey                string   `json:"apiKey"`
	APIHost               string   `json:"apiHost"` // with the path, without the scheme
	Protocol              string   `json:"protocol"`
	AddBundledMetadata    bool     `json:"addBundledMetadata"`
	UnbundledIntegrations []string `json:"unbundledIntegrations"`
	MaybeBundledConfigIDs struct{} `json:"maybeBundledConfigIds"`
	VersionSettings       versions `json:"versionSettings"`
}

type versions struct {
	Version        string   `json:"version"`
	ComponentTypes []string `json:"componentTypes"`
}

// settings answers what SDKs fetch: with the host by which they asked, so that the events come the same way. A source that is disabled has settings
// too: a page that is loaded meanwhile would otherwise never send, even after it was enabled.
func (h *Handler) settings(w http.ResponseWriter, r *http.Request, key string) {
	header := w.Header()
	header.Set("Vary", "Origin, X-Forwarded-Proto, X-Forwarded-Host") // of all answers: one without an origin may be kept as well
	if _, ok := h.sources().SourceByWriteKey(key); !ok {
		header.Set("Cache-Control", "no-store")
		http.Error(w, "The write key "+quoteKey(key)+" belongs to no source. Copy the key from the source's settings.", http.StatusNotFound)
		return
	}
	scheme, host := forwarded.Proxies(h.cfg.TrustedProxies).Reached(r, h.cfg.PublicURL)
	body, err := json.Marshal(document{
		Integrations: map[string]any{"Segment.io": own{
			APIKey: key, APIHost: host + "/v1", Protocol: scheme, AddBundledMetadata: true, UnbundledIntegrations: []string{},
			VersionSettings: versions{Version: "4.4.7", ComponentTypes: []string{"browser"}},
		}},
		Plan:                 plan{Track: map[string]planned{"__default": {Enabled: true}}},
		AnalyticsNextEnabled: true, RemotePlugins: []struct{}{},
	})
	if err != nil {
		panic(err) // texts and numbers always have a form
	}
	header["Content-Type"] = jsonType
	header.Set("Cache-Control", "public, max-age="+settingsSeconds)
	_, _ = w.Write(body) // when the client has gone, nobody is there to be told
}
