package vault

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
)

// ErrGiven says that keys come from the operator, so that the server cannot change them.
var ErrGiven = errors.New("the key comes from PENSTOCK_SECRET_KEY: start the server with another one there, and the present one in PENSTOCK_SECRET_KEY_OLD; it then encrypts all secrets anew")

// Config says where the keys come from.
type Config struct {
	DataDir string // where the file with the keys is, unless there is a Given
	Given   string // the key; empty: the file has it
	Old     []string
	// Forget drops the secrets whose key is not there. Default: they are an error.
	Forget bool
	Logger *slog.Logger
}

// Vault is the keys, and what is sealed with them.
type Vault struct {
	cfg  Config
	keys *Keyring

	rotating sync.Mutex
}

// Open finds the keys; in a new data folder it makes one.
func Open(cfg Config) (*Vault, error) {
	keys, err := keysOf(cfg)
	if err != nil {
		return nil, err
	}
	for i, text := range cfg.Old {
		k, err := ParseKey(text)
		if err != nil {
			return nil, fmt.Errorf("read old key %d of the secrets: %w", i+1, err)
		}
		keys.set(append(keys.all(), k))
	}
	return &Vault{cfg: cfg, keys: keys}, nil
}

func keysOf(cfg Config) (*Keyring, error) {
	if cfg.Given == "" {
		return OpenFile(cfg.DataDir)
	}
	given, err := ParseKey(cfg.Given)
	if err != nil {
		return nil, fmt.Errorf("read key of the secrets: %w", err)
	}
	keys := NewKeyring(given)
	// Whoever moves from the file to a key of their own has secrets of the file's.
	if _, err := os.Stat(keyPath(cfg.DataDir)); err == nil {
		older, err := OpenFile(cfg.DataDir)
		if err != nil {
			return nil, err
		}
		keys.set(append(keys.all(), older.all()...))
	}
	return keys, nil
}

// Keys are the vault's.
func (v *Vault) Keys() *Keyring { return v.keys }

// FromFile tells whether the keys are in the data folder.
func (v *Vault) FromFile() bool { return v.cfg.Given == "" }

// Start encrypts anew what is not encrypted with the newest key. It comes before anybody reads the bucket.
func (v *Vault) Start(ctx context.Context, kv *KV) error {
	var forget *slog.Logger
	if v.cfg.Forget {
		forget = v.cfg.Logger
	}
	if _, err := kv.Reseal(ctx, forget); err != nil {
		return err
	}
	if !v.FromFile() {
		return nil
	}
	return v.drop()
}

// Rotate makes a new key, encrypts everything anew with it, and forgets the old one; it returns how many secrets there are. A process that is killed meanwhile has both.
func (v *Vault) Rotate(ctx context.Context, kv *KV) (int, error) {
	v.rotating.Lock()
	defer v.rotating.Unlock()
	if !v.FromFile() {
		return 0, ErrGiven
	}
	keys := append([]Key{NewKey()}, v.keys.all()...)
	if err := writeKeys(v.cfg.DataDir, keys); err != nil {
		return 0, err
	}
	v.keys.set(keys)
	secrets, err := kv.Reseal(ctx, nil)
	if err != nil {
		return 0, err
	}
	return secrets, v.drop()
}

// drop takes all keys but the newest out of the file: nothing is sealed with them any more. The process keeps them, for what it has read and not opened yet.
func (v *Vault) drop() error {
	if keys := v.keys.all(); len(keys) > 1 {
		return writeKeys(v.cfg.DataDir, keys[:1])
	}
	return nil
}
