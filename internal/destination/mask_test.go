package destination

import "testing"

func TestMaskSecret(t *testing.T) {
	for secret, want := range map[string]string{
		"": "••••••••••", "12345678901": "••••••••••", "123456789012": "••••••••••9012", "größer als alles": "••••••••••lles", "ääääääääääßöüä": "••••••••••ßöüä",
	} {
		got := MaskSecret(secret)
		if got != want {
			t.Errorf("%q is shown as %q, want %q", secret, got, want)
		}
		if !IsMasked(got) || IsMasked(secret) {
			t.Errorf("%q: what is shown is masked: %v; what it is: %v", secret, IsMasked(got), IsMasked(secret))
		}
	}
}
