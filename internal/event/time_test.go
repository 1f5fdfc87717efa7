package event

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseTime(t *testing.T) {
	const second = "2012-12-02T00:30:12"
	for in, want := range map[string]string{
		second + "Z":                 second + "Z",
		second + "z":                 second + "Z",
		"2012-12-02t00:30:12Z":       second + "Z",
		"2012-12-02 00:30:12Z":       second + "Z",
		second + ".984+05:00":        "2012-12-01T19:30:12.984Z",
		second + ".984-0530":         "2012-12-02T06:00:12.984Z",
		second + "+02":               "2012-12-01T22:30:12Z",
		second + ".123456789Z":       second + ".123456Z",
		second + ".1Z":               second + ".1Z",
		second + ",5Z":               second + ".5Z",
		second:                       second + "Z",
		"2012-12-02":                 "2012-12-02T00:00:00Z",
		"2016-12-31T23:59:60Z":       "2017-01-01T00:00:00Z",
		"2012-02-29T00:00:00Z":       "2012-02-29T00:00:00Z",
		"0000-01-01T00:00:00+23:59":  "-0001-12-31T00:01:00Z",
		"2012-12-02T00:30:12.Z":      "",
		"2012-12-02T00:30Z":          "",
		"2012-12-02T24:00:00Z":       "",
		"2013-02-29T00:00:00Z":       "",
		"2012-13-02T00:00:00Z":       "",
		"2012-12-00T00:00:00Z":       "",
		"2012-12-02T00:30:12+5:00":   "",
		"2012-12-02T00:30:12+05:0":   "",
		"2012-12-02T00:30:12 +05:00": "",
		"2012-12-02T00:30:12Zx":      "",
		"yesterday":                  "",
		"":                           "",
		"1354408212":                 "",
	} {
		micros, ok := parseTime([]byte(in))
		got := ""
		if ok {
			got = time.UnixMicro(micros).UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("parseTime(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTimesAgreeWithTheTimePackage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		millis := rapid.Int64Range(millisMin, millisMax).Draw(t, "millis")
		want := time.UnixMilli(millis).UTC().Format("2006-01-02T15:04:05.000Z")
		got := string(appendMillis(nil, millis))
		if got != want {
			t.Fatalf("appendMillis(%d) = %s, want %s", millis, got, want)
		}
		if micros, ok := parseTime([]byte(got)); !ok || micros != millis*microsPerMilli {
			t.Fatalf("parseTime(%s) = %d, %v, want %d", got, micros, ok, millis*microsPerMilli)
		}
	})
}
