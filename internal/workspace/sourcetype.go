package workspace

import (
	"cmp"
	"slices"
)

// SourceType says what kind of library or application a source is for, by the slug of an entry of SourceTypes. It describes; it does not restrict.
type SourceType string

// The source types that belong to no library in particular.
const (
	SourceJavaScript SourceType = "javascript"
	SourceServer     SourceType = "server"
	SourceMobile     SourceType = "mobile"
)

// SourceKind is an entry of the catalog of sources.
type SourceKind struct {
	ID       string     // the id that Segment's own catalog has; of what is ours alone, a hash of the slug
	Slug     SourceType // javascript, go
	Name     string
	Category string // Website, Server or Mobile
}

// SourceKinds lists the catalog of sources: the libraries whose events can be taken, and what belongs to none of them.
func SourceKinds() []SourceKind {
	return []SourceKind{
		{"IqDTy1TpoU", SourceJavaScript, "Javascript", "Website"},
		{"iUM16Md8P2", "http-api", "HTTP API", "Server"},
		{"U9mT0bPcI6", "node.js", "Node.js", "Server"},
		{"yBvi77aEwr", "go", "Go", "Server"},
		{"XRksQPCr7X", "python", "Python", "Server"},
		{"V6ynUvQgbc", "java", "Java", "Server"},
		{"8HWbgPTt3k", ".net", ".NET", "Server"},
		{"TDO70If4mD", "php", "PHP", "Server"},
		{"aACTBqIbWT", "ruby", "Ruby", "Server"},
		{"yMu7LRR59b", "kotlin", "Kotlin", "Server"},
		{"9EMcTqiKok", "kotlin-android", "Kotlin (Android)", "Mobile"},
		{"dZeHygTSD4", "apple", "Apple", "Mobile"},
		{"UBrsG9RVzw", "ios", "iOS", "Mobile"},
		{"B0X0QmvMny", "react-native", "React Native", "Mobile"},
		{"CvYws1p1ZA", "flutter", "Flutter", "Mobile"},
		{"4zkHfaSKI8", "unity", "Unity", "Mobile"},
		{"wcssVcPJrc", "xamarin", "Xamarin", "Mobile"},
		{"B6L7qzHmhI", "clojure", "Clojure", "Server"},
		{"7XqN9rJQOG", "pixel-tracking-api", "Pixel Tracking API", "Website"},
		{StableID("source type server"), SourceServer, "Server", "Server"},
		{StableID("source type mobile"), SourceMobile, "Mobile", "Mobile"},
	}
}

// Kind is the entry of the catalog that the type names; false when there is none.
func (t SourceType) Kind() (SourceKind, bool) {
	kinds := SourceKinds()
	i := slices.IndexFunc(kinds, func(k SourceKind) bool { return k.Slug == t })
	if i < 0 {
		return SourceKind{Slug: t, Name: cmp.Or(string(t), "Unknown")}, false
	}
	return kinds[i], true
}
