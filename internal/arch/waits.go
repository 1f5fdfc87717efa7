package arch

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// shortestWait is the least that test code may set as a deadline for what a busy machine may delay.
const shortestWait = time.Minute

// CheckWaits looks in test code for deadlines that are shorter than a minute, as constants, and so for tests that pass
// or not as the machine has time for them. It returns one sentence for each. In a bubble of testing/synctest time is
// fake, and any deadline is good. Test code is _test.go files, packages whose name ends with "test", and all that is
// under test.
func CheckWaits(tree fs.FS) ([]string, error) {
	folders := map[string]*waits{}
	var order []string
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return enterFolder(tree, name)
		case !strings.HasSuffix(name, ".go"):
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		folder := path.Dir(name)
		if folders[folder] == nil {
			folders[folder] = newWaits()
			order = append(order, folder)
		}
		return folders[folder].read(name, source)
	})
	if err != nil {
		return nil, fmt.Errorf("read test code: %w", err)
	}
	var problems []string
	for _, folder := range order {
		problems = append(problems, folders[folder].check()...)
	}
	return problems, nil
}

// waits is one folder, as far as it says how long tests wait.
type waits struct {
	files     *token.FileSet
	tests     []*ast.File
	constants map[string]ast.Expr // by name; nil where several have it
	bubbles   []string            // functions that run another one in a bubble
	problems  []string
}

func newWaits() *waits {
	return &waits{files: token.NewFileSet(), constants: map[string]ast.Expr{}, bubbles: []string{"synctest.Test"}}
}

func (w *waits) read(name string, source []byte) error {
	parsed, err := parser.ParseFile(w.files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if declared, ok := n.(*ast.GenDecl); ok && declared.Tok == token.CONST {
			w.learn(declared)
		}
		return true
	})
	if isTestCode(name) {
		w.tests = append(w.tests, parsed)
		w.learnBubbles(parsed)
	}
	return nil
}

func isTestCode(name string) bool {
	return strings.HasSuffix(name, "_test.go") || strings.HasSuffix(path.Dir(name), "test") ||
		strings.HasPrefix(name, "test/")
}

// learn notes constants that stand beside their values.
func (w *waits) learn(declared *ast.GenDecl) {
	for _, spec := range declared.Specs {
		values, ok := spec.(*ast.ValueSpec)
		if !ok || len(values.Values) != len(values.Names) {
			continue
		}
		for i, name := range values.Names {
			if _, twice := w.constants[name.Name]; twice {
				w.constants[name.Name] = nil
				continue
			}
			w.constants[name.Name] = values.Values[i]
		}
	}
}

// learnBubbles notes the functions that hand one of theirs to a bubble.
func (w *waits) learnBubbles(parsed *ast.File) {
	for _, declared := range parsed.Decls {
		function, ok := declared.(*ast.FuncDecl)
		if !ok || function.Recv != nil {
			continue
		}
		ast.Inspect(function, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && nameOf(call.Fun) == "synctest.Test" {
				w.bubbles = append(w.bubbles, function.Name.Name)
			}
			return true
		})
	}
}

func (w *waits) check() []string {
	for _, parsed := range w.tests {
		ast.Inspect(parsed, w.visit)
	}
	return w.problems
}

// visit checks a node, and reports whether to descend into it.
func (w *waits) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		called := nameOf(n.Fun)
		if slices.Contains(w.bubbles, called) {
			return false
		}
		if at, ok := deadlines()[called]; ok && at < len(n.Args) {
			w.compare(called, n.Args[at])
		}
	case *ast.CompositeLit:
		if typ := nameOf(n.Type); typ == "http.Client" || typ == "net.Dialer" {
			w.fields(typ, n)
		}
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			field, ok := to.(*ast.SelectorExpr)
			if ok && i < len(n.Rhs) && slices.Contains([]string{"Timeout", "WaitDelay"}, field.Sel.Name) {
				w.compare(nameOf(field), n.Rhs[i])
			}
		}
	}
	return true
}

// deadlines are the functions that take one, and which argument it is.
func deadlines() map[string]int {
	return map[string]int{
		"context.WithTimeout": 1, "context.WithTimeoutCause": 1, "net.DialTimeout": 2, "http.TimeoutHandler": 1,
		"time.After": 0, "time.AfterFunc": 0, "time.NewTimer": 0, "time.Sleep": 0,
	}
}

func (w *waits) fields(typ string, literal *ast.CompositeLit) {
	for _, element := range literal.Elts {
		if field, ok := element.(*ast.KeyValueExpr); ok && nameOf(field.Key) == "Timeout" {
			w.compare(typ+"{Timeout}", field.Value)
		}
	}
}

// compare reports a deadline that is too short.
func (w *waits) compare(what string, deadline ast.Expr) {
	value := w.value(deadline, 0)
	if value == nil {
		return
	}
	if nanos, exact := constant.Int64Val(constant.ToInt(value)); exact && time.Duration(nanos) < shortestWait {
		at := w.files.Position(deadline.Pos())
		w.problems = append(w.problems, fmt.Sprintf("%s:%d: %s has %s: wait for a thing, for a minute at least, or in fake time",
			at.Filename, at.Line, what, time.Duration(nanos)))
	}
}

// value is what a constant expression comes to, in nanoseconds where it is a time; nil: it is no such expression.
func (w *waits) value(e ast.Expr, depth int) constant.Value {
	const depthMax = 20
	if depth > depthMax {
		return nil
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		return constant.MakeFromLiteral(e.Value, e.Kind, 0)
	case *ast.ParenExpr:
		return w.value(e.X, depth+1)
	case *ast.Ident:
		if named := w.constants[e.Name]; named != nil {
			return w.value(named, depth+1)
		}
	case *ast.SelectorExpr:
		if unit, ok := units()[nameOf(e)]; ok {
			return constant.MakeInt64(int64(unit))
		}
	case *ast.CallExpr:
		if nameOf(e.Fun) == "time.Duration" && len(e.Args) == 1 {
			return w.value(e.Args[0], depth+1)
		}
	case *ast.BinaryExpr:
		x, y := w.value(e.X, depth+1), w.value(e.Y, depth+1)
		if x != nil && y != nil && slices.Contains([]token.Token{token.ADD, token.SUB, token.MUL}, e.Op) {
			return constant.BinaryOp(x, e.Op, y)
		}
	}
	return nil
}

func units() map[string]time.Duration {
	return map[string]time.Duration{
		"time.Nanosecond": time.Nanosecond, "time.Microsecond": time.Microsecond, "time.Millisecond": time.Millisecond,
		"time.Second": time.Second, "time.Minute": time.Minute, "time.Hour": time.Hour,
	}
}

// nameOf returns the name of a function with its package, as in time.After; "" if the expression is not a name.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return strings.TrimPrefix(nameOf(e.X)+"."+e.Sel.Name, ".")
	}
	return ""
}
