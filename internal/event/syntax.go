package event

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// typographic are the quotes that web pages and word processors put in the place of plain ones.
const typographic = "“”„‟«»‘’‚‛‹›″′＂"

const byteOrderMark = "\uFEFF"

// unreadable says why a body is not JSON: where, what was found there, and how to mend it.
func unreadable(body []byte, err error) *Rejection {
	offset := len(body)
	var within jsontext.Pointer
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		offset, within = min(int(syntax.ByteOffset), len(body)), syntax.JSONPointer
		if errors.Is(err, io.ErrUnexpectedEOF) {
			offset = len(body)
		}
	}
	found, mend := diagnose(body, offset, err)
	line, column := place(body, offset)
	at := fmt.Sprintf("line %d, column %d (byte %d)", line, column, offset)
	if within != "" {
		at += ", in " + shorten(string(within))
	}
	return &Rejection{Index: -1, Code: BadRequest, Message: "The body is not JSON: " + at + ": found " + found + ".", Mend: mend, Offset: offset}
}

// place turns an offset into a line and a column, both from 1; the column counts characters.
func place(body []byte, offset int) (line, column int) {
	before := body[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}

const pointerCharsMax = 80

func shorten(s string) string {
	if len(s) <= pointerCharsMax {
		return s
	}
	return strings.ToValidUTF8(s[:pointerCharsMax], "") + "…"
}

// diagnose names what was found at an offset where JSON could not go on, and the mend for mistakes that are known.
func diagnose(body []byte, offset int, err error) (found, mend string) {
	if offset >= len(body) {
		return atEnd(body)
	}
	if errors.Is(err, errTrailing) {
		return afterDocument(body, offset)
	}
	c, _ := utf8.DecodeRune(body[offset:])
	switch {
	case strings.ContainsRune(typographic, c):
		return fmt.Sprintf("a typographic quote %c (U+%04X)", c, c), `It was pasted from a web page or a document: write plain quotes (") instead.`
	case string(c) == byteOrderMark:
		return "a byte order mark (U+FEFF)", "Leave it out; it may only be the very first character of a body."
	case c == '\'':
		return "a single quote", `JSON text stands between double quotes ("). In a shell, put the whole body between single quotes.`
	case c == 0:
		return "a NUL byte", `Leave it out; inside of a text, write \u0000.`
	case c == ',':
		return comma(body, offset)
	case strings.Contains(err.Error(), "in string"):
		return inString(body, offset, c)
	case c == '}' || c == ']':
		return fmt.Sprintf("%q where a value should be", c), ""
	case bytes.HasPrefix(body[offset:], []byte("//")), bytes.HasPrefix(body[offset:], []byte("/*")), c == '#':
		return "a comment", "JSON has no comments: leave it out."
	case c == '<':
		return `"<"`, "This looks like HTML or XML, or like a placeholder that was not filled in."
	}
	return word(body, offset, c, err)
}

func atEnd(body []byte) (found, mend string) {
	if len(bytes.TrimSpace(body)) == 0 {
		return "nothing: the body is empty", "Send the event as a JSON object."
	}
	return "the end of the body", "It is cut off: a bracket or a quote is not closed, or not all of it was sent."
}

func comma(body []byte, offset int) (found, mend string) {
	rest := bytes.TrimLeft(body[offset+1:], " \t\r\n")
	if len(rest) > 0 && (rest[0] == '}' || rest[0] == ']') {
		return fmt.Sprintf("a trailing comma before %q", rest[0]), "Leave the comma out."
	}
	return "a comma where a value should be", "A comma stands between two values, and there is just one of it: leave this one out."
}

func inString(body []byte, offset int, c rune) (found, mend string) {
	switch {
	case c == '\n' || c == '\r':
		return "a line break inside of a text", `Write \n instead, or close the text with a quote.`
	case c == '\\':
		end := min(offset+2, len(body))
		return fmt.Sprintf("an escape that JSON does not have, %q", body[offset:end]), `A backslash itself is written \\.`
	}
	return fmt.Sprintf("a control character (U+%04X) inside of a text", c), fmt.Sprintf(`Write \u%04x instead.`, c)
}

// word is for what begins with a letter or a digit, and for anything else.
func word(body []byte, offset int, c rune, err error) (found, mend string) {
	start := offset
	for start > 0 && isWord(rune(body[start-1])) {
		start--
	}
	end := offset
	for end < len(body) && end-start < 20 && isWord(rune(body[end])) {
		end++
	}
	text := string(body[start:end])
	switch text {
	case "NaN", "Infinity", "undefined", "None":
		return text, "JSON does not have it: write null."
	case "True", "False":
		return text, "JSON writes it in lower case."
	}
	switch {
	case strings.Contains(err.Error(), "expecting ','"):
		return fmt.Sprintf("%q where a comma or a closing bracket should be", c), "A comma is missing before it, or a quote too many."
	case strings.Contains(err.Error(), "expecting ':'"):
		return fmt.Sprintf("%q where a colon should be", c), "A colon stands between a name and its value."
	case strings.Contains(err.Error(), "max depth"):
		return "more than " + strconv.Itoa(DepthMax) + " levels of nesting", "Send it flatter."
	case bytes.IndexByte(body, '{') < 0 && bytes.IndexByte(body, '=') > 0:
		return fmt.Sprintf("%q", shorten(text)), "This looks like a form: send the event as a JSON object; the Content-Type does not matter."
	case c != utf8.RuneError && unicode.IsSpace(c):
		return fmt.Sprintf("a special space (U+%04X)", c), "It was pasted from a web page or a document: write a plain space instead."
	case text != "":
		return fmt.Sprintf("%q", text), `Names and texts stand between double quotes (").`
	case offset == 0 && c == utf8.RuneError:
		return "bytes that are not UTF-8 text", "Send JSON as UTF-8. When it is compressed, say so with Content-Encoding: gzip."
	}
	return fmt.Sprintf("%q", c), ""
}

func isWord(c rune) bool {
	return c == '_' || c == '$' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// errTrailing is the error of a body that goes on after its document.
var errTrailing = errors.New("text after the document")

func afterDocument(body []byte, offset int) (found, mend string) {
	switch body[offset] {
	case '{', '[':
		return "a second document after the first", "Send one document in a request: put the events into one batch, or make a request for each."
	case 0:
		return "a NUL byte after the document", "Leave it out."
	}
	c, _ := utf8.DecodeRune(body[offset:])
	return fmt.Sprintf("%q after the end of the document", c), "Leave it out, or look for a closing bracket too many."
}
