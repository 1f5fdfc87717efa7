package jsvalue

import (
	"testing"

	"pgregory.net/rapid"
)

// naiveSkip is what skipContainer does, byte by byte.
func naiveSkip(b []byte) int {
	depth, inside := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inside && c == '\\':
			i++
		case c == '"':
			inside = !inside
		case inside:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

func TestSkipContainerAgreesWithANaiveOne(t *testing.T) {
	pieces := []string{"{", "}", "[", "]", `"`, `\`, `\\`, `\"`, "a", ":", ",", "é", `"key"`, `"a long string of text, with {braces} in it"`, "12345.5", "\x80\xff", " "}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"{", "["}).Draw(t, "first")
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40).Draw(t, "pieces") {
			text += p
		}
		if got, want := skipContainer([]byte(text), 0), naiveSkip([]byte(text)); got != want {
			t.Fatalf("skip %q: %d, want %d", text, got, want)
		}
	})
}
