package webhook

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"penstock/internal/destination"
	"penstock/internal/jsvalue"
)

// pendoPath is where Pendo takes the events of Segment's webhooks; the app's key follows.
const pendoPath = "/data/segmentio/"

// pendoHosts are the hosts on which Pendo takes data: those of its regions, and the application's own, which take it too.
//
//nolint:gochecknoglobals // a constant table
var pendoHosts = []string{
	"data.pendo.io", "us1.data.pendo.io", "data.eu.pendo.io", "data.jpn.pendo.io", "data.au.pendo.io",
	"app.pendo.io", "us1.app.pendo.io", "app.eu.pendo.io", "app.jpn.pendo.io", "app.au.pendo.io",
}

// Lint warns of mappings to Pendo that Pendo cannot take, or answers with 200 and makes nothing of.
func (w *Webhook) Lint(action string, fields json.RawMessage) []destination.Warning {
	v, ok := jsvalue.DecodeText(string(fields))
	if action != "send" || !ok || v.Kind() != jsvalue.Object {
		return nil
	}
	get := func(name string) jsvalue.Value { return v.Get(jsvalue.NewKey(name)) }
	text, at := urlText(get("url"))
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || !isPendo(u) {
		return nil
	}
	l := pendoLint{}
	l.host(u, at)
	l.path(u, at)
	if on := get("enable_batching"); on.Truthy() && on.Text() != "false" {
		l.note("/enable_batching", "pendo_batching", "Pendo takes events one by one; of a list it makes nothing", "write false")
	}
	if method := get("method"); method.Kind() == jsvalue.String && method.Str() != "POST" {
		l.note("/method", "pendo_method", "Pendo takes POST", "write POST")
	}
	return l.found
}

// urlText is the text of a URL that is written down, and where it stands; empty when it is made of the event altogether.
func urlText(v jsvalue.Value) (text, at string) {
	for _, name := range [...]string{"@literal", "@template"} {
		if inner := v.Get(jsvalue.NewKey(name)); inner.Kind() == jsvalue.String {
			return inner.Str(), "/url/" + name
		}
	}
	if v.Kind() != jsvalue.String {
		return "", ""
	}
	return v.Str(), "/url"
}

// isPendo tells whether a URL was probably meant for Pendo, or for what takes events as Pendo does.
func isPendo(u *url.URL) bool {
	return strings.Contains(strings.ToLower(u.Hostname()), "pendo") || strings.HasPrefix(strings.ToLower(u.Path), strings.TrimSuffix(pendoPath, "/"))
}

type pendoLint struct{ found []destination.Warning }

func (l *pendoLint) note(at, code, read, instead string) {
	l.found = append(l.found, destination.Warning{Part: destination.PartFields, At: at, Code: code, Read: read, Instead: instead})
}

func (l *pendoLint) host(u *url.URL, at string) {
	host := strings.ToLower(u.Hostname())
	if !strings.Contains(host, "pendo") {
		return // a host of one's own
	}
	switch {
	case strings.Contains(host, "jpnpendo"):
		l.note(at, "pendo_host_japan", host+" is the spelling of one article; everywhere else the host of the Japanese region is data.jpn.pendo.io", "write data.jpn.pendo.io")
	case !slices.Contains(pendoHosts, host):
		l.note(at, "pendo_host_unknown", host+" is none of Pendo's hosts for data", "write data.pendo.io (US), us1.data.pendo.io (US1), data.eu.pendo.io (EU), data.jpn.pendo.io (Japan) or data.au.pendo.io (Australia)")
	}
	if !strings.EqualFold(u.Scheme, "https") {
		l.note(at, "pendo_scheme", "the event would travel unencrypted", "write https")
	}
}

func (l *pendoLint) path(u *url.URL, at string) {
	key, ok := strings.CutPrefix(u.Path, pendoPath)
	switch {
	case !ok || key == "":
		l.note(at, "pendo_path", fmt.Sprintf("Pendo takes Segment's events at %sKEY, not at %q", pendoPath, u.Path), "write "+pendoPath+" and the key of the app")
	case strings.Contains(key, "{{"):
	case !destination.IsAppKey(key):
		l.note(at, "pendo_key", fmt.Sprintf("%q is no app key: Pendo answers as to any key that it does not know", key),
			"write the 32 digits, with or without dashes, that App Details in the settings of the app shows; nothing may follow them")
	case u.RawQuery != "" || u.Fragment != "":
		l.note(at, "pendo_path", "nothing belongs after the key", "remove what follows it")
	}
}
