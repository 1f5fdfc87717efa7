package jsvalue_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"penstock/internal/jsvalue"
)

func TestNumbersPrintAsInJavaScript(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "0", 1: "1", -5: "-5", 19.99: "19.99", 0.1: "0.1", 1e20: "100000000000000000000", 1e21: "1e+21", 1.5e21: "1.5e+21", 1e-6: "0.000001", 1e-7: "1e-7",
		1.25e-7: "1.25e-7", 123456789012345680000: "123456789012345680000", 9007199254740993: "9007199254740992", 5e-324: "5e-324", 1.7976931348623157e308: "1.7976931348623157e+308",
		math.Inf(1): "Infinity", math.Inf(-1): "-Infinity",
	} {
		if got := jsvalue.FormatNumber(f); got != want {
			t.Errorf("%g: %s, want %s", f, got, want)
		}
	}
	if got := jsvalue.FormatNumber(math.NaN()); got != "NaN" {
		t.Errorf("NaN: %s", got)
	}
}

func TestTextsReadAsNumbersAsInJavaScript(t *testing.T) {
	for s, want := range map[string]float64{
		"": 0, "  ": 0, " 5 ": 5, "1e2": 100, "0x10": 16, "0b11": 3, "0o17": 15, "+5": 5, "-.5": -0.5, "5.": 5, "Infinity": math.Inf(1), "-Infinity": math.Inf(-1), "\u00a0\ufeff7\n": 7, "1e400": math.Inf(1), "-": math.NaN(),
		"5px": math.NaN(), "1_000": math.NaN(), "inf": math.NaN(), "0x": math.NaN(), "-0x10": math.NaN(), "1.2.3": math.NaN(), ".": math.NaN(), "1e": math.NaN(), "+-5": math.NaN(), "NaN": math.NaN(), "0x1p3": math.NaN(), "0xg": math.NaN(),
	} {
		if got := jsvalue.ParseNumber(s); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

func TestStringifyAndPassThrough(t *testing.T) {
	for raw, want := range map[string]string{
		`{"b":1,"10":2,"9":3,"01":4,"-1":5}`:                            `{"9":3,"10":2,"b":1,"01":4,"-1":5}`,
		`{"a":1,"b":2,"a":3}`:                                           `{"a":3,"b":2}`,
		`[ 1.0 , 1e2, -0, 12345678901234567890, 1e400 ]`:                `[1,100,0,12345678901234567000,null]`,
		`"\u00e9\/\u2028\ud83d\ude00\ud83d\u0001\b\"\\"`:                "\"é/\u2028😀\\ud83d\\u0001\\b\\\"\\\\\"",
		`{"\u0061":{"x":[null,true,{}]},"4294967295":1,"4294967294":2}`: `{"4294967294":2,"a":{"x":[null,true,{}]},"4294967295":1}`,
	} {
		v := jsvalue.Parse([]byte(raw))
		if got := string(v.Stringify(nil)); got != want {
			t.Errorf("stringify %s\n got %s\nwant %s", raw, got, want)
		}
		if got := string(v.AppendJSON(nil)); got != strings.TrimSpace(raw) {
			t.Errorf("pass through %s: %s", raw, got)
		}
	}
}

func TestGet(t *testing.T) {
	v := jsvalue.Parse([]byte(`{"s":"a😀","a":[1,"x",[]],"n":5,"z":0,"o":{"length":"own"}}`))
	for path, want := range map[string]string{
		"s.length": "3", "s.0": `"a"`, "s.1": `"\ud83d"`, "s.3": "", "a.length": "3", "a.1": `"x"`, "a.01": "", "a.5": "", "n.x": "", "z.x.y": "0", "o.length": `"own"`, "o.constructor": "", "nope.x": "", "a.2.length": "0",
	} {
		var p jsvalue.Path
		for name := range strings.SplitSeq(path, ".") {
			p = append(p, jsvalue.NewKey(name))
		}
		built, _ := jsvalue.DecodeText(string(v.Raw()))
		for _, from := range []jsvalue.Value{v, built} {
			if got := string(from.Walk(p).AppendJSON(nil)); got != want {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
	}
}

func TestUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOf(rapid.OneOf(rapid.Uint16(), rapid.Uint16Range(0xd800, 0xdfff))).Draw(t, "units")
		s := jsvalue.FromUnits(units)
		if got := jsvalue.Units(s); len(got) != len(units) || jsvalue.FromUnits(got) != s || jsvalue.UnitLen(s) != len(units) {
			t.Fatalf("%x: %q: %x, length %d", units, s, got, jsvalue.UnitLen(s))
		}
		quoted := jsvalue.AppendQuoted(nil, s)
		if got := jsvalue.Parse(quoted).Str(); got != s {
			t.Fatalf("%q: quoted %s, read as %q", s, quoted, got)
		}
		if cut := len(units) / 2; jsvalue.Pair(jsvalue.FromUnits(units[:cut])+jsvalue.FromUnits(units[cut:])) != s {
			t.Fatalf("%q: not the same when cut at %d and put together", s, cut)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":"\ud83d"}]}`, `[`, `{"a"`, `"\`, `{"a":}`, ` `, `{"1":1,"0":2,"a":"\u12"}`} {
		f.Add([]byte(seed), "a.0.length")
	}
	f.Fuzz(func(_ *testing.T, raw []byte, path string) {
		v := jsvalue.Parse(raw)
		var p jsvalue.Path
		for name := range strings.SplitSeq(path, ".") {
			p = append(p, jsvalue.NewKey(name))
		}
		v.Walk(p).Stringify(nil)
		v.Stringify(nil)
		_ = v.Text() + v.Str()
		v.Defined().AppendJSON(nil)
	})
}
