package arch

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Rules is the policy of rules.txt: what each package may import besides the standard library.
//
// A line is one of
//
//	@name = module module ...        a library, by the paths of its modules
//	NAME = package package ...       a group, in capitals
//	package: permission ...          what a package may import; the last element of its path may be *
//	tests: permission ...            what every _test.go file may import besides what its package may
//	never NAME: path ...             what the non-test files of a group may not take from the standard library
//
// A permission is a package, a group or a library that stands further up. So the policy cannot hold a cycle.
type Rules struct {
	libraries map[string][]string
	groups    map[string][]string
	packages  []rule
	tests     *rule
	never     map[string][]string
}

// rule is one line that gives permissions.
type rule struct {
	line  int
	name  string
	names []string
}

// ParseRules reads a policy. Its error names the first line that cannot be read, or that names something
// which does not stand above it.
func ParseRules(text string) (*Rules, error) {
	rules := &Rules{
		libraries: map[string][]string{},
		groups:    map[string][]string{},
		never:     map[string][]string{},
	}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if err := rules.add(number, line); err != nil {
			return nil, fmt.Errorf("rules line %d: %w", number, err)
		}
	}
	return rules, nil
}

func (r *Rules) add(number int, line string) error {
	if name, members, found := strings.Cut(line, " = "); found {
		return r.define(strings.TrimSpace(name), strings.Fields(members))
	}
	name, permissions, found := strings.Cut(line, ":")
	if !found {
		return fmt.Errorf("%q is neither a definition (=) nor a permission (:)", line)
	}
	names := strings.Fields(permissions)
	if group, isNever := strings.CutPrefix(name, "never "); isNever {
		if r.groups[group] == nil {
			return fmt.Errorf("group %s does not stand above", group)
		}
		r.never[group] = names
		return nil
	}
	if r.knows(name) {
		return fmt.Errorf("%s stands above already", name)
	}
	if err := r.mustKnow(names); err != nil {
		return err
	}
	added := rule{line: number, name: name, names: names}
	if name == "tests" {
		r.tests = &added
		return nil
	}
	r.packages = append(r.packages, added)
	return nil
}

func (r *Rules) define(name string, members []string) error {
	if r.knows(name) {
		return fmt.Errorf("%s stands above already", name)
	}
	if strings.HasPrefix(name, "@") {
		r.libraries[name] = members
		return nil
	}
	if name != strings.ToUpper(name) {
		return fmt.Errorf("group %s is not in capitals", name)
	}
	if err := r.mustKnow(members); err != nil {
		return err
	}
	r.groups[name] = members
	return nil
}

func (r *Rules) mustKnow(names []string) error {
	for _, name := range names {
		if !r.knows(name) {
			return fmt.Errorf("%s does not stand above", name)
		}
	}
	return nil
}

func (r *Rules) knows(name string) bool {
	return r.libraries[name] != nil || r.groups[name] != nil || r.ruleNamed(name) != nil
}

func (r *Rules) ruleNamed(name string) *rule {
	if name == "tests" {
		return r.tests
	}
	for i := range r.packages {
		if r.packages[i].name == name {
			return &r.packages[i]
		}
	}
	return nil
}

// ruleOf finds the rule of a package: its own line before one with a star.
func (r *Rules) ruleOf(pkg string) *rule {
	if own := r.ruleNamed(pkg); own != nil {
		return own
	}
	for i := range r.packages {
		if matchPackage(r.packages[i].name, pkg) {
			return &r.packages[i]
		}
	}
	return nil
}

// covers reports whether a permission's name gives what an import clause takes. Packages of the
// module are named without the module's path.
func (r *Rules) covers(name, imported string) bool {
	if modules := r.libraries[name]; modules != nil {
		return slices.ContainsFunc(modules, func(module string) bool {
			return imported == module || strings.HasPrefix(imported, module+"/")
		})
	}
	if members := r.groups[name]; members != nil {
		return slices.ContainsFunc(members, func(member string) bool { return r.covers(member, imported) })
	}
	return matchPackage(name, imported)
}

func matchPackage(pattern, pkg string) bool {
	matched, err := path.Match(pattern, pkg)
	return err == nil && matched
}
