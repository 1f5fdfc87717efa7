package arch

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxFileLines is how long a source file may be that is not a test. It is a bound, not a goal: a file holds one idea.
const maxFileLines = 600

// CheckTidy checks the house rules that no linter has, over the files that .gitignore lets in. It returns one
// sentence for each breach. The words are those that no file may hold, such as the path of a checkout.
func CheckTidy(tree fs.FS, words []string) ([]string, error) {
	names, err := trackedFiles(tree)
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	var problems []string
	for _, name := range names {
		content, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		problems = append(problems, tidyFile(name, content, words)...)
	}
	problems = append(problems, tidyDecisions(names)...)
	links, err := tidyLinks(tree, names)
	if err != nil {
		return nil, err
	}
	problems = append(problems, links...)
	documents, err := tidyDocuments(tree)
	return append(problems, documents...), err
}

// trackedFiles walks the tree, and leaves out what the patterns of .gitignore name. It knows names and globs, with or
// without a slash at either end; that is all that our file needs.
func trackedFiles(tree fs.FS) ([]string, error) {
	text, err := fs.ReadFile(tree, ".gitignore")
	if err != nil {
		return nil, err
	}
	var names []string
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case name == ".git" || ignored(string(text), name, entry.IsDir()):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.Type().IsRegular():
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

func ignored(patterns, name string, isDir bool) bool {
	for pattern := range strings.Lines(patterns) {
		pattern = strings.TrimSpace(pattern)
		if pattern == "" || strings.HasPrefix(pattern, "#") || (strings.HasSuffix(pattern, "/") && !isDir) {
			continue
		}
		pattern = strings.TrimSuffix(pattern, "/")
		against := path.Base(name)
		if anchored, found := strings.CutPrefix(pattern, "/"); found {
			pattern, against = anchored, name
		}
		if matchPackage(pattern, against) {
			return true
		}
	}
	return false
}

func tidyFile(name string, content []byte, words []string) []string {
	if bytes.IndexByte(content[:min(len(content), 8000)], 0) >= 0 {
		return nil // not text
	}
	var problems []string
	if lines := bytes.Count(content, []byte("\n")); lines > maxFileLines && isSource(name) {
		problems = append(problems, fmt.Sprintf("%s: %d lines, more than %d: does it hold one idea?", name, lines, maxFileLines))
	}
	for _, word := range words {
		if before, _, found := bytes.Cut(content, []byte(word)); found {
			problems = append(problems, fmt.Sprintf("%s:%d: holds %q", name, 1+bytes.Count(before, []byte("\n")), word))
		}
	}
	return problems
}

func isSource(name string) bool {
	switch path.Ext(name) {
	case ".go":
		return !strings.HasSuffix(name, "_test.go")
	case ".ts", ".tsx", ".mjs":
		return !strings.Contains(path.Base(name), ".test.")
	default:
		return false
	}
}

// tidyDecisions checks that the records of decisions are numbered from 0001, without a gap, each number once.
func tidyDecisions(names []string) []string {
	var problems []string
	next := 1
	for _, name := range names {
		if path.Dir(name) != "docs/adr" || path.Ext(name) != ".md" {
			continue
		}
		if want := fmt.Sprintf("%04d-", next); !strings.HasPrefix(path.Base(name), want) {
			problems = append(problems, fmt.Sprintf("%s: its name should begin with %s", name, want))
		}
		next++
	}
	return problems
}

// tidyLinks checks that the relative links of documents lead to something in the tree.
func tidyLinks(tree fs.FS, names []string) ([]string, error) {
	link := regexp.MustCompile(`\]\(([^):#]+)[^):]*\)`)
	var problems []string
	for _, name := range names {
		if path.Ext(name) != ".md" {
			continue
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := fs.Stat(tree, path.Join(path.Dir(name), match[1])); err != nil {
				problems = append(problems, fmt.Sprintf("%s: links to %s, which is not there", name, match[1]))
			}
		}
	}
	return problems, nil
}

func tidyDocuments(tree fs.FS) ([]string, error) {
	var problems []string
	changes, err := fs.ReadFile(tree, "CHANGELOG.md")
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(changes, []byte("\n## [Unreleased]\n")) {
		problems = append(problems, "CHANGELOG.md: has no section ## [Unreleased]")
	}
	style, err := fs.ReadFile(tree, "STYLE.md")
	if err != nil {
		return nil, err
	}
	linters, err := fs.ReadFile(tree, ".golangci.yml")
	if err != nil {
		return nil, err
	}
	return append(problems, tidyStyle(string(style), string(linters))...), nil
}

// tidyStyle checks that each rule of STYLE.md, an item of a list, ends with what enforces it in brackets: linters that are
// switched on in the linters' configuration, or one of our own.
func tidyStyle(style, linters string) []string {
	enforcers := []string{"arch", "tidy", "gofmt", "vet", "goleak", "race", "tests", "review"}
	enabled := regexp.MustCompile(`(?m)^    - ([a-z]+)$`)
	for _, match := range enabled.FindAllStringSubmatch(linters, -1) {
		enforcers = append(enforcers, match[1])
	}
	named := regexp.MustCompile(`\[([a-z, ]+)\]$`)
	var problems []string
	for _, rule := range listItems(style) {
		match := named.FindStringSubmatch(rule)
		if match == nil {
			problems = append(problems, fmt.Sprintf("STYLE.md: nothing enforces %q", rule))
			continue
		}
		for name := range strings.SplitSeq(match[1], ", ") {
			if !slices.Contains(enforcers, name) {
				problems = append(problems, fmt.Sprintf("STYLE.md: there is no %s, which is said to enforce %q", name, rule))
			}
		}
	}
	return problems
}

// listItems returns the items of a Markdown document's lists, each on one line.
func listItems(text string) []string {
	var items []string
	inItem := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "- "):
			items = append(items, line[2:])
			inItem = true
		case inItem && strings.HasPrefix(line, "  "):
			items[len(items)-1] += " " + strings.TrimSpace(line)
		default:
			inItem = false
		}
	}
	return items
}
