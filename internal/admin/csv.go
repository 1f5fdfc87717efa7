package admin

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

const csvType = "text/csv"

// csvFormat writes answers as CSV. It is for tables: the fields of the rows are the columns, fields that are structures themselves are JSON.
func csvFormat() huma.Format {
	return huma.Format{Marshal: writeCSV, Unmarshal: func([]byte, any) error { return errNoCSV }}
}

var errNoCSV = huma.Error415UnsupportedMediaType("CSV is answered, and not taken; send JSON")

// asCSV answers in CSV when the query says so, as it does when Accept does.
func asCSV(ctx huma.Context, next func(huma.Context)) {
	if ctx.Query("format") == "csv" {
		ctx = &csvContext{ctx}
	}
	if strings.HasPrefix(ctx.Header("Accept"), csvType) {
		ctx.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", ctx.Operation().OperationID+".csv"))
	}
	next(ctx)
}

type humaContext huma.Context

type csvContext struct{ humaContext }

// Unwrap is for the adapter, that looks for its own context.
func (c *csvContext) Unwrap() huma.Context { return c.humaContext }

func (c *csvContext) Header(name string) string {
	if strings.EqualFold(name, "Accept") {
		return csvType
	}
	return c.humaContext.Header(name)
}

// tabular is an answer that is a table in CSV only.
type tabular interface{ table() any }

func writeCSV(w io.Writer, v any) error {
	if t, ok := v.(tabular); ok {
		v = t.table()
	}
	rows := reflect.Indirect(reflect.ValueOf(v))
	if rows.Kind() == reflect.Struct && rows.FieldByName("Data").IsValid() {
		rows = reflect.Indirect(rows.FieldByName("Data"))
	}
	if rows.Kind() == reflect.Interface {
		rows = reflect.Indirect(rows.Elem())
	}
	out := csv.NewWriter(w)
	if rows.Kind() != reflect.Slice {
		one := reflect.MakeSlice(reflect.SliceOf(rows.Type()), 0, 1)
		rows = reflect.Append(one, rows)
	}
	fields := columns(rows.Type().Elem(), nil)
	header := make([]string, len(fields))
	for i, f := range fields {
		header[i] = f.name
	}
	_ = out.Write(header) // the error is kept, and Error returns it
	for i := range rows.Len() {
		row := reflect.Indirect(rows.Index(i))
		record := make([]string, len(fields))
		for j, f := range fields {
			record[j] = cell(row.FieldByIndex(f.index))
		}
		_ = out.Write(record) // as above
	}
	out.Flush()
	return out.Error()
}

// column is a field of a row.
type column struct {
	name  string
	index []int
}

// columns lists the fields of a type of rows by their JSON names; those of embedded structures are its own.
func columns(t reflect.Type, before []int) []column {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var all []column
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int{}, before...), i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			all = append(all, columns(f.Type, index)...)
		case name != "-" && name != "" && f.IsExported():
			all = append(all, column{name, index})
		}
	}
	return all
}

// cell writes a value. A text that a spreadsheet would take for a formula has a quote before it.
func cell(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Time:
		if x.IsZero() {
			return ""
		}
		return x.UTC().Format(time.RFC3339Nano)
	case json.RawMessage:
		return plain(string(x))
	}
	switch v.Kind() {
	case reflect.String:
		return plain(v.String())
	case reflect.Struct, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
		if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
			return ""
		}
		text, err := json.Marshal(v.Interface())
		if err != nil {
			return ""
		}
		return plain(string(text))
	default:
		return fmt.Sprint(v.Interface())
	}
}

func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
