package analyze

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// The bounds of what is told about one person.
const (
	personEvents   = 5000 // event names; Pendo's own limit for an app
	personAccounts = 1000
	personAliases  = 1000
	personFields   = 5000
)

// one is a visitor or an account that is being read.
type one struct {
	*asker

	kind      kind
	id        uint32
	text      string
	anonymous bool
	parent    string
	aliases   []uint32 // with id

	found       bool // something of theirs counts
	events      int64
	first, last time.Time
	active      int
	names       []analytics.PersonEvent
	days        []analytics.ActiveDay
	accounts    []string
}

// person finds someone by their id; nil for one that is not known.
func (k *asker) person(ctx context.Context, kd kind, id string) (*one, error) {
	var p *one
	err := duck.Each(ctx, k, func(r *sql.Rows) error {
		p = &one{asker: k, kind: kd, names: []analytics.PersonEvent{}, days: []analytics.ActiveDay{}, accounts: []string{}}
		return r.Scan(&p.id, &p.text, &p.anonymous, &p.parent)
	}, fmt.Sprintf(`SELECT p.id, p.text, p.anonymous, coalesce(q.text, '') FROM analytics.people p LEFT JOIN analytics.people q ON q.id = p.parent
		WHERE p.hash = %d::UBIGINT AND p.app = %d AND p.kind = %d AND p.text = %s`, personKey{k.app, kd, id}.hash(), k.app, kd, text(id)))
	if err != nil || p == nil {
		return nil, err
	}
	aliases, err := duck.Select(ctx, k, duck.Column[uint32], "SELECT alias FROM analytics.merges WHERE person = ? LIMIT ?", p.id, personAliases)
	p.aliases = slices.Concat(aliases, []uint32{p.id})
	return p, err
}

// Known tells which of some ids were ever named.
func (a *Analyzer) Known(ctx context.Context, app string, kd analytics.Kind, ids []string) (map[string]bool, error) {
	known := map[string]bool{}
	err := a.ask(ctx, "look for people", app, func(k *asker) error {
		var hashes []any
		for _, id := range ids {
			hashes = append(hashes, personKey{k.app, kindOf(kd), id}.hash())
		}
		return duck.Each(ctx, k, func(r *sql.Rows) error {
			var id string
			err := r.Scan(&id)
			known[id] = true
			return err
		}, fmt.Sprintf("SELECT text FROM analytics.people WHERE app = %d AND kind = %d AND hash IN (SELECT unnest(?::UBIGINT[]))", k.app, kindOf(kd)), hashes)
	})
	return known, err
}

// where is the condition on the calls of someone that count; excluded ones do, since it is they who are looked at.
func (p *one) where() string {
	if p.kind == account {
		return fmt.Sprintf("app = %d AND counted AND account = %d", p.app, p.id)
	}
	return fmt.Sprintf("app = %d AND counted AND visitor IN (%s)", p.app, list(p.aliases))
}

