package mapping_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/mapping"
)

// allocated is how many bytes f allocates: what it copies, and so a measure of its work that does not depend on the clock.
func allocated(f func()) uint64 {
	f()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func compiling(text string) func() {
	return func() { _, _ = mapping.Compile([]byte(text)) }
}

func TestCompilingIsLinear(t *testing.T) {
	const few, times, slack = 20, 4, 2
	for _, c := range []struct{ before, innermost, after string }{
		{`{"a":`, `1`, `}`},
		{`[`, `1`, `]`},
		{`{"@path":`, `"$.a"`, `}`},
		{`{"@template":`, `"{{a}}"`, `}`},
		{`{"@literal":`, `1`, `}`},
		{`{"@excludeWhenNull":`, `1`, `}`},
		{`{"@if":{"exists":`, `1`, `,"then":1}}`},
		{`{"@case":{"operator":"upper","value":`, `"x"`, `}}`},
		{`{"@replace":{"pattern":"a","value":`, `"x"`, `}}`},
		{`{"@json":{"mode":"encode","value":`, `1`, `}}`},
		{`{"@flatten":{"separator":".","value":`, `{}`, `}}`},
		{`{"@transform":{"apply":`, `{"a":1}`, `,"mapping":{"b":1}}}`},
		{`{"@transform":{"mapping":{"b":1},"apply":{"x":`, `1`, `}}}`},
		{`{"@transform":{"apply":{"a":1},"mapping":{"b":`, `1`, `}}}`},
		{`{"@merge":{"direction":"left","objects":[`, `{}`, `]}}`},
		{`{"@arrayPath":["$.a",{"b":`, `1`, `}]}`},
		{`{"@arrayPath":[`, `"$.a"`, `]}`},
	} {
		nested := func(n int) string { return strings.Repeat(c.before, n) + c.innermost + strings.Repeat(c.after, n) }
		small, large := allocated(compiling(nested(few))), allocated(compiling(nested(few*times)))
		if large > small*times*slack {
			t.Errorf("%s: %d bytes for %d levels, %d for %d times as many", c.before, small, few, large, times)
		}
		if err := compileError(nested(mapping.DepthMax + 1)); err != "the mapping is nested more than "+strconv.Itoa(mapping.DepthMax)+" levels deep" {
			t.Errorf("%s: too many levels: %q", c.before, err)
		}
	}
}

func compileError(text string) string {
	if _, err := mapping.Compile([]byte(text)); err != nil {
		return err.Error()
	}
	return ""
}

func TestWhatTransformsRepeatIsBounded(t *testing.T) {
	const levels = 60
	text := strings.Repeat(`{"@transform":{"mapping":{"a":{"@path":"$."},"b":{"@path":"$."}},"apply":`, levels) + `{"e":{"@path":"$."}}` + strings.Repeat("}}", levels)
	if _, err := compile(t, text).Resolve([]byte(event)); err == nil || err.Error() != "@transform: the result is larger than 16777216 bytes" {
		t.Errorf("error %v", err)
	}
}
