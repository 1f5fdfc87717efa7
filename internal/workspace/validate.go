package workspace

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shapes and limits of what a resource holds.
const (
	slugLenMax     = 64  // characters
	nameLenMax     = 200 // characters
	writeKeysMax   = 20  // of a source
	writeKeyLenMin = 8   // characters
	writeKeyLenMax = 128
	appKeyDigits   = 32
	oldKeysMax     = 5 // of an app

	labelsMax         = 100      // of a source
	labelLenMax       = 100      // characters of a key or a value
	descriptionLenMax = 1000     // bytes
	objectBytesMax    = 64 << 10 // of settings that are kept for clients
)

// IsSlug tells whether s has the form of a slug: lower-case letters, digits, dashes and underscores, a letter or digit first.
func IsSlug(s string) bool {
	if s == "" || len(s) > slugLenMax || s[0] == '-' || s[0] == '_' {
		return false
	}
	return onlyHas(s, func(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' })
}

func isWriteKey(s string) bool {
	return len(s) >= writeKeyLenMin && len(s) <= writeKeyLenMax && onlyHas(s, func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
	})
}

func isAppKey(s string) bool {
	s = NormalizeAppKey(s)
	return len(s) == appKeyDigits && onlyHas(s, func(c byte) bool { return c >= 'a' && c <= 'f' || c >= '0' && c <= '9' })
}

func onlyHas(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

// text is the text that a string of the file stands for.
func (c *checker) text(at pointer, s string) string {
	out, err := literal(s)
	if err != nil {
		c.add(at, "%s", err)
	}
	return out
}

func (c *checker) slug(at pointer, s string) {
	if !IsSlug(s) {
		c.add(at, "%q is not a slug; want 1 to %d lower-case letters, digits, dashes and underscores, as in pendo-track-events", s, slugLenMax)
	}
}

func (c *checker) name(at pointer, s string) {
	if !isLine(s, nameLenMax) {
		c.add(at, "%q is not a name; want 1 to %d characters on one line", s, nameLenMax)
	}
}

func (c *checker) labelText(at pointer, s string) {
	if !isLine(s, labelLenMax) {
		c.add(at, "%q is no part of a label; want 1 to %d characters on one line", s, labelLenMax)
	}
}

// isLine tells whether s is a text on one line.
func isLine(s string, most int) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

// slugOf makes a slug of a text; empty when nothing of it can stand in one.
func slugOf(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == slugLenMax {
			break
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// references checks that no reference is left that nobody will resolve.
func (c *checker) references(at pointer, s string) bool {
	err := checkReferences(s)
	if err != nil {
		c.add(at, "%s", err)
	}
	return err == nil
}
