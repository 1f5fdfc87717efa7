package eventlog

import "sync"

// tail is the end of a stream as this process knows it: the sequence of its last frame, and the newest frames themselves, in memory, so that
// any number of readers that keep up share them and never go to the store. It also wakes readers that wait.
type tail struct {
	mu       sync.Mutex
	end      uint64  // sequence of the last frame
	chunks   []Chunk // without a gap, the last of them at end
	bytes    int
	bytesMax int
	changed  chan struct{} // closed, and made anew, at each advance
}

func newTail(last uint64, bytesMax int) *tail {
	return &tail{end: last, bytesMax: bytesMax, changed: make(chan struct{})}
}

func (t *tail) last() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end
}

// put adds frames that were just stored. Frames of other processes between them and the ones that are here make the older ones useless.
func (t *tail) put(chunks []Chunk) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range chunks {
		if c.Seq <= t.end {
			continue // known already, from the store
		}
		if c.Seq != t.end+1 {
			t.drop(len(t.chunks))
		}
		t.chunks = append(t.chunks, c)
		t.bytes += c.size()
		t.end = c.Seq
	}
	over := 0
	for size := t.bytes; size > t.bytesMax && over < len(t.chunks)-1; over++ {
		size -= t.chunks[over].size()
	}
	t.drop(over)
	t.wake()
}

// advance says that the stream goes on to last, by frames that this process has not seen.
func (t *tail) advance(last uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last <= t.end {
		return
	}
	t.end = last
	t.drop(len(t.chunks))
	t.wake()
}

// forget lets go of all frames before a sequence, since some of them are no longer kept.
func (t *tail) forget(before uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for n < len(t.chunks) && t.chunks[n].Seq < before {
		n++
	}
	t.drop(n)
}

// replace puts a frame in the place of the one with its sequence, if that is here.
func (t *tail) replace(c Chunk) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i, ok := t.place(c.Seq); ok {
		t.bytes += c.size() - t.chunks[i].size()
		t.chunks[i] = c
	}
}

// drop forgets the n oldest frames.
func (t *tail) drop(n int) {
	for i := range t.chunks[:n] {
		t.bytes -= t.chunks[i].size()
		t.chunks[i] = Chunk{}
	}
	t.chunks = t.chunks[n:]
}

func (t *tail) wake() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// at returns the frame at seq, if it is here.
func (t *tail) at(seq uint64) (Chunk, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i, ok := t.place(seq); ok {
		return t.chunks[i], true
	}
	return Chunk{}, false
}

func (t *tail) place(seq uint64) (int, bool) {
	if len(t.chunks) == 0 || seq < t.chunks[0].Seq || seq > t.end {
		return 0, false
	}
	return int(seq - t.chunks[0].Seq), true //nolint:gosec // an index
}

// look is what a reader that stands at from finds: the first matching frame if one is here; else whether it must go to the store, or wait for
// changed. next is where it stands afterwards.
func (t *tail) look(from uint64, filter string) (found view) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if from > t.end {
		return view{next: from, changed: t.changed}
	}
	i, ok := t.place(from)
	if !ok {
		return view{next: from, store: true, end: t.end}
	}
	for ; i < len(t.chunks); i++ {
		if Matches(filter, t.chunks[i].Subject) {
			return view{next: t.chunks[i].Seq + 1, chunk: t.chunks[i], ok: true}
		}
	}
	return view{next: t.end + 1, changed: t.changed}
}

// view is the answer of look.
type view struct {
	chunk   Chunk
	ok      bool          // chunk is there
	store   bool          // the store has it, up to end
	end     uint64        // of the stream, when it was looked at
	next    uint64        // where the reader stands now
	changed chan struct{} // to wait for
}
