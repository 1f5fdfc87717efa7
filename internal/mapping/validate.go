package mapping

import (
	"slices"
	"strconv"
	"strings"

	"penstock/internal/jsvalue"
)

// Lengths of literals that @replace looks for and puts in, in UTF-16 code units.
const (
	patternUnitsMax     = 10
	replacementUnitsMax = 10
)

// wrong is the message that something at the path is wrong.
func wrong(path []string, text string) []string {
	return []string{"/" + strings.Join(path, "/") + " " + text + "."}
}

// typeName is the type that messages name; an object with an @-key is a directive.
func typeName(v jsvalue.Value) string {
	if v.Kind() == jsvalue.Object {
		for _, m := range v.Members() {
			if strings.HasPrefix(m.Name, "@") {
				return "directive"
			}
		}
	}
	return v.Kind().String()
}

// butItIs ends a message about a type.
func butItIs(typ string) string {
	article := "a"
	if strings.ContainsRune("aeiou", rune(typ[0])) {
		article = "an"
	}
	return " but it is " + article + " " + typ
}

// below is a path with one more step. Nobody keeps a path, so all that begin alike may share their memory.
func below(path []string, step string) []string { return append(path, step) }

// check tells what is wrong with a value at a path.
type check func(v jsvalue.Value, path []string) []string

// validate checks a mapping, or a part of one. Arrays are not entered.
func validate(v jsvalue.Value, path []string) []string {
	switch typeName(v) {
	case "directive":
		return validateDirective(v, path)
	case "object":
		var messages []string
		for _, m := range v.Members() {
			messages = append(messages, validate(m.Value, below(path, m.Name))...)
		}
		return messages
	}
	return nil
}

func validateDirective(v jsvalue.Value, path []string) []string {
	var name string
	var options jsvalue.Value
	directives, others := 0, 0
	for _, m := range v.Members() {
		switch {
		case strings.HasPrefix(m.Name, "@"):
			if directives == 0 {
				name, options = m.Name, m.Value
			}
			directives++
		case m.Name != "_metadata":
			others++
		}
	}
	switch {
	case directives > 1:
		return wrong(path, "should only have one @-prefixed key but it has "+strconv.Itoa(directives)+" keys")
	case others > 0:
		return wrong(path, "should only have one @-prefixed key but it has "+strconv.Itoa(len(v.Members()))+" keys")
	}
	if c := checkOf(name); c != nil {
		return c(options, below(path, name))
	}
	return wrong(path, "has an invalid directive: "+name)
}

func checkOf(name string) check {
	switch name {
	case "@path", "@template":
		return stringOrDirective
	case "@literal", "@excludeWhenNull":
		return directiveOrRaw
	case "@liquid":
		return plainString
	case "@if":
		return options()
	case "@case":
		return options(fieldCheck{"operator", false, plainString}, fieldCheck{"value", false, stringTyped})
	case "@replace":
		return options(
			fieldCheck{"pattern", true, stringOfLength(1, patternUnitsMax)}, fieldCheck{"replacement", false, stringOfLength(0, replacementUnitsMax)},
			fieldCheck{"value", true, stringTyped}, fieldCheck{"ignorecase", false, boolean}, fieldCheck{"global", false, boolean})
	case "@json":
		return options(fieldCheck{"value", true, anything}, fieldCheck{"mode", true, oneOf("encode", "decode")})
	case "@flatten":
		return options(fieldCheck{"separator", false, plainString}, fieldCheck{"value", true, anything})
	case "@transform":
		return options(fieldCheck{"apply", true, objectTyped}, fieldCheck{"mapping", true, objectTyped})
	case "@merge":
		return mergeOptions
	case "@arrayPath":
		return arrayPathOptions
	}
	return nil
}

// stringOrDirective checks for a string or a directive, and the directive.
func stringOrDirective(v jsvalue.Value, path []string) []string {
	if messages := stringTyped(v, path); messages != nil {
		return messages
	}
	return validate(v, path)
}

func stringTyped(v jsvalue.Value, path []string) []string {
	if typ := typeName(v); typ != "directive" && typ != "string" {
		return wrong(path, "should be a string or a mapping directive"+butItIs(typ))
	}
	return nil
}

