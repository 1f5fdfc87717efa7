package destination

import (
	"net/netip"
	"strings"
)

// Characters of RFC 3986.
const (
	letters    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits     = "0123456789"
	unreserved = letters + digits + "-._~"
	subDelims  = "!$&'()*+,;="
	hexDigits  = digits + "abcdefABCDEF"
)

// isURI is the format uri of ajv-formats: RFC 3986 with a scheme, and something after it.
func isURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || !strings.Contains(letters, scheme[:1]) || !consists(scheme, letters+digits+"+-.", false) {
		return false
	}
	rest, fragment, _ := strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	const tail = unreserved + subDelims + ":@/?"
	if !consists(query, tail, true) || !consists(fragment, tail, true) {
		return false
	}
	const path = unreserved + subDelims + ":@/"
	if consists(rest, path, true) {
		return rest != ""
	}
	// What is left is an address in brackets, after one slash or two.
	afterSlashes := strings.TrimPrefix(strings.TrimPrefix(rest, "/"), "/")
	authority, more := afterSlashes, ""
	if i := strings.IndexByte(afterSlashes, '/'); i >= 0 {
		authority, more = afterSlashes[:i], afterSlashes[i:]
	}
	return afterSlashes != rest && isAuthority(authority) && consists(more, path, true)
}

// isAuthority tells whether s is [user@][address][:port] with an address in brackets.
func isAuthority(s string) bool {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		if !consists(s[:i], unreserved+subDelims+":", true) {
			return false
		}
		s = s[i+1:]
	}
	literal, port, ok := strings.Cut(strings.TrimPrefix(s, "["), "]")
	return ok && strings.HasPrefix(s, "[") && isIPLiteral(literal) && (port == "" || (port[0] == ':' && consists(port[1:], digits, false)))
}

func isIPLiteral(s string) bool {
	if s != "" && s[0]|0x20 == 'v' {
		version, address, ok := strings.Cut(s[1:], ".")
		return ok && version != "" && address != "" && consists(version, hexDigits, false) && consists(address, unreserved+subDelims+":", false)
	}
	ip, err := netip.ParseAddr(s)
	return err == nil && ip.Is6() && ip.Zone() == ""
}

// consists tells whether s holds nothing but the characters of set, and, where escapes are allowed, %HH.
func consists(s, set string, escapes bool) bool {
	for i := 0; i < len(s); i++ {
		if escapes && s[i] == '%' {
			if i+2 >= len(s) || !strings.Contains(hexDigits, s[i+1:i+2]) || !strings.Contains(hexDigits, s[i+2:i+3]) {
				return false
			}
			i += 2
			continue
		}
		if strings.IndexByte(set, s[i]) < 0 {
			return false
		}
	}
	return true
}
