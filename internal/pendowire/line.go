package pendowire

import (
	"penstock/internal/jsvalue"
	"penstock/internal/record"
)

// ReadLine reads a line of RECEIVED; the body is a part of it. It is false for a line without a body, which no program has written.
func ReadLine(line []byte) (r record.Received, ok bool) {
	for s := jsvalue.Scan(line); s.Next(); {
		v := jsvalue.Parse(s.Value)
		switch {
		case s.KeyIs("at"):
			r.At = int64(v.Float())
		case s.KeyIs("via"):
			r.Via = v.Str()
		case s.KeyIs("key"):
			r.Key = v.Str()
		case s.KeyIs("webhookId"):
			r.WebhookID = v.Str()
		case s.KeyIs("redrive"):
			r.Redrive = uint64(max(0, v.Float()))
		case s.KeyIs("remote"):
			r.Remote = v.Str()
		case s.KeyIs("agent"):
			r.Agent = v.Str()
		case s.KeyIs("origin"):
			r.Origin = v.Str()
		case s.KeyIs("rules"):
			r.Rules = texts(s.Value)
		case s.KeyIs("verdicts"):
			r.Verdicts = texts(s.Value)
		case s.KeyIs("body"):
			r.Body = s.Value
		}
	}
	return r, r.Body != nil
}

// texts is an array of strings.
func texts(v []byte) []string {
	var all []string
	for item := range items(v) {
		all = append(all, text(item))
	}
	return all
}
