package admin

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Server tells of the process itself; the composition root does.
type Server interface {
	// URL is the one under which others reach this server.
	URL() string
	Info(ctx context.Context) (ServerInfo, error)
}

// ServerInfo is what there is to say of a running server.
type ServerInfo struct {
	Version   string        `json:"version"`
	StartedAt time.Time     `json:"startedAt"`
	URL       string        `json:"url" doc:"Under which others reach this server"`
	Streams   []StreamInfo  `json:"streams" nullable:"false" doc:"The log: how far it reaches back, and where it ends"`
	Storage   []StorageInfo `json:"storage" nullable:"false" doc:"What the data folder holds"`
	Settings  []SettingInfo `json:"settings" nullable:"false" doc:"What the server was started with; secrets are left out"`
}

// StreamInfo is one stream of the log.
type StreamInfo struct {
	Name  string     `json:"name"`
	First uint64     `json:"first" doc:"Sequence of the first frame that is kept; 0: there is none"`
	Last  uint64     `json:"last" doc:"Sequence of the last frame"`
	Since *time.Time `json:"since,omitempty" doc:"When the first frame that is kept was written"`
	Bytes uint64     `json:"bytes"`
}

// StorageInfo is one part of the data folder.
type StorageInfo struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// SettingInfo is one setting of the server.
type SettingInfo struct {
	Name  string `json:"name" doc:"As the flag of penstock serve"`
	Value string `json:"value"`
}

func (a *api) serverRoute(h huma.API) {
	huma.Register(h, get("get-server", "/api/server", "Show the server", "Its version, since when it runs, how much it stores, how far the log reaches back, and what it was started with."), a.server)
}

func (a *api) server(ctx context.Context, _ *struct{}) (*data[ServerInfo], error) {
	info, err := a.Server.Info(ctx)
	if err != nil {
		return nil, a.fault(ctx, "get-server", err)
	}
	return answer(info), nil
}
