package pendoapi

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"penstock/internal/analytics"
)

// trackType is a Track Event as Pendo describes one: a name, and the event names that it stands for.
type trackType struct {
	ID                    string    `json:"id"`
	AppID                 string    `json:"appId"`
	Name                  string    `json:"name"`
	Kind                  string    `json:"kind"`
	Color                 string    `json:"color"`
	CreatedAt             int64     `json:"createdAt"` // ms since 1970
	CreatedByUser         madeBy    `json:"createdByUser"`
	LastUpdatedAt         int64     `json:"lastUpdatedAt"`
	LastUpdatedByUser     madeBy    `json:"lastUpdatedByUser"`
	RootVersionID         string    `json:"rootVersionId"`
	StableVersionID       string    `json:"stableVersionId"`
	Group                 typeGroup `json:"group"`
	IsCoreEvent           bool      `json:"isCoreEvent"`
	Dirty                 bool      `json:"dirty"`
	TrackTypeName         string    `json:"trackTypeName"`
	TrackTypeRules        []string  `json:"trackTypeRules"`
	EventPropertyNameList []string  `json:"eventPropertyNameList"`
}

// madeBy is who made something: a Track Event makes itself.
type madeBy struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	First    string `json:"first"`
	Last     string `json:"last"`
	Role     int    `json:"role"`
}

type typeGroup struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Color       string `json:"color"`
	Length      int    `json:"length"`
}

// trackTypeID is the id of a Track Event: always the same for an app and a name.
func trackTypeID(app, name string) string {
	sum := sha256.Sum256([]byte(app + "\x00" + name))
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

// trackTypesMax is how many Track Events of an app are listed.
const trackTypesMax = 20_000

// trackTypes lists Track Events: of an app, or all that the key opens; or the one with an id.
func (h *Handler) trackTypes(r *request) (any, error) {
	query := r.URL.Query()
	app, id := query.Get("appId"), query.Get("id")
	if app != "" && query.Get("expand") != "" {
		return nil, &failure{http.StatusBadRequest, "give appId or expand, not both"}
	}
	all := []trackType{}
	for _, a := range r.apps {
		if app != "" && app != a.ID && app != a.Slug {
			continue
		}
		list, err := h.Analytics.TrackEvents(r.Context(), a.ID, analytics.Range{}, analytics.Page{Sort: "name", Limit: trackTypesMax})
		if err != nil {
			return nil, err
		}
		keys, err := h.Analytics.PropertyKeys(r.Context(), a.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range list.Rows {
			all = append(all, trackTypeOf(a.ID, &e, keys[e.Name]))
		}
	}
	if id == "" {
		return all, nil
	}
	for _, t := range all {
		if t.ID == id {
			return t, nil
		}
	}
	return nil, notFound("track type", id)
}

func trackTypeOf(app string, e *analytics.TrackEvent, keys []string) trackType {
	id := trackTypeID(app, e.Name)
	if keys == nil {
		keys = []string{}
	}
	return trackType{
		ID: id, AppID: app, Name: e.Name, Kind: "TrackType", Color: "gray", CreatedAt: e.FirstSeen.UnixMilli(), LastUpdatedAt: e.FirstSeen.UnixMilli(),
		RootVersionID: id, StableVersionID: id, Group: typeGroup{ID: "default"}, TrackTypeName: e.Name, TrackTypeRules: []string{e.Name}, EventPropertyNameList: keys,
	}
}
