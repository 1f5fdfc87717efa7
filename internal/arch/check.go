package arch

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// CheckImports compares the import clauses of a tree with the policy. It returns one sentence for each breach:
// an import that is not permitted, a package without a rule, a rule without a package, a permission or a definition that
// nobody uses.
func CheckImports(tree fs.FS, module string, rules *Rules) ([]string, error) {
	files, err := readImports(tree, module)
	if err != nil {
		return nil, err
	}
	check := checker{rules: rules, own: map[string]bool{}, used: map[permission]bool{}, seen: map[*rule]bool{}}
	for _, f := range files {
		check.own[f.pkg] = true
	}
	check.packagesHaveRules()
	for _, f := range files {
		check.file(f)
	}
	check.rulesAreUsed()
	return check.problems, nil
}

type permission struct {
	rule *rule
	name string
}

type checker struct {
	rules    *Rules
	own      map[string]bool // packages of the tree
	used     map[permission]bool
	seen     map[*rule]bool
	problems []string
}

func (c *checker) report(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *checker) packagesHaveRules() {
	for _, pkg := range slices.Sorted(maps.Keys(c.own)) {
		if c.rules.ruleOf(pkg) == nil {
			c.report("%s stands in no rule: decide its layer, and add its line to internal/arch/rules.txt", pkg)
		}
	}
}

func (c *checker) file(f file) {
	own := c.rules.ruleOf(f.pkg)
	if own == nil {
		return
	}
	c.seen[own] = true
	for _, imported := range f.imports {
		switch {
		case isStandard(imported, c.own):
			c.standard(f, imported)
		case f.test && c.testMay(f, imported):
		case !c.may(own, imported):
			c.report("%s: %s may not import %s", f.path, f.pkg, imported)
		}
	}
}

// may looks for a permission and remembers that it is used.
func (c *checker) may(by *rule, imported string) bool {
	for _, name := range by.names {
		if c.rules.covers(name, imported) {
			c.used[permission{by, name}] = true
			return true
		}
	}
	return false
}

// testMay says whether a test file may import something that its package may not: the package itself and
// what lies under it, and what the line "tests" gives. A permission of the package that only its tests use
// is not used.
func (c *checker) testMay(f file, imported string) bool {
	if imported == f.pkg || strings.HasPrefix(imported, f.pkg+"/") {
		return true
	}
	if tests := c.rules.tests; tests != nil && c.may(tests, imported) {
		return true
	}
	return slices.ContainsFunc(c.rules.ruleOf(f.pkg).names, func(name string) bool {
		return c.rules.covers(name, imported)
	})
}

func (c *checker) standard(f file, imported string) {
	if f.test {
		return
	}
	for group, paths := range c.rules.never {
		if c.rules.covers(group, f.pkg) && slices.Contains(paths, imported) {
			c.report("%s: %s is in %s, which never imports %s", f.path, f.pkg, group, imported)
		}
	}
}

func (c *checker) rulesAreUsed() {
	for i := range c.rules.packages {
		c.ruleIsUsed(&c.rules.packages[i])
	}
	if c.rules.tests != nil {
		c.seen[c.rules.tests] = true
		c.ruleIsUsed(c.rules.tests)
	}
	c.namesAreUsed()
}

// namesAreUsed finds the libraries and groups that no rule, group or prohibition names.
func (c *checker) namesAreUsed() {
	named := map[string]bool{}
	for _, r := range c.rules.packages {
		for _, name := range r.names {
			named[name] = true
		}
	}
	if c.rules.tests != nil {
		for _, name := range c.rules.tests.names {
			named[name] = true
		}
	}
	for _, members := range c.rules.groups {
		for _, name := range members {
			named[name] = true
		}
	}
	for group := range c.rules.never {
		named[group] = true
	}
	for _, defined := range []map[string][]string{c.rules.libraries, c.rules.groups} {
		for _, name := range slices.Sorted(maps.Keys(defined)) {
			if !named[name] {
				c.report("no rule names %s: remove its definition", name)
			}
		}
	}
}

func (c *checker) ruleIsUsed(r *rule) {
	if !c.seen[r] {
		c.report("rules line %d: there is no package %s: remove its rule", r.line, r.name)
		return
	}
	for _, name := range r.names {
		if !c.used[permission{r, name}] {
			c.report("rules line %d: nothing in %s imports %s: remove the permission", r.line, r.name, name)
		}
	}
}
