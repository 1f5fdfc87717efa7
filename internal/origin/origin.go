package origin

import (
	"strconv"
	"strings"

	"penstock/internal/event"
)

// The channels. On the log itself phones are of the channel server, as they are at Segment.
const (
	Client = "client"
	Server = "server"
	Mobile = "mobile"
)

// Origin is where a call was made.
type Origin struct {
	// Channel is client, server or mobile; "" where the line does not say.
	Channel string `json:"channel" enum:"client,server,mobile"`
	// Library is the name of the SDK; unknown when nobody said.
	Library string `json:"library" doc:"Name of the SDK, unknown when nobody said"`
	// Call is how the call reads where it was made, but for what is in its objects: analytics.track("Plan Upgraded", {...}) of a browser, POST /v1/track
	// of whoever speaks HTTP by itself.
	Call string `json:"call" doc:"How the call reads where it was made: analytics.track(...) in a browser, POST /v1/track over HTTP"`
}

// Of reads a canonical line.
func Of(line []byte) Origin {
	b := event.BriefOf(line)
	o := Origin{Channel: b.Channel, Library: b.Library}
	if event.Mobile(b.Library) {
		o.Channel = Mobile
	}
	d, ok := dialectOf(b.Library)
	if !ok {
		o.Call = "POST /v1/" + b.Type
		return o
	}
	o.Call = d.call(&b)
	return o
}

// dialect is how calls are written with a library.
type dialect struct {
	before, open string              // what stands before the name of a call, and after it
	end          string              // what stands after the arguments
	verb         func(string) string // the name of the call; nil: as it is
	name         func(string) string // the name of an argument; nil: arguments are told apart by their order
	is           string              // between a name and its value
	object       string              // stands for an object
}

func dialectOf(library string) (dialect, bool) {
	const braces = "{...}"
	inOrder := dialect{before: "analytics.", open: "(", end: ")", object: braces}
	switch library {
	case "analytics.js", "analytics-react-native", "@segment/analytics-react-native", "analytics-kotlin", "analytics-flutter", "analytics_flutter":
		return inOrder, true
	case "analytics-android":
		inOrder.before = "Analytics.with(context)."
		return inOrder, true
	case "Analytics-CSharp", "Analytics.Xamarin":
		inOrder.verb = title
		return inOrder, true
	case "analytics-swift", "analytics-ios":
		return dialect{before: "analytics.", open: "(", end: ")", name: swift, is: ": ", object: "[...]"}, true
	case "@segment/analytics-node", "analytics-node": // the second is the name of Rudder's, and of Segment's of old
		return dialect{before: "analytics.", open: "({", end: "})", name: asItIs, is: ": ", object: braces}, true
	case "analytics-go":
		return dialect{before: "client.Enqueue(analytics.", open: "{", end: "})", verb: title, name: title, is: ": ", object: braces}, true
	case "analytics-python", "segment-analytics-python":
		return dialect{before: "analytics.", open: "(", end: ")", name: snake, is: "=", object: braces}, true
	case "analytics-ruby":
		return dialect{before: "Analytics.", open: "(", end: ")", name: snake, is: ": ", object: braces}, true
	}
	return dialect{}, false
}

// call writes a call.
func (d dialect) call(b *event.Brief) string {
	verb := b.Type
	if d.verb != nil {
		verb = d.verb(verb)
	}
	var args []string
	for _, a := range d.arguments(b) {
		switch {
		case a.value == "" && !a.object:
			continue
		case a.object:
			a.value = d.object
		default:
			a.value = strconv.Quote(a.value)
		}
		if d.name != nil {
			a.value = d.name(a.name) + d.is + a.value
		}
		args = append(args, a.value)
	}
	return d.before + verb + d.open + strings.Join(args, ", ") + d.end
}

// argument is one of a call: a text, or the object.
type argument struct {
	name, value string
	object      bool
}

// arguments are those of a call in the order in which all libraries have them. Browsers and phones know who the user is, and do not name them with each call.
func (d dialect) arguments(b *event.Brief) []argument {
	everywhere := d.name == nil || d.object == "[...]"
	var args []argument
	if !everywhere || b.Type == string(event.Identify) || b.Type == string(event.Alias) {
		args = append(args, argument{name: "userId", value: b.UserID})
	}
	if !everywhere && b.UserID == "" {
		args = append(args, argument{name: "anonymousId", value: b.AnonymousID})
	}
	data := argument{name: "properties", object: b.Data}
	switch event.Type(b.Type) {
	case event.Track:
		args = append(args, argument{name: "event", value: b.Event})
	case event.Page, event.Screen:
		args = append(args, argument{name: "category", value: b.Category}, argument{name: "name", value: b.Name})
	case event.Group:
		args = append(args, argument{name: "groupId", value: b.GroupID})
		data.name = "traits"
	case event.Alias:
		args = append(args, argument{name: "previousId", value: b.PreviousID})
	case event.Identify:
		data.name = "traits"
	case event.Batch:
	}
	return append(args, data)
}

func asItIs(name string) string { return name }

func title(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// snake turns userId into user_id.
func snake(name string) string {
	if id, ok := strings.CutSuffix(name, "Id"); ok {
		return id + "_id"
	}
	return name
}

// swift names the arguments of Swift's calls.
func swift(name string) string {
	if name == "event" {
		return "name"
	}
	return name
}