// objectOrDirective checks for an object or a directive, and what is in it.
func objectOrDirective(v jsvalue.Value, path []string) []string {
	if messages := objectTyped(v, path); messages != nil {
		return messages
	}
	return validate(v, path)
}

func objectTyped(v jsvalue.Value, path []string) []string {
	if typ := typeName(v); typ != "directive" && typ != "object" {
		return wrong(path, "should be a object or a mapping directive"+butItIs(typ))
	}
	return nil
}

func anything(jsvalue.Value, []string) []string { return nil }

func directiveOrRaw(v jsvalue.Value, path []string) []string {
	if typeName(v) == "directive" {
		return validateDirective(v, path)
	}
	return nil
}

// arrayOnly checks for an array; that anything else is a directive is not looked at.
func arrayOnly(v jsvalue.Value, path []string) []string {
	if v.Kind() == jsvalue.Array {
		return nil
	}
	return wrong(path, "should be an array"+butItIs(v.Kind().String()))
}

func ofType(want string) check {
	return func(v jsvalue.Value, path []string) []string {
		typ := typeName(v)
		if typ == want {
			return nil
		}
		article := "a "
		if strings.ContainsRune("aeiou", rune(want[0])) {
			article = "an "
		}
		return wrong(path, "should be "+article+want+butItIs(typ))
	}
}

func plainString(v jsvalue.Value, path []string) []string { return ofType("string")(v, path) }
func boolean(v jsvalue.Value, path []string) []string     { return ofType("boolean")(v, path) }

func stringOfLength(least, most int) check {
	return func(v jsvalue.Value, path []string) []string {
		if messages := plainString(v, path); messages != nil {
			return messages
		}
		switch n := jsvalue.UnitLen(v.Str()); {
		case n < least:
			return wrong(path, "should be a string of length "+strconv.Itoa(least)+" or greater")
		case n > most:
			return wrong(path, "should be a string of length "+strconv.Itoa(most)+" or less")
		}
		return nil
	}
}

func oneOf(choices ...string) check {
	return func(v jsvalue.Value, path []string) []string {
		if messages := plainString(v, path); messages != nil {
			return messages
		}
		if slices.Contains(choices, strings.ToLower(v.Str())) {
			return nil
		}
		return wrong(path, "should be one of "+strings.Join(choices, ", ")+" but it is "+string(v.Stringify(nil)))
	}
}

type fieldCheck struct {
	name     string
	required bool
	check    check
}

// options checks the options of a directive: first all of it as an ordinary object, then, if that is clean, the fields, of which nothing but the type is
// left to check: whatever is checked twice on each level takes twice as long for each level.
func options(fields ...fieldCheck) check {
	return func(v jsvalue.Value, path []string) []string {
		if messages := ofType("object")(v, path); messages != nil {
			return messages
		}
		messages := validate(v, path)
		if len(messages) > 0 {
			return messages
		}
		for _, f := range fields {
			value := option(v, f.name)
			switch {
			case value.Kind() != jsvalue.Undefined:
				messages = append(messages, f.check(value, below(path, f.name))...)
			case f.required:
				messages = append(messages, wrong(path, `should have field "`+f.name+`" but it doesn't`)...)
			}
		}
		return messages
	}
}

func mergeOptions(v jsvalue.Value, path []string) []string {
	if messages := options(fieldCheck{"direction", false, oneOf("left", "right")}, fieldCheck{"objects", true, arrayOnly})(v, path); len(messages) > 0 {
		return messages
	}
	for _, o := range option(v, "objects").Elements() {
		if messages := objectOrDirective(o, nil); len(messages) > 0 {
			return messages
		}
	}
	return nil
}

func arrayPathOptions(v jsvalue.Value, path []string) []string {
	if messages := arrayOnly(v, path); messages != nil {
		return messages
	}
	var first, second jsvalue.Value
	if elements := v.Elements(); len(elements) > 0 {
		first = elements[0]
		if len(elements) > 1 {
			second = elements[1]
		}
	}
	if messages := stringOrDirective(first, path); messages != nil {
		return messages
	}
	return validate(second, path)
}
