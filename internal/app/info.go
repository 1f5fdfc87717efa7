package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/admin"
	"penstock/internal/eventlog"
)

// info is the server as the control API tells of it.
type info struct{ server *server }

// URL is the one under which others reach the server.
func (i info) URL() string { return i.server.url }

// Info asks the parts.
func (i info) Info(ctx context.Context) (admin.ServerInfo, error) {
	s := i.server
	out := admin.ServerInfo{Version: s.cfg.Version, StartedAt: s.began, URL: s.url, Streams: []admin.StreamInfo{}, Settings: s.cfg.settings()}
	for name := range eventlog.Streams() {
		state, err := s.store.State(ctx, name)
		if err != nil {
			return out, err
		}
		stream := admin.StreamInfo{Name: string(name), Last: state.Last, Bytes: state.Bytes}
		if state.First > 0 && state.First <= state.Last {
			stream.First = state.First
			stream.Since = &state.Since
		}
		out.Streams = append(out.Streams, stream)
	}
	slices.SortFunc(out.Streams, func(a, b admin.StreamInfo) int { return strings.Compare(a.Name, b.Name) })
	var err error
	out.Storage, err = sizes(s.cfg.DataDir)
	return out, err
}

// sizes is what the parts of a folder take.
func sizes(folder string) ([]admin.StorageInfo, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("measure data folder: %w", err)
	}
	out := []admin.StorageInfo{}
	for _, entry := range entries {
		var bytes int64
		err := filepath.WalkDir(filepath.Join(folder, entry.Name()), func(_ string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // it is a folder that lives
			}
			if err != nil || d.IsDir() {
				return err
			}
			about, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err == nil {
				bytes += about.Size()
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("measure data folder: %w", err)
		}
		out = append(out, admin.StorageInfo{Name: entry.Name(), Bytes: bytes})
	}
	return out, nil
}

// settings are the flags in force, without secrets.
func (c *Config) settings() []admin.SettingInfo {
	durability := "sync"
	if c.Quorum {
		durability = "quorum"
	}
	return []admin.SettingInfo{
		{Name: "data", Value: c.DataDir},
		{Name: "listen", Value: c.Listen},
		{Name: "public-url", Value: c.PublicURL},
		{Name: "workspace", Value: c.WorkspaceFile},
		{Name: "nats-url", Value: withoutPasswords(c.NATSURL)},
		{Name: "durability", Value: durability},
		{Name: "egress-allow", Value: list(c.EgressAllow)},
		{Name: "trusted-proxies", Value: list(c.TrustedProxies)},
		{Name: "rate-limit", Value: strconv.Itoa(c.EventsPerSecond)},
		{Name: "duplicate-window", Value: c.DuplicateWindow.String()},
		{Name: "retention-days", Value: strconv.Itoa(c.Retention.Days)},
		{Name: "retention-bytes", Value: strconv.FormatInt(c.Retention.Bytes, 10)},
		{Name: "backlog-hours", Value: strconv.Itoa(c.Retention.BacklogHours)},
		{Name: "backlog-bytes", Value: strconv.FormatInt(c.Retention.BacklogBytes, 10)},
	}
}

func list(networks []netip.Prefix) string {
	var texts []string
	for _, n := range networks {
		texts = append(texts, n.String())
	}
	return strings.Join(texts, ",")
}

// withoutPasswords leaves out of addresses, with commas between them, what stands before an @.
func withoutPasswords(addresses string) string {
	var shown []string
	for text := range strings.SplitSeq(addresses, ",") {
		u, err := url.Parse(text)
		switch {
		case err != nil:
			text = "?"
		case u.User != nil:
			u.User = nil
			text = u.String()
		}
		shown = append(shown, text)
	}
	return strings.Join(shown, ",")
}
