package pendowire

import (
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Metadata is what is known of a visitor or an account: the latest value of each field. Names are in lower case.
type Metadata map[string]json.RawMessage

// Merge takes over the fields of an object of traits. Those that are objects themselves are passed over, as Pendo does.
func (m Metadata) Merge(traits []byte) {
	for name, v := range members(jsontext.Value(traits)) {
		if v.Kind() != '{' {
			m[strings.ToLower(string(name))] = json.RawMessage(v)
		}
	}
}
