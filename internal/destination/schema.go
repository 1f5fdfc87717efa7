package destination

import (
	"math"
	"strconv"
	"strings"

	"penstock/internal/jsvalue"
)

// FieldError is what is wrong with one value.
type FieldError struct {
	Path    string `json:"path"`    // JSON path: $.url
	Pointer string `json:"pointer"` // JSON pointer: /url
	Message string `json:"message"`
}

const formatURI = "uri"

// schema cleans, coerces and checks values as the framework does with Ajv: types are coerced, all errors are told, unknown members dropped.
type schema struct {
	fields []Field
	batch  bool // an empty string stays a string; for a single event it is the same as nothing
}

// apply gives the values of the fields, in their order; undefined where there is none.
func (s schema) apply(v jsvalue.Value) ([]jsvalue.Value, []FieldError) {
	if v.Kind() != jsvalue.Object {
		return nil, []FieldError{{Path: "$", Message: "The root value must be an object but it was " + article(v.Kind()) + "."}}
	}
	var missing, wrong []FieldError
	values := make([]jsvalue.Value, len(s.fields))
	for i := range s.fields {
		f := &s.fields[i]
		if f.OfApp || f.FromEvent != "" {
			continue
		}
		value := s.clean(f, v.Get(jsvalue.NewKey(f.Key)))
		if value.Kind() == jsvalue.Undefined {
			if f.Required {
				missing = append(missing, FieldError{Path: "$", Message: "The root value is missing the required field '" + f.Key + "'."})
			}
			continue
		}
		var errs []FieldError
		if f.Multiple {
			value, errs = s.list(f, value)
		} else {
			value, errs = s.single(f, value)
		}
		wrong = append(wrong, errs...)
		values[i] = value
	}
	return values, append(missing, wrong...)
}

// clean takes away what counts as nothing.
func (s schema) clean(f *Field, v jsvalue.Value) jsvalue.Value {
	text := f.Type == TypeString || f.Type == TypePassword
	blank := func(v jsvalue.Value) bool {
		return v.Kind() == jsvalue.Null || (v.Kind() == jsvalue.String && v.Str() == "" && !text)
	}
	if f.Multiple && v.Kind() == jsvalue.Array {
		var kept []jsvalue.Value
		for _, e := range v.Elements() {
			if !blank(e) {
				kept = append(kept, e)
			}
		}
		return jsvalue.OfArray(kept)
	}
	if blank(v) || (!s.batch && v.Kind() == jsvalue.String && v.Str() == "") {
		return jsvalue.Value{}
	}
	return v
}

func (s schema) list(f *Field, v jsvalue.Value) (jsvalue.Value, []FieldError) {
	elements := []jsvalue.Value{v}
	if v.Kind() == jsvalue.Array {
		elements = v.Elements()
	}
	var errs []FieldError
	out := make([]jsvalue.Value, len(elements))
	for i, e := range elements {
		item, typ := coerce(f.Type, e)
		if typ != "" {
			index := strconv.Itoa(i)
			pointer := "/" + f.Key + "/" + index
			errs = append(errs, FieldError{
				Path: "$." + f.Key + "[" + index + "]", Pointer: pointer, Message: "The value at " + pointer + " must be " + typ + " but it was " + article(e.Kind()) + ".",
			})
		}
		out[i] = item
	}
	return jsvalue.OfArray(out), errs
}

func (s schema) single(f *Field, v jsvalue.Value) (jsvalue.Value, []FieldError) {
	var errs []FieldError
	tell := func(text string) {
		message := f.Label + " " + text + "."
		message = strings.ToUpper(message[:1]) + message[1:]
		errs = append(errs, FieldError{Path: "$." + f.Key, Pointer: "/" + f.Key, Message: message})
	}
	out, typ := coerce(f.Type, v)
	if typ != "" {
		tell("must be " + typ + " but it was " + article(v.Kind()))
	}
	if len(f.Choices) > 0 && !chosen(f.Choices, out) {
		tell("must be one of: " + choiceList(f.Choices))
	}
	if f.Format == formatURI && out.Kind() == jsvalue.String && !isURI(out.Str()) {
		tell("must be a valid URI string but it was not")
	}
	if f.Format == FormatSigningSecret && out.Kind() == jsvalue.String {
		if _, err := SigningKey(out.Str()); err != nil {
			tell("cannot be used: " + err.Error())
		}
	}
	return out, errs
}

func chosen(choices []Choice, v jsvalue.Value) bool {
	for _, c := range choices {
		if v.Equals(c.Value) {
			return true
		}
	}
	return false
}

func choiceList(choices []Choice) string {
	var b strings.Builder
	for i, c := range choices {
		if i > 0 {
			b.WriteString(", ")
			if i == len(choices)-1 {
				b.WriteString("or ")
			}
		}
		b.WriteString(strconv.Quote(c.Value))
	}
	return b.String()
}

func article(k jsvalue.Kind) string {
	switch k {
	case jsvalue.Array, jsvalue.Object, jsvalue.Undefined:
		return "an " + k.String()
	case jsvalue.Null, jsvalue.Boolean, jsvalue.Number, jsvalue.String:
	}
	return "a " + k.String()
}

// coerce makes v a value of the type; where it cannot, it gives v, and the type as messages call it.
func coerce(typ FieldType, v jsvalue.Value) (out jsvalue.Value, wanted string) {
	inner := v
	if elements := v.Elements(); len(elements) == 1 && typ != TypeObject {
		inner = elements[0]
	}
	switch typ {
	case TypeString, TypePassword:
		switch inner.Kind() {
		case jsvalue.String:
			return inner, ""
		case jsvalue.Number, jsvalue.Boolean:
			return jsvalue.OfString(inner.Text()), ""
		case jsvalue.Null:
			return jsvalue.OfString(""), ""
		case jsvalue.Undefined, jsvalue.Array, jsvalue.Object:
		}
		return v, "a string"
	case TypeNumber:
		return coerceNumber(v, inner)
	case TypeBoolean:
		return coerceBoolean(v, inner)
	case TypeObject:
		if v.Kind() == jsvalue.Object {
			return v, ""
		}
		return v, "an object"
	}
	return v, "of a known type"
}

func coerceNumber(v, inner jsvalue.Value) (out jsvalue.Value, wanted string) {
	switch inner.Kind() {
	case jsvalue.Number:
		return inner, ""
	case jsvalue.Boolean:
		return jsvalue.OfNumber(inner.Float()), ""
	case jsvalue.Null:
		return jsvalue.OfNumber(0), ""
	case jsvalue.String:
		if f := jsvalue.ParseNumber(inner.Str()); inner.Str() != "" && !math.IsNaN(f) {
			return jsvalue.OfNumber(f), ""
		}
	case jsvalue.Undefined, jsvalue.Array, jsvalue.Object:
	}
	return v, "a number"
}

func coerceBoolean(v, inner jsvalue.Value) (out jsvalue.Value, wanted string) {
	switch {
	case inner.Kind() == jsvalue.Boolean:
		return inner, ""
	case inner.Kind() == jsvalue.Null, inner.Equals("false"), inner.Kind() == jsvalue.Number && inner.Float() == 0:
		return jsvalue.OfBool(false), ""
	case inner.Equals("true"), inner.Kind() == jsvalue.Number && inner.Float() == 1:
		return jsvalue.OfBool(true), ""
	}
	return v, "a boolean"
}
