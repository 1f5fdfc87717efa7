package jsvalue

import (
	"strings"
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

// texts draws JSON texts in which all that is easily mistaken for structure stands in strings.
func texts(depth int) *rapid.Generator[string] {
	plain := rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{"{", "}", "[", "]", "a", ":", ",", "é", "\x80", `\"`, `\\`, `\n`, `A`, " ", "a long piece of text"}), 0, 6).Draw(t, "parts")
		return `"` + strings.Join(parts, "") + `"`
	})
	scalar := rapid.OneOf(plain, rapid.SampledFrom([]string{"12345.5", "-1e3", "true", "null", `""`, "{}", "[]"}))
	if depth == 0 {
		return scalar
	}
	return rapid.OneOf(scalar, container(depth, plain))
}

func container(depth int, names *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		space := rapid.SampledFrom([]string{"", "", " ", "\n\t"}).Draw(t, "space")
		values := rapid.SliceOfN(texts(depth-1), 0, 4).Draw(t, "values")
		if rapid.Bool().Draw(t, "array") {
			return "[" + space + strings.Join(values, space+","+space) + space + "]"
		}
		for i, v := range values {
			values[i] = names.Draw(t, "name") + space + ":" + space + v
		}
		return "{" + space + strings.Join(values, ","+space) + space + "}"
	})
}

func TestSkipContainerAgreesWithANaiveOne(t *testing.T) {
	names := rapid.SampledFrom([]string{`"key"`, `"{"`, `"]}"`, `"\""`, `"\\"`})
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(container(4, names).Draw(t, "text") + rapid.SampledFrom([]string{"", ",", "}", `]"{`, " "}).Draw(t, "rest"))
		want := naiveSkip(text)
		if got := skipContainer(text, 0); got != want {
			t.Fatalf("skip %q: %d, want %d", text, got, want)
		}
		cut := text[:rapid.IntRange(1, want).Draw(t, "cut")]
		if got := skipContainer(cut, 0); got != len(cut) {
			t.Fatalf("skip %q, which is cut off: %d, want %d", cut, got, len(cut))
		}
	})
}