// read takes all that is counted of someone in one go through their calls: by event, by day, by account, and altogether.
func (p *one) read(ctx context.Context) error {
	since := startOfDay(time.Now()).AddDate(0, 0, 1-analytics.ActivityDays)
	activeSince := startOfDay(time.Now()).AddDate(0, 0, 1-analytics.ActiveDays)
	type lastSeen struct {
		account uint32
		last    time.Time
	}
	var seen []lastSeen
	names := map[uint32]analytics.PersonEvent{}
	err := duck.Each(ctx, p, func(r *sql.Rows) error {
		var event, account sql.Null[uint32]
		var day sql.NullTime
		var which int
		var n, tracked int64
		var first, last time.Time
		if err := r.Scan(&event, &day, &account, &which, &n, &tracked, &first, &last); err != nil {
			return err
		}
		const byEvent, byDay, byAccount, altogether = 3, 5, 6, 7
		switch {
		case which == altogether:
			p.found, p.events, p.first, p.last = n > 0, tracked, first, last
		case which == byEvent && event.Valid && tracked > 0:
			names[event.V] = analytics.PersonEvent{Events: tracked, LastSeen: last}
		case which == byAccount && account.Valid && p.kind == visitor:
			seen = append(seen, lastSeen{account.V, last})
		case which == byDay:
			if !day.Time.Before(activeSince) {
				p.active++
			}
			if !day.Time.Before(since) {
				p.days = append(p.days, analytics.ActiveDay{Day: day.Time.Format(time.DateOnly), Events: tracked, Calls: n})
			}
		}
		return nil
	}, fmt.Sprintf(`SELECT event, day, account, grouping(event, day, account), count(*), count(*) FILTER (tracked), min(ts), max(ts)
		FROM (SELECT if(tracked, event, NULL) AS event, ts::DATE AS day, account, tracked, ts FROM analytics.calls WHERE %s)
		GROUP BY GROUPING SETS ((event), (day), (account), ()) HAVING count(*) > 0`, p.where()))
	if err != nil || !p.found {
		return err
	}
	slices.SortFunc(p.days, func(a, b analytics.ActiveDay) int { return cmp.Compare(a.Day, b.Day) })
	slices.SortFunc(seen, func(a, b lastSeen) int { return cmp.Or(b.last.Compare(a.last), cmp.Compare(a.account, b.account)) })
	ids := []uint32{0}
	for _, s := range seen[:min(len(seen), personAccounts)] {
		ids = append(ids, s.account)
	}
	if err := p.nameAccounts(ctx, ids); err != nil {
		return err
	}
	return p.nameEvents(ctx, names)
}

// nameAccounts puts the accounts with these numbers into accounts, in that order.
func (p *one) nameAccounts(ctx context.Context, ids []uint32) error {
	texts, err := p.texts(ctx, ids)
	for _, id := range ids {
		if t, ok := texts[id]; ok {
			p.accounts = append(p.accounts, t)
		}
	}
	return err
}

// texts are the ids of people with these numbers.
func (k *asker) texts(ctx context.Context, ids []uint32) (map[uint32]string, error) {
	texts := map[uint32]string{}
	err := duck.Each(ctx, k, func(r *sql.Rows) error {
		var id uint32
		var t string
		err := r.Scan(&id, &t)
		texts[id] = t
		return err
	}, "SELECT id, text FROM analytics.people WHERE id IN ("+list(ids)+")")
	return texts, err
}

// nameEvents puts the events with these numbers into names, the most frequent first.
func (p *one) nameEvents(ctx context.Context, events map[uint32]analytics.PersonEvent) error {
	err := duck.Each(ctx, p, func(r *sql.Rows) error {
		var id uint32
		var n string
		err := r.Scan(&id, &n)
		if e, ok := events[id]; ok {
			e.Name = n
			p.names = append(p.names, e)
		}
		return err
	}, "SELECT id, name FROM analytics.names WHERE app = ?", p.app)
	slices.SortFunc(p.names, func(a, b analytics.PersonEvent) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Name, b.Name))
	})
	p.names = p.names[:min(len(p.names), personEvents)]
	return err
}

// Visitor tells about a visitor of an app (id); nil when nothing of theirs was received that counts.
func (a *Analyzer) Visitor(ctx context.Context, app, id string) (*analytics.Visitor, error) {
	var found *analytics.Visitor
	err := a.ask(ctx, "read visitor", app, func(k *asker) error {
		p, err := k.person(ctx, visitor, id)
		if err != nil || p == nil {
			return err
		}
		if err := p.read(ctx); err != nil {
			return err
		}
		v := &analytics.Visitor{
			VisitorRow: analytics.VisitorRow{
				ID: p.text, Anonymous: p.anonymous, Accounts: p.accounts, Events: p.events, FirstSeen: p.first, LastSeen: p.last,
				ActiveDays: p.active, Frequency: analytics.FrequencyOf(p.active), Flags: a.flagsOf(app, visitor, p.text),
			},
			TrackEvents: p.names, Activity: p.days, Aliases: []analytics.Alias{},
		}
		if v.Metadata, err = p.metadata(ctx); err != nil {
			return err
		}
		if !p.found && len(v.Metadata) == 0 {
			return nil
		}
		if err := p.auto(ctx, v.Metadata, v.Accounts); err != nil {
			return err
		}
		found = v
		return p.merges(ctx, v)
	})
	return found, err
}

