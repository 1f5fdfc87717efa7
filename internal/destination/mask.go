package destination

import (
	"strings"
	"unicode/utf8"
)

// SecretMask is what a secret setting that is shown begins with: ten bullets.
const SecretMask = "••••••••••" //nolint:gosec // it hides one

const (
	maskShown    = 4  // characters at the end of a secret that are shown
	maskShownMin = 12 // characters that a secret must have for that
)

// MaskSecret is what is shown in the place of a secret setting: SecretMask and its last four characters; of a short one only SecretMask.
func MaskSecret(secret string) string {
	if utf8.RuneCountInString(secret) < maskShownMin {
		return SecretMask
	}
	runes := []rune(secret)
	return SecretMask + string(runes[len(runes)-maskShown:])
}

// IsMasked tells whether a setting was sent back as it was shown; then the secret stays what it is.
func IsMasked(shown string) bool { return strings.HasPrefix(shown, SecretMask) || shown == Mask }
