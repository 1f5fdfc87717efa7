package receive

import (
	"net"
	"strings"

	"penstock/internal/workspace"
)

// regionOf is the region that a host is of: one of its labels says so, as in data.eu.pendo.io; a host of Pendo's without one is of us. "" for a host that
// says nothing.
func regionOf(host string) workspace.Region {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for label := range strings.SplitSeq(host, ".") {
		switch label {
		case "us", "us1", "eu", "au", "jp":
			return workspace.Region(label)
		case "jpn", "jpnpendo": // data.jpnpendo.io is in an article of Segment's
			return workspace.RegionJP
		}
	}
	if strings.HasSuffix(host, ".pendo.io") {
		return workspace.RegionUS
	}
	return ""
}
