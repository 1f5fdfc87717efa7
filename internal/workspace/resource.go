package workspace

import (
	"crypto/rand"
	"encoding/json"

	"penstock/internal/destination"
)

// Default is the id of the one workspace that there is today; it stands in every subject and key.
const Default = "default"

// SourceType says what kind of SDK a source is for. It describes; it does not restrict.
type SourceType string

// The source types.
const (
	SourceJavaScript SourceType = "javascript"
	SourceServer     SourceType = "server"
	SourceMobile     SourceType = "mobile"
)

// Source is where events come from: an application with write keys.
type Source struct {
	ID        string     `json:"id"`
	Slug      string     `json:"slug"`
	Name      string     `json:"name"`
	Type      SourceType `json:"type"`
	WriteKeys []string   `json:"writeKeys"`
	Enabled   bool       `json:"enabled"`
	Revision  uint64     `json:"-"` // of its entry
}

// Destination is a configured entry of the catalog that takes the events of one source. Strings in Settings may refer to PublicURLVariable; see
// Resolve.
type Destination struct {
	ID       string          `json:"id"`
	Slug     string          `json:"slug"`
	Name     string          `json:"name"`
	Source   string          `json:"source"` // id; never changes
	Type     string          `json:"type"`   // slug in the catalog; never changes
	Enabled  bool            `json:"enabled"`
	Settings json.RawMessage `json:"settings"`
	Revision uint64          `json:"-"` // of its entry
}

// Mapping is an action of a destination with a trigger and a field mapping. Trigger and Fields may refer to PublicURLVariable; see Resolve.
type Mapping struct {
	ID          string          `json:"id"`
	Destination string          `json:"destination"` // id; never changes
	Name        string          `json:"name"`        // unique in its destination
	Action      string          `json:"action"`
	Enabled     bool            `json:"enabled"`
	Trigger     string          `json:"trigger"`
	Fields      json.RawMessage `json:"fields"`
	Revision    uint64          `json:"-"` // of its entry
}

// Spec is the mapping as a fence records it.
func (m *Mapping) Spec() destination.Spec {
	return destination.Spec{Action: m.Action, Trigger: m.Trigger, Fields: m.Fields}
}

// idLen is the length of an id, in characters: 62^22 is a little more than 2^130.
const idLen = 22

// NewID returns a new random id. Ids are letters and digits, so that they can be tokens of subjects and keys.
func NewID() string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	const fair = 256 - 256%len(alphabet) // bytes from here on would favor the first letters
	id := make([]byte, 0, idLen)
	var random [2 * idLen]byte
	for {
		_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
		for _, b := range random {
			if int(b) < fair {
				id = append(id, alphabet[int(b)%len(alphabet)])
			}
			if len(id) == idLen {
				return string(id)
			}
		}
	}
}
