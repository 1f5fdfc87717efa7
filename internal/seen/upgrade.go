package seen

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// upgradeBytesMax bounds what is written in one batch of an upgrade.
const upgradeBytesMax = 1 << 20

// upgrade brings an index of format 1 to the present one: repeats, which lay with the firsts of their id, get keys of
// their own. An upgrade that is broken off is done again; a position that is noted already stays as it is.
func (x *Index) upgrade(ctx context.Context) error {
	_, closer, err := x.db.Get([]byte{kindFormat})
	if err == nil {
		return closer.Close()
	}
	if !errors.Is(err, pebble.ErrNotFound) {
		return err
	}
	it, err := x.db.NewIter(keysOf(kindFirst))
	if err != nil {
		return err
	}
	if it.First() {
		x.logger.LogAttrs(ctx, slog.LevelInfo, "upgrade index of seen ids", slog.String("stage", "seen"))
	}
	b := x.db.NewBatch()
	err = x.part(it, b)
	err = errors.Join(err, it.Close())
	if err != nil {
		return errors.Join(err, b.Close())
	}
	if err := b.Set([]byte{kindFormat}, []byte{format}, nil); err != nil {
		return errors.Join(err, b.Close())
	}
	return errors.Join(b.Commit(pebble.Sync), b.Close())
}

// part takes the repeats out of each value that has some. What it commits on the way, the iterator does not see.
func (x *Index) part(it *pebble.Iterator, b *pebble.Batch) error {
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		firsts, err := decodeEntries(nil, value)
		if err != nil || len(firsts) == 1 && !firsts[0].repeat {
			continue // one that is damaged is nobody's first
		}
		isFirst := func(e entry) bool { return !e.repeat }
		repeats := slices.DeleteFunc(slices.Clone(firsts), isFirst)
		firsts = slices.DeleteFunc(firsts, func(e entry) bool { return e.repeat })
		key := append([]byte{kindRepeats}, it.Key()[1:]...)
		err = b.Merge(key, encode(repeats), nil)
		if len(firsts) > 0 {
			err = errors.Join(err, b.Set(it.Key(), encode(firsts), nil))
		} else {
			err = errors.Join(err, b.Delete(it.Key(), nil))
		}
		if err != nil {
			return err
		}
		if b.Len() < upgradeBytesMax {
			continue
		}
		if err := b.Commit(pebble.NoSync); err != nil {
			return err
		}
		b.Reset()
	}
	return it.Error()
}
