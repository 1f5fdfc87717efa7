package analyze

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"strings"

	"penstock/internal/duck"
	"penstock/internal/jsvalue"
)

// The bounds of metadata.
const (
	fieldsMax     = 1000    // of one set of traits
	fieldBytesMax = 8 << 10 // of a value; a larger one is passed over
)

// fieldKey names a field of someone's metadata. Names of fields are in lower case, as Pendo has them.
type fieldKey struct {
	person uint32
	group  string
	field  string
}

// fieldValue is what a field holds, as JSON, and how its name was written.
type fieldValue struct{ name, value string }

// traitsOf lists the metadata that a call brings, and of whom.
func (c *call) traitsOf() (all [3]struct {
	person uint32
	kind   kind
	traits []byte
},
) {
	if c.traits && c.Traits.Group != "" {
		all[0].person, all[0].kind, all[0].traits = c.visitor, visitor, c.Traits.Visitor
		all[1].person, all[1].kind, all[1].traits = c.account, account, c.Traits.Account
		all[2].person, all[2].kind, all[2].traits = c.parent, account, c.Traits.ParentAccount
	}
	return all
}

// describe returns the rows of metadata that calls bring: those of fields whose value changes.
func (a *Analyzer) describe(ctx context.Context, calls []call) ([][]driver.Value, error) {
	latest, err := a.latest(ctx, described(calls))
	if err != nil {
		return nil, err
	}
	var rows [][]driver.Value
	for i := range calls {
		c := &calls[i]
		for _, t := range c.traitsOf() {
			if t.person == 0 {
				continue
			}
			for _, f := range fields(t.traits) {
				k := fieldKey{t.person, c.Traits.Group, strings.ToLower(f.name)}
				if latest[k] == f {
					continue
				}
				latest[k] = f
				a.at.fields++
				rows = append(rows, []driver.Value{
					a.at.fields, c.n, c.app, uint8(t.kind), t.person, k.group, k.field, f.name, f.value, c.via, c.at,
				})
			}
		}
	}
	return rows, nil
}

// described are the people whose metadata calls bring.
func described(calls []call) map[uint32]bool {
	people := map[uint32]bool{}
	for i := range calls {
		for _, t := range calls[i].traitsOf() {
			if t.person != 0 && t.traits != nil {
				people[t.person] = true
			}
		}
	}
	return people
}

// fields lists the fields of traits: not the id, which is what they are of, and not objects, as Pendo does.
func fields(traits []byte) []fieldValue {
	var all []fieldValue
	for s := jsvalue.Scan(traits); s.Next() && len(all) < fieldsMax; {
		if s.Value[0] == '{' || len(s.Value) > fieldBytesMax || len(s.Key) > textMax || s.KeyIs("id") {
			continue
		}
		all = append(all, fieldValue{key(&s), string(s.Value)})
	}
	return all
}

// key is the key of the member that a scanner stands at.
func key(s *jsvalue.Scanner) string {
	if !s.Escaped {
		return string(s.Key)
	}
	return jsvalue.Parse(slices.Concat([]byte{'"'}, s.Key, []byte{'"'})).Str()
}

// latest reads the metadata of people as it is.
func (a *Analyzer) latest(ctx context.Context, people map[uint32]bool) (map[fieldKey]fieldValue, error) {
	latest := map[fieldKey]fieldValue{}
	var ids []any
	for id := range people {
		ids = append(ids, id)
	}
	for some := range slices.Chunk(ids, askedMax) {
		err := duck.Each(ctx, a.writer, func(r *sql.Rows) error {
			var k fieldKey
			var v fieldValue
			err := r.Scan(&k.person, &k.group, &k.field, &v.name, &v.value)
			latest[k] = v
			return err
		}, `SELECT person, grp, field, arg_max(name, i), arg_max(value, i) FROM analytics.metadata
			WHERE person IN (SELECT unnest(?::UINTEGER[])) GROUP BY ALL`, some)
		if err != nil {
			return nil, err
		}
	}
	return latest, nil
}
