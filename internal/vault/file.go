package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeyFile is the file of the data folder that holds the keys, one a line, the newest first. Only its owner may read it.
const KeyFile = "secret-key"

func keyPath(dataDir string) string { return filepath.Join(dataDir, KeyFile) }

// OpenFile reads the keys of a data folder; where there are none, it makes one.
func OpenFile(dataDir string) (*Keyring, error) {
	path := keyPath(dataDir)
	text, err := os.ReadFile(path) //nolint:gosec // in the data folder
	if errors.Is(err, fs.ErrNotExist) {
		k := NewKey()
		return NewKeyring(k), writeKeys(dataDir, []Key{k})
	}
	if err != nil {
		return nil, fmt.Errorf("read key of the secrets: %w", err)
	}
	var keys []Key
	for line := range strings.Lines(string(text)) {
		k, err := ParseKey(line)
		if err != nil {
			return nil, fmt.Errorf("read key of the secrets: %s, line %d: %w", path, len(keys)+1, err)
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("read key of the secrets: %s is empty; put the key there, from a backup", path)
	}
	return &Keyring{keys: keys}, nil
}

// writeKeys replaces the file, or leaves it as it is.
func writeKeys(dataDir string, keys []Key) (err error) {
	var text strings.Builder
	for _, k := range keys {
		text.WriteString(k.text() + "\n")
	}
	f, err := os.CreateTemp(dataDir, KeyFile+".*") // readable by its owner alone
	if err != nil {
		return fmt.Errorf("keep key of the secrets: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep key of the secrets: %w", errors.Join(err, os.Remove(f.Name())))
		}
	}()
	if _, err = f.WriteString(text.String()); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), keyPath(dataDir)); err != nil {
		return err
	}
	// The key must be there before anything that was encrypted with it.
	dir, err := os.Open(dataDir) //nolint:gosec // the data folder
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
