package mapping

import (
	"bytes"

	"penstock/internal/jsvalue"
)

// excludeWhenNull is @excludeWhenNull: null becomes undefined, and members of objects that are null vanish at every depth, but not inside arrays.
type excludeWhenNull struct{ value node }

func (n excludeWhenNull) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.value.resolve(s)
	if err != nil || v.Kind() == jsvalue.Null {
		return jsvalue.Value{}, err
	}
	return withoutNulls(v), nil
}

func withoutNulls(v jsvalue.Value) jsvalue.Value {
	if v.Kind() != jsvalue.Object || (v.Raw() != nil && !bytes.Contains(v.Raw(), []byte("null"))) {
		return v
	}
	var out jsvalue.Builder
	for _, m := range v.Members() {
		if m.Value.Kind() != jsvalue.Null {
			out.Set(m.Name, withoutNulls(m.Value))
		}
	}
	return out.Object()
}
