package jsvalue

// Picker looks up many paths of an object in one walk over its text: containers that no path leads into are passed over, the others are walked once. Add all
// paths first; then it is safe for concurrent use.
type Picker struct {
	paths []Path
	root  branch
}

// branch is a place that paths lead through.
type branch struct {
	name  string
	slot  int      // of the path that ends here; -1: none does
	below []int    // slots of the paths that lead on
	next  []branch // where they lead
}

// Add gives a path, which must not be empty, its place in what Pick finds. Equal paths share one.
func (p *Picker) Add(path Path) (slot int) {
	at := &p.root
	var passed []*branch
	for _, k := range path {
		passed = append(passed, at)
		at = at.branch(k.Name)
	}
	if at.slot >= 0 {
		return at.slot
	}
	at.slot = len(p.paths)
	p.paths = append(p.paths, path)
	for _, b := range passed {
		b.below = append(b.below, at.slot)
	}
	return at.slot
}

// branch is the one called name, made if need be.
func (b *branch) branch(name string) *branch {
	for i := range b.next {
		if b.next[i].name == name {
			return &b.next[i]
		}
	}
	b.next = append(b.next, branch{name: name, slot: -1})
	return &b.next[len(b.next)-1]
}

// Len is the number of different paths.
func (p *Picker) Len() int { return len(p.paths) }

// Picked are the texts of what lies at the paths of a Picker: nil where nothing does, and empty where it takes a Walk to know, since the path leads through
// something else than objects.
type Picked [][]byte

// Pick finds what lies at the paths in the JSON object raw.
func (p *Picker) Pick(raw []byte) Picked {
	out := make(Picked, len(p.paths))
	p.root.pick(raw, out)
	return out
}

func (b *branch) pick(raw []byte, out Picked) {
	for s := Scan(raw); s.Next(); {
		for i := range b.next {
			if n := &b.next[i]; s.KeyIs(n.name) {
				n.take(s.Value, out)
				break
			}
		}
	}
}

// take takes the value at the branch; an earlier one with the same name does not count.
func (b *branch) take(value []byte, out Picked) {
	if b.slot >= 0 {
		out[b.slot] = value
	}
	if len(b.below) == 0 {
		return
	}
	object := value[0] == '{'
	for _, slot := range b.below {
		if object {
			out[slot] = nil
		} else {
			out[slot] = []byte{}
		}
	}
	if object {
		b.pick(value, out)
	}
}

// Value is what lies at the path that was given the slot, of the object v that was walked.
func (p *Picker) Value(v Value, picked Picked, slot int) Value {
	if raw := picked[slot]; raw == nil || len(raw) > 0 {
		return Parse(raw)
	}
	return v.Walk(p.paths[slot])
}
