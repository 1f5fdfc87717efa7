package event

import "time"

// The limits of the tracking API. Segment's own where it documents one.
const (
	// BodyBytesMax is the size of a request body, inflated, in bytes. Segment says 500 KB; its Ruby SDK makes batches of 512,000 bytes
	// with an envelope around them.
	BodyBytesMax = 512 << 10
	// EventBytesMax is the size of one event, as it was sent, in bytes; what its batch shares with it counts.
	EventBytesMax = 32 << 10
	// BatchEventsMax is the number of events in a batch.
	BatchEventsMax = 2500
	// BatchLinesBytesMax is the size of all lines that one body may become, in bytes: what a batch shares is written into each of its events.
	BatchLinesBytesMax = 4 << 20
	// DepthMax is how deep arrays and objects of an event may be nested, the event itself included. JSON libraries, our own and those of receivers, go
	// 10,000 levels deep; what stays below can also be read within the list, answer or payload that it is put into.
	DepthMax = 9_000
	// MessageIDCharsMax is the length of a messageId, in characters.
	MessageIDCharsMax = 100
	// IDBytesMax is the length of a userId, anonymousId, groupId or previousId, in bytes of JSON text.
	IDBytesMax = 1 << 10
	// NameBytesMax is the length of a track call's event, and of the name and category of a page or screen, in bytes of JSON text.
	NameBytesMax = 1 << 10
	// PixelDepthMax is how many objects the dotted name of a pixel's parameter may lead into.
	PixelDepthMax = 32
	// SalvageDocumentsMax is the number of batches, one after the other in a broken body, of which the events are salvaged.
	SalvageDocumentsMax = 64
	// RateBurst is how much of its rate a source may use at once, where its events a second are limited.
	RateBurst = time.Second
	// RateWaitMax is the longest that Retry-After says, where a source has sent more than its rate: SDKs wait no longer than that.
	RateWaitMax = 300 * time.Second
)

// A limit on the number of properties (Segment drops what is beyond 10,000) is not needed: EventBytesMax has no room for more than 6,553, of five bytes each.
