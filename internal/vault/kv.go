package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"penstock/internal/workspace"
)

// KV is a bucket of which nobody else sees the secrets: they are sealed on their way in, and opened on their way out.
type KV struct {
	bucket  workspace.KV
	keys    *Keyring
	catalog workspace.Catalog
}

// Wrap makes a KV over a bucket. The catalog says which fields are secrets.
func Wrap(bucket workspace.KV, keys *Keyring, catalog workspace.Catalog) *KV {
	return &KV{bucket: bucket, keys: keys, catalog: catalog}
}

// sealed is what stands in the place of a secret. No setting of a destination looks like that.
type sealed struct {
	Sealed string `json:"$sealed"`
}

// place is what a ciphertext is bound to.
func place(key, path string) string { return key + " " + path }

// asSealed reads what stands in the place of a secret; ok is false when that is the secret itself.
func asSealed(value []byte) (text string, ok bool) {
	var s sealed
	if len(value) == 0 || value[0] != '{' || json.Unmarshal(value, &s) != nil {
		return "", false
	}
	return s.Sealed, s.Sealed != ""
}

// Seal encrypts the secrets of an entry.
func (r *Keyring) Seal(catalog workspace.Catalog, key string, value []byte) ([]byte, error) {
	return workspace.EachSecret(catalog, key, value, func(path string, secret []byte) ([]byte, error) { return r.seal(key, path, secret) })
}

func (r *Keyring) seal(key, path string, secret []byte) ([]byte, error) {
	if string(secret) == "null" {
		return secret, nil
	}
	return json.Marshal(sealed{r.encrypt(secret, place(key, path))})
}

// open decrypts the secrets of an entry. One that was never encrypted is what it is.
func (kv *KV) open(key string, value []byte) ([]byte, error) {
	return workspace.EachSecret(kv.catalog, key, value, func(path string, secret []byte) ([]byte, error) {
		text, ok := asSealed(secret)
		if !ok {
			return secret, nil
		}
		opened, err := kv.keys.decrypt(text, place(key, path))
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", path, key, err)
		}
		return opened, nil
	})
}

// Put implements workspace.KV.
func (kv *KV) Put(ctx context.Context, key string, value []byte, expectRevision uint64) (uint64, error) {
	value, err := kv.keys.Seal(kv.catalog, key, value)
	if err != nil {
		return 0, fmt.Errorf("encrypt secrets: %w", err)
	}
	return kv.bucket.Put(ctx, key, value, expectRevision)
}

// Delete implements workspace.KV.
func (kv *KV) Delete(ctx context.Context, key string, expectRevision uint64) error {
	return kv.bucket.Delete(ctx, key, expectRevision)
}

// Watch implements workspace.KV. It ends at a secret that cannot be opened: without it, a destination would be another one.
func (kv *KV) Watch(ctx context.Context, changes func(workspace.Entry)) error {
	watching, end := context.WithCancelCause(ctx)
	defer end(nil)
	return kv.bucket.Watch(watching, func(e workspace.Entry) {
		if watching.Err() != nil {
			return
		}
		value, err := kv.open(e.Key, e.Value)
		if err != nil {
			end(err)
			return
		}
		e.Value = value
		changes(e)
	})
}

// errSynced ends a watch that has reported all entries.
var errSynced = errors.New("all entries were reported")

// present lists the entries of the bucket as they lie there.
func (kv *KV) present(ctx context.Context) ([]workspace.Entry, error) {
	var all []workspace.Entry
	watching, end := context.WithCancelCause(ctx)
	defer end(nil)
	done := false
	err := kv.bucket.Watch(watching, func(e workspace.Entry) {
		if done {
			return
		}
		if e.Synced {
			done = true
			end(errSynced)
			return
		}
		all = append(all, e)
	})
	if !errors.Is(err, errSynced) {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return all, nil
}

// conflictsMax is how often the bucket is looked through anew because somebody changed an entry meanwhile.
const conflictsMax = 8

// Reseal encrypts with the newest key what was encrypted with another one, or never; it returns how many secrets there are. With forget, secrets whose key is not there are dropped, and the
// log says which; without, they are an error.
func (kv *KV) Reseal(ctx context.Context, forget *slog.Logger) (secrets int, err error) {
	for range conflictsMax {
		entries, err := kv.present(ctx)
		if err != nil {
			return 0, err
		}
		secrets, again := 0, false
		for _, e := range entries {
			r := resealing{kv: kv, key: e.Key, forget: forget}
			value, err := workspace.EachSecret(kv.catalog, e.Key, e.Value, func(path string, secret []byte) ([]byte, error) { return r.secret(ctx, path, secret) })
			if err != nil {
				return 0, fmt.Errorf("encrypt secrets anew: %w", err)
			}
			secrets += r.secrets
			if !r.changed {
				continue
			}
			switch _, err := kv.bucket.Put(ctx, e.Key, value, e.Revision); {
			case errors.Is(err, workspace.ErrConflict):
				again = true
			case err != nil:
				return 0, fmt.Errorf("encrypt secrets anew: %w", err)
			}
		}
		if !again {
			return secrets, nil
		}
	}
	return 0, fmt.Errorf("encrypt secrets anew: %w, %d times in a row; try again", workspace.ErrConflict, conflictsMax)
}

// resealing is what becomes of one entry.
type resealing struct {
	kv      *KV
	key     string
	forget  *slog.Logger
	secrets int
	changed bool
}

func (r *resealing) secret(ctx context.Context, path string, secret []byte) ([]byte, error) {
	if string(secret) == "null" {
		return secret, nil
	}
	r.secrets++
	if text, ok := asSealed(secret); ok {
		opened, err := r.kv.keys.decrypt(text, place(r.key, path))
		switch {
		case err != nil && r.forget != nil:
			r.forget.LogAttrs(ctx, slog.LevelWarn, "secret is dropped", slog.String("stage", "vault"), slog.String("entry", r.key), slog.String("field", path), slog.Any("error", err))
			r.secrets--
			r.changed = true
			return []byte("null"), nil
		case err != nil:
			return nil, fmt.Errorf("read %s of %s: %w", path, r.key, err)
		case sealedBy(text) == r.kv.keys.ID():
			return secret, nil
		}
		secret = opened
	}
	r.changed = true
	return r.kv.keys.seal(r.key, path, secret)
}

// Count tells how many secrets there are.
func (kv *KV) Count(ctx context.Context) (int, error) {
	entries, err := kv.present(ctx)
	n := 0
	for _, e := range entries {
		if _, err := workspace.EachSecret(kv.catalog, e.Key, e.Value, func(_ string, secret []byte) ([]byte, error) {
			if string(secret) != "null" {
				n++
			}
			return secret, nil
		}); err != nil {
			return 0, err
		}
	}
	return n, err
}
