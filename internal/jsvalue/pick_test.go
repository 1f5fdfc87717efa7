package jsvalue_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"penstock/internal/jsvalue"
)

func TestPickFindsWhatWalkFinds(t *testing.T) {
	names := rapid.SampledFrom([]string{"a", "b", "c", "0", "length"})
	values := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{`1`, `0`, `"x😀"`, `""`, `null`, `false`, `{}`, `[]`, `[{"a":1},"b"]`, `{"a":{"b":2,"c":{"a":"deep"}},"length":7}`, `{"a":1,"a":{"b":3},"a":{"c":4}}`, `{"\u0061":{"b":"esc"}}`}).Draw(t, "value")
	})
	rapid.Check(t, func(t *rapid.T) {
		text := "{"
		for i, name := range rapid.SliceOfN(names, 0, 6).Draw(t, "members") {
			if i > 0 {
				text += ","
			}
			text += `"` + name + `":` + values.Draw(t, "v")
		}
		text += "}"
		var p jsvalue.Picker
		var paths []jsvalue.Path
		var slots []int
		for range rapid.IntRange(1, 6).Draw(t, "paths") {
			var path jsvalue.Path
			for _, name := range rapid.SliceOfN(names, 1, 4).Draw(t, "path") {
				path = append(path, jsvalue.NewKey(name))
			}
			paths, slots = append(paths, path), append(slots, p.Add(path))
		}
		v := jsvalue.Parse([]byte(text))
		picked := p.Pick([]byte(text))
		for i, path := range paths {
			got, want := p.Value(v, picked, slots[i]), v.Walk(path)
			if got.Kind() != want.Kind() || !bytes.Equal(got.AppendJSON(nil), want.AppendJSON(nil)) {
				t.Fatalf("%s: %v: %s, want %s", text, path, got.AppendJSON(nil), want.AppendJSON(nil))
			}
		}
	})
}
