package record

import "encoding/json"

// Audit is one thing that somebody did to the configuration, or to who may change it. A change is recorded before it is made; when it then is not
// made, a second record says so (Void).
type Audit struct {
	At       int64           `json:"at"`     // ms since 1970
	Action   string          `json:"action"` // create, update, delete, sign-in, sign-in-failed, sign-out, rotate, void
	Kind     string          `json:"kind"`   // of what it was done to: source, destination, mapping, app, user, token, session, secrets...
	ID       string          `json:"id,omitempty"`
	Name     string          `json:"name,omitempty"`
	Actor    *Actor          `json:"actor,omitempty"` // missing: nobody that is known
	Remote   string          `json:"remote,omitempty"`
	Agent    string          `json:"agent,omitempty"`
	Before   json.RawMessage `json:"before,omitempty"` // without secrets; at most AuditValueBytesMax
	After    json.RawMessage `json:"after,omitempty"`
	Detail   string          `json:"detail,omitempty"`
	Of       *Position       `json:"of,omitempty"`       // of void: the record of what was not done after all
	TooLarge bool            `json:"tooLarge,omitempty"` // Before or After was larger than may be kept, and is left out
}

// Actor is who did it.
type Actor struct {
	Kind string `json:"kind"` // user, token, system
	ID   string `json:"id"`
	Name string `json:"name"`
	Role string `json:"role,omitempty"`
}

// AuditValueBytesMax bounds what a resource was before and after a change, each, in bytes.
const AuditValueBytesMax = 64 << 10
