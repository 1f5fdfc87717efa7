package analyze

import "strings"

// browser reads which browser and system a User-Agent names; "" where it does not tell.
func browser(agent string) (name, version, system string) {
	for _, b := range [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"}, {"Version/", "Safari"}} {
		if _, after, ok := strings.Cut(agent, b[0]); ok {
			name = b[1]
			version, _, _ = strings.Cut(after, " ")
			break
		}
	}
	for _, s := range [][2]string{
		{"Android", "Android"}, {"iPhone", "iOS"}, {"iPad", "iOS"}, {"Windows", "Windows"}, {"CrOS", "Chrome OS"}, {"Mac OS X", "Mac OS X"}, {"Linux", "Linux"},
	} {
		if strings.Contains(agent, s[0]) {
			return name, version, s[1]
		}
	}
	return name, version, ""
}
