package destination

import (
	"strings"
	"unicode/utf8"
)

const (
	maskBullets  = "••••••••••" // ten of them
	maskShown    = 4            // characters at the end of a secret that are shown
	maskShownMin = 12           // characters that a secret must have for that
)

// MaskSecret is what is shown in the place of a secret setting: ten bullets and its last four characters; of a short one only the bullets.
func MaskSecret(secret string) string {
	if utf8.RuneCountInString(secret) < maskShownMin {
		return maskBullets
	}
	runes := []rune(secret)
	return maskBullets + string(runes[len(runes)-maskShown:])
}

// IsMasked tells whether a setting was sent back as it was shown; then the secret stays what it is.
func IsMasked(shown string) bool { return strings.HasPrefix(shown, maskBullets) || shown == Mask }
