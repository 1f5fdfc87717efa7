package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Placeholders of a template, each as long as what comes in its place.
const (
	idHole   = "################"    // 16 hexadecimal digits
	timeHole = "@@@@@@@@@@@@@@@@@@@" // nanoseconds since 1970: 19 digits until the year 2286
)

// sentField is the property that carries the time of the call to the sink.
const sentField = `"sentNanos":`

// template is a whole HTTP request that is made once, and sent again and again with new ids and times.
type template struct {
	bytes  []byte
	ids    []int // offsets of idHole
	times  []int // offsets of timeHole
	events int
}

// event is a Track call of about 800 bytes, as the Node SDK makes them.
const event = `{"timestamp":"2026-11-23T11:57:21.008Z","integrations":{},"event":"Plan Upgraded","type":"track",` +
	`"properties":{"groupId":"account-17","plan":"pro","seats":25,"price":1249.5,"currency":"EUR","trial":false,` + sentField + timeHole + `,` +
	`"items":[{"sku":"base","quantity":1},{"sku":"seat","quantity":25}],"note":"upgraded from the billing page, after the trial had ended"},` +
	`"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"},"locale":"en-US","timezone":"Europe/Stockholm",` +
	`"page":{"path":"/settings/billing","referrer":"","search":"?from=banner","title":"Billing","url":"https://app.example.com/settings/billing?from=banner"}},` +
	`"userId":"user-4711","messageId":"node-next-1795435041008-` + idHole + `","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}}`

// newTemplate makes a request to a host with so many events: one goes to /v1/track, more to /v1/batch.
func newTemplate(host, key string, events int) template {
	path, body := "/v1/track", event
	if events > 1 {
		path = "/v1/batch"
		body = `{"batch":[` + strings.Repeat(event+",", events-1) + event + `],"sentAt":"2026-11-23T11:57:21.024Z"}`
	}
	credentials := base64.StdEncoding.EncodeToString([]byte(key + ":"))
	return templateOf(host, path, "Authorization: Basic "+credentials+"\r\n", body, events)
}

// newReceiverTemplate makes a request to the receiving side with so many events: an array, when there are more than one.
func newReceiverTemplate(host, appKey string, events int) template {
	body := event
	if events > 1 {
		body = "[" + strings.Repeat(event+",", events-1) + event + "]"
	}
	return templateOf(host, "/data/segmentio/"+appKey, "", body, events)
}

// templateOf makes a request; header is lines of their own.
func templateOf(host, path, header, body string, events int) template {
	request := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		path, host, header, len(body), body)
	return template{bytes: request, ids: offsets(request, idHole), times: offsets(request, timeHole), events: events}
}

func offsets(text []byte, hole string) []int {
	var found []int
	for from := 0; ; {
		at := bytes.Index(text[from:], []byte(hole))
		if at < 0 {
			return found
		}
		found = append(found, from+at)
		from += at + len(hole)
	}
}

// clone is a template with bytes of its own, for one connection.
func (t template) clone() template {
	t.bytes = bytes.Clone(t.bytes)
	return t
}

// fill puts in new ids, counted up from first, and the time of the call.
func (t template) fill(first uint64, nanos int64) {
	const digits = "0123456789abcdef"
	for i, at := range t.ids {
		id := first + uint64(i)
		for place := range len(idHole) {
			t.bytes[at+place] = digits[id>>(60-4*place)&15]
		}
	}
	var number [len(timeHole)]byte
	sent := strconv.AppendInt(number[:0], nanos, 10)
	for _, at := range t.times {
		copy(t.bytes[at:], sent)
	}
}
