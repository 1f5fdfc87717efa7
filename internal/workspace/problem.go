package workspace

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with a file: what, where, and how to mend it.
type Problem struct {
	Path    string `json:"path"`           // destinations[0].mappings[1].trigger
	Line    int    `json:"line,omitempty"` // in the text of the file, from 1; 0: not known
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

// String is the problem in one line.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d, column %d: ", p.Line, p.Column)
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// InvalidError is everything that was found wrong with a file.
type InvalidError struct{ Problems []Problem }

// Error lists the problems, one a line when there are several.
func (e *InvalidError) Error() string {
	if len(e.Problems) == 1 {
		return "workspace file is not valid: " + e.Problems[0].String()
	}
	lines := []string{fmt.Sprintf("workspace file is not valid, in %d places:", len(e.Problems))}
	for _, p := range e.Problems {
		lines = append(lines, "  "+p.String())
	}
	return strings.Join(lines, "\n")
}

// problemsMax is how many problems are reported at a time.
const problemsMax = 50

// checker collects problems; paths are pointers into the file.
type checker struct {
	places   places
	problems []Problem
}

func (c *checker) add(at pointer, format string, args ...any) {
	if len(c.problems) < problemsMax {
		c.problems = append(c.problems, c.places.problem(at, fmt.Sprintf(format, args...)))
	}
}

func (c *checker) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(c.problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	return &InvalidError{Problems: c.problems}
}

// pointer names a value of a file as a JSON Pointer (RFC 6901) does.
type pointer string

func (p pointer) field(name string) pointer {
	return p + "/" + pointer(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
}

func (p pointer) item(i int) pointer { return p + "/" + pointer(strconv.Itoa(i)) }

// path is the form for people: destinations[0].name.
func (p pointer) path() string {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.TrimPrefix(string(p), "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		if _, err := strconv.Atoi(part); err == nil {
			b.WriteString("[" + part + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(part)
	}
	return b.String()
}

// place is where a value stands in a text, both counted from 1.
type place struct{ line, column int }

// places knows where the values of a file stand in its text; nil: not at all.
type places map[pointer]place

// problem places a problem at a value, or where that is missing, at what should hold it.
func (p places) problem(at pointer, message string) Problem {
	problem := Problem{Path: at.path(), Message: message}
	for up := at; ; {
		if where, ok := p[up]; ok {
			problem.Line, problem.Column = where.line, where.column
			return problem
		}
		cut := strings.LastIndexByte(string(up), '/')
		if cut < 0 {
			return problem
		}
		up = up[:cut]
	}
}

// invalid is a file with one problem.
func (p places) invalid(at pointer, message string) error {
	return &InvalidError{Problems: []Problem{p.problem(at, message)}}
}
