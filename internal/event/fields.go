package event

// field is a member of an event, or of a batch, that ingest knows.
type field uint8

const (
	other field = iota // kept as it came
	fieldType
	fieldMessageID
	fieldUserID
	fieldAnonymousID
	fieldGroupID
	fieldPreviousID
	fieldEvent
	fieldName
	fieldCategory
	fieldProperties
	fieldTraits
	fieldContext
	fieldIntegrations
	fieldTimestamp
	fieldOriginalTimestamp
	fieldSentAt
	fieldWriteKey
	fieldBatch
	fieldServer // receivedAt, projectId, version, channel: only the server says them
	fieldCount
)

// fieldOf finds a field by its name, which is a JSON string.
func fieldOf(quoted []byte) field {
	switch string(quoted) {
	case `"type"`:
		return fieldType
	case `"messageId"`:
		return fieldMessageID
	case `"userId"`:
		return fieldUserID
	case `"anonymousId"`:
		return fieldAnonymousID
	case `"groupId"`:
		return fieldGroupID
	case `"previousId"`:
		return fieldPreviousID
	case `"event"`:
		return fieldEvent
	case `"name"`:
		return fieldName
	case `"category"`:
		return fieldCategory
	case `"properties"`:
		return fieldProperties
	case `"traits"`:
		return fieldTraits
	case `"context"`:
		return fieldContext
	case `"integrations"`:
		return fieldIntegrations
	case `"timestamp"`:
		return fieldTimestamp
	case `"originalTimestamp"`:
		return fieldOriginalTimestamp
	case `"sentAt"`:
		return fieldSentAt
	case `"writeKey"`:
		return fieldWriteKey
	case `"batch"`:
		return fieldBatch
	case `"receivedAt"`, `"projectId"`, `"version"`, `"channel"`:
		return fieldServer
	}
	return other
}

// Type is one of the six calls.
type Type string

// The calls. Batch is not a type of event, but of a body.
const (
	Track    Type = "track"
	Identify Type = "identify"
	Page     Type = "page"
	Screen   Type = "screen"
	Group    Type = "group"
	Alias    Type = "alias"
	Batch    Type = "batch"
)

// typeOf finds a type by a JSON string.
func typeOf(quoted []byte) (Type, bool) {
	switch string(quoted) {
	case `"track"`:
		return Track, true
	case `"identify"`:
		return Identify, true
	case `"page"`:
		return Page, true
	case `"screen"`:
		return Screen, true
	case `"group"`:
		return Group, true
	case `"alias"`:
		return Alias, true
	}
	return "", false
}
