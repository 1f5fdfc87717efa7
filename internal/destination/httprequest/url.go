package httprequest

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"penstock/internal/destination"
)

// address is a URL as the WHATWG's standard reads it, which is what Segment's client does; net/url reads another standard.
type address struct {
	scheme, user, password, host, port, path, query string
	hasQuery                                        bool
}

func invalidURL() *destination.PayloadError { return illegal("Invalid URL") }

// parseURL reads the text of a field of format uri: it is ASCII, without spaces.
func parseURL(text string) (address, *destination.PayloadError) {
	var u address
	scheme, rest, _ := strings.Cut(text, ":")
	u.scheme = strings.ToLower(scheme)
	if u.scheme != "http" && u.scheme != "https" {
		return u, &destination.PayloadError{Code: destination.CodeUnsupportedScheme, Message: "Only HTTP(S) protocols are supported"}
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, u.query, u.hasQuery = strings.Cut(rest, "?")
	rest = strings.TrimLeft(rest, "/\\")
	authority, path := rest, ""
	if i := strings.IndexAny(rest, "/\\"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, password, _ := strings.Cut(authority[:i], ":")
		u.user, u.password = unescape(user), unescape(password)
		authority = authority[i+1:]
	}
	if err := u.readHost(authority); err != nil {
		return u, err
	}
	u.path = strings.ReplaceAll(removeDots(path), "'", "%27")
	u.query = strings.ReplaceAll(u.query, "'", "%27")
	return u, nil
}

func unescape(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

func (u *address) readHost(authority string) *destination.PayloadError {
	host, port := authority, ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		host, port = authority[:i], authority[i+1:]
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return invalidURL()
		}
		if port = strconv.FormatUint(n, 10); port == defaultPort(u.scheme) {
			port = ""
		}
	}
	u.port = port
	if strings.HasPrefix(host, "[") {
		ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if err != nil || ip.Zone() != "" {
			return invalidURL()
		}
		u.host = "[" + ip.String() + "]"
		return nil
	}
	host = strings.ToLower(unescape(host))
	if host == "" || strings.ContainsAny(host, " #/:<>?@[\\]^|%\x00\t\n\r") || strings.ContainsFunc(host, func(r rune) bool { return r < ' ' || r > '~' }) {
		return invalidURL()
	}
	ip, isIP, ok := ipv4(host)
	if !ok {
		return invalidURL()
	}
	if isIP {
		host = ip
	}
	u.host = host
	return nil
}

// ipv4 reads a host whose last label is a number, in any of the forms in which IPv4 addresses were ever written.
func ipv4(host string) (address string, isIP, ok bool) {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := labels[len(labels)-1]
	if _, number := ipv4Number(last); !number && strings.Trim(last, "0123456789") != "" || last == "" {
		return "", false, true
	}
	const labelsMax, byteMax = 4, 255
	if len(labels) > labelsMax {
		return "", true, false
	}
	var sum uint64
	for i, label := range labels {
		n, number := ipv4Number(label)
		rest := labelsMax - i
		switch {
		case !number:
			return "", true, false
		case i == len(labels)-1:
			if n >= 1<<(8*rest) {
				return "", true, false
			}
			sum += n
		case n > byteMax:
			return "", true, false
		default:
			sum += n << (8 * (rest - 1))
		}
	}
	return netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}).String(), true, true
}

func ipv4Number(s string) (uint64, bool) {
	base := 10
	switch {
	case strings.HasPrefix(s, "0x"):
		s, base = s[2:], 16
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	case s == "":
		return 0, false
	}
	if s == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(s, base, 40)
	return n, err == nil
}

// removeDots resolves the segments "." and "..", written plain or escaped.
func removeDots(path string) string {
	path = strings.ReplaceAll(path, `\`, "/")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	var out []string
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		last := i == len(segments)-1
		switch strings.ReplaceAll(strings.ToLower(segment), "%2e", ".") {
		case ".":
			if last {
				out = append(out, "")
			}
		case "..":
			out = out[:max(0, len(out)-1)]
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, segment)
		}
	}
	return "/" + strings.Join(out, "/")
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// credentials are user and password as Basic authorization joins them.
func (u *address) credentials() string {
	if u.password == "" {
		return u.user
	}
	return u.user + ":" + u.password
}

func (u *address) hostPort() string {
	if u.port == "" {
		return u.host
	}
	return u.host + ":" + u.port
}

// String prints the address without user and password, which travel in a header.
func (u *address) String() string {
	text := u.scheme + "://" + u.hostPort() + u.path
	if u.hasQuery && u.query != "" {
		text += "?" + u.query
	}
	return text
}
