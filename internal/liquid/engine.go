package liquid

import (
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dop251/goja"

	"penstock/internal/jsvalue"
)

//go:embed liquidjs
var files embed.FS

// libraryFile is LiquidJS, which the build brings from its registry; a build without Node goes without it.
const libraryFile = "liquidjs/liquid.node.js"

//go:embed engine.js
var engineJS string

// Built tells whether LiquidJS is in this binary.
func Built() bool {
	_, err := fs.Stat(files, libraryFile)
	return err == nil
}

// programs are LiquidJS and engine.js, compiled: once, and only in a process that meets a template, since it takes some tens of milliseconds.
//
//nolint:gochecknoglobals // a constant, made when it is needed
var programs = sync.OnceValue(func() [2]*goja.Program {
	library, err := files.ReadFile(libraryFile)
	if err != nil {
		panic("liquid: run without LiquidJS: " + err.Error()) // Parse has looked
	}
	return [2]*goja.Program{
		goja.MustCompile("liquid.node.js", "(function (exports, require, Buffer, console) {"+string(library)+"\n})", false),
		goja.MustCompile("engine.js", engineJS, false),
	}
})

// idle are engines that nobody uses at present; the collector takes those that are not needed for long.
//
//nolint:gochecknoglobals // a cache of what is the same for everybody
var idle = sync.Pool{New: func() any { return newEngine() }}

func lend() *engine      { return idle.Get().(*engine) } //nolint:errcheck,forcetypeassert // the pool holds nothing else
func giveBack(e *engine) { idle.Put(e) }

// engine is LiquidJS in a JavaScript engine. One goroutine may use it at a time.
type engine struct {
	vm     *goja.Runtime
	parse  goja.Callable
	render goja.Callable
	parsed map[string]goja.Value // templates, by their text
	began  stopwatch             // of what runs at present
}

// parsedMax is how many templates an engine keeps.
const parsedMax = 256

func newEngine() *engine {
	e := &engine{vm: goja.New(), parsed: map[string]goja.Value{}}
	e.vm.SetMaxCallStackSize(callsMax)
	p := programs()
	made := e.must(e.function(e.must(e.vm.RunProgram(p[1])))(goja.Undefined(), e.must(e.vm.RunProgram(p[0])), e.vm.ToValue(map[string]any{
		"sha256": func(text string) string {
			sum := sha256.Sum256([]byte(text))
			return hex.EncodeToString(sum[:])
		},
		"hmacSha256": func(key, text string) string {
			mac := hmac.New(sha256.New, []byte(key))
			mac.Write([]byte(text))
			return hex.EncodeToString(mac.Sum(nil))
		},
		"base64Encode": func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) },
		"base64Decode": decodeBase64,
		"upper":        func(text goja.Value) goja.Value { return e.text(jsvalue.Upper(plain(text))) },
		"lower":        func(text goja.Value) goja.Value { return e.text(jsvalue.Lower(plain(text))) },
		"isWord":       isWord,
		"zoneOffset":   zoneOffset,
		"now":          func() float64 { return float64(e.began.elapsed()) / float64(time.Millisecond) },
	}))).ToObject(e.vm)
	e.parse, e.render = e.function(made.Get("parse")), e.function(made.Get("render"))
	return e
}

// must is v: that LiquidJS does not load is a mistake of the program.
func (e *engine) must(v goja.Value, err error) goja.Value {
	if err != nil {
		panic(fmt.Sprintf("liquid: load LiquidJS: %v", err))
	}
	return v
}

func (e *engine) function(v goja.Value) goja.Callable {
	f, ok := goja.AssertFunction(v)
	if !ok {
		panic(fmt.Sprintf("liquid: load LiquidJS: %v is no function", v))
	}
	return f
}

// decodeBase64 decodes as Node does: either alphabet, up to the first padding, all else left out; bytes that are no UTF-8 become U+FFFD.
func decodeBase64(text string) string {
	text, _, _ = strings.Cut(text, "=")
	digits := strings.Map(func(r rune) rune {
		switch {
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		case r == '+' || r == '/' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80:
			return r
		}
		return -1
	}, text)
	const group = 4
	if len(digits)%group == 1 {
		digits = digits[:len(digits)-1]
	}
	out, err := base64.RawStdEncoding.DecodeString(digits)
	if err != nil {
		return ""
	}
	return string([]rune(string(out)))
}

// isWord tells whether a character is a mark, a letter or a digit: the engine's regular expressions know no classes of Unicode.
func isWord(char string) bool {
	r, _ := utf8.DecodeRuneInString(char)
	return unicode.In(r, unicode.M, unicode.L, unicode.Nd)
}

// zoneOffset is how far a time zone is ahead of UTC at an instant, both in milliseconds; NaN: nobody knows the zone.
func zoneOffset(zone string, instant float64) float64 {
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "" || strings.EqualFold(zone, "local") {
		return math.NaN()
	}
	_, seconds := time.UnixMilli(int64(instant)).In(location).Zone()
	return float64(seconds) * float64(time.Second/time.Millisecond)
}

// template is a template in this engine.
func (e *engine) template(source string) (goja.Value, error) {
	if v, ok := e.parsed[source]; ok {
		return v, nil
	}
	v, err := e.parse(goja.Undefined(), e.text(source))
	if err != nil {
		return nil, err
	}
	if len(e.parsed) >= parsedMax {
		clear(e.parsed)
	}
	e.parsed[source] = v
	return v, nil
}

func (e *engine) text(s string) goja.Value {
	if jsvalue.HasLone(s) {
		return goja.StringFromUTF16(jsvalue.Units(s))
	}
	return e.vm.ToValue(s)
}

// value is a value of ours in this engine.
func (e *engine) value(v jsvalue.Value) goja.Value {
	switch v.Kind() {
	case jsvalue.Undefined:
	case jsvalue.Null:
		return goja.Null()
	case jsvalue.Boolean:
		return e.vm.ToValue(v.Truthy())
	case jsvalue.Number:
		return e.vm.ToValue(v.Float())
	case jsvalue.String:
		return e.text(v.Str())
	case jsvalue.Array:
		elements := v.Elements()
		out := make([]any, len(elements))
		for i, element := range elements {
			out[i] = e.value(element)
		}
		return e.vm.NewArray(out...)
	case jsvalue.Object:
		out := e.vm.NewObject()
		for _, m := range v.Members() {
			if err := out.DefineDataProperty(m.Name, e.value(m.Value), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE); err != nil {
				panic(err)
			}
		}
		return out
	}
	return goja.Undefined()
}

// scope is an event in an engine. Its members are made when a template asks for them.
type scope struct {
	engine *engine
	event  jsvalue.Value
	made   map[string]goja.Value
}

func (s *scope) Get(name string) goja.Value {
	if v, ok := s.made[name]; ok {
		return v
	}
	v := s.event.Get(jsvalue.NewKey(name))
	if v.Kind() == jsvalue.Undefined {
		return nil
	}
	made := s.engine.value(v)
	s.Set(name, made)
	return made
}

func (s *scope) Has(name string) bool { return s.Get(name) != nil }

func (s *scope) Keys() []string {
	var names []string
	for _, m := range s.event.Members() {
		names = append(names, m.Name)
	}
	return names
}

// Set changes what this rendering sees, as {% increment %} does; the event stays what it is.
func (s *scope) Set(name string, v goja.Value) bool {
	if s.made == nil {
		s.made = map[string]goja.Value{}
	}
	s.made[name] = v
	return true
}

func (s *scope) Delete(string) bool { return false }