// merges tells who was merged into a visitor, and into whom it was.
func (p *one) merges(ctx context.Context, v *analytics.Visitor) error {
	err := duck.Each(ctx, p, func(r *sql.Rows) error {
		var alias analytics.Alias
		err := r.Scan(&alias.ID, &alias.At)
		v.Aliases = append(v.Aliases, alias)
		return err
	}, "SELECT q.text, m.received_at FROM analytics.merges m JOIN analytics.people q ON q.id = m.alias WHERE m.person = ? ORDER BY m.n LIMIT ?", p.id, personAliases)
	if err != nil {
		return err
	}
	return duck.Each(ctx, p, func(r *sql.Rows) error { return r.Scan(&v.MergedInto) },
		"SELECT q.text FROM analytics.merges m JOIN analytics.people q ON q.id = m.person WHERE m.alias = ?", p.id)
}

// metadata reads the latest values of someone's fields; those of aliases where the person has none.
func (p *one) metadata(ctx context.Context) (analytics.Metadata, error) {
	all := analytics.Metadata{}
	ids := p.aliases
	if p.kind == account {
		ids = []uint32{p.id}
	}
	err := duck.Each(ctx, p, func(r *sql.Rows) error {
		var group, value, names string
		var f analytics.MetadataField
		if err := r.Scan(&group, &f.Field, &value, &f.Source, &f.At, &names); err != nil {
			return err
		}
		f.Value = analytics.Value(value)
		if err := json.Unmarshal([]byte(names), &f.Names); err != nil {
			return fmt.Errorf("read names of field: %w", err)
		}
		if len(f.Names) == 1 {
			f.Names = nil
		}
		all[group] = append(all[group], f)
		return nil
	}, fmt.Sprintf(`SELECT grp, field, arg_max(value, (person = %[1]d, i)), arg_max(via, (person = %[1]d, i)), arg_max(received_at, (person = %[1]d, i)),
		to_json(list_sort(list(DISTINCT name)))::VARCHAR FROM analytics.metadata WHERE person IN (%[2]s) GROUP BY grp, field ORDER BY grp, field LIMIT %[3]d`,
		p.id, list(ids), personFields))
	return all, err
}

// auto fills in what is known of a visitor without being told.
func (p *one) auto(ctx context.Context, m analytics.Metadata, accounts []string) error {
	if !p.found {
		return nil
	}
	var agent, ip sql.NullString
	var at time.Time
	err := duck.Each(ctx, p, func(r *sql.Rows) error { return r.Scan(&agent, &ip, &at) },
		"SELECT user_agent, ip, ts FROM analytics.calls WHERE "+p.where()+" AND user_agent IS NOT NULL ORDER BY n DESC LIMIT 1")
	if err != nil {
		return err
	}
	add := func(field string, value any, at time.Time) {
		text, err := json.Marshal(value)
		if err == nil {
			m["auto"] = append(m["auto"], analytics.MetadataField{Field: field, Value: text, Source: "computed", At: at})
		}
	}
	if p.kind == visitor && len(accounts) > 0 {
		add("accountid", accounts[0], p.last)
		add("accountids", accounts, p.last)
	}
	add("firstvisit", p.first.UnixMilli(), p.first)
	add("id", p.text, p.first)
	if agent.Valid && p.kind == visitor {
		name, version, system := browser(agent.String)
		add("lastbrowsername", name, at)
		add("lastbrowserversion", version, at)
		add("lastoperatingsystem", system, at)
		add("lastuseragent", agent.String, at)
	}
	add("lastvisit", p.last.UnixMilli(), p.last)
	return nil
}
