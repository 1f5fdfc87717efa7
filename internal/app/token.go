package app

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tokenFile holds the SHA-256 of the token that was made at the first start, in hex. The token itself is kept nowhere.
const tokenFile = "admin-token.sha256" //nolint:gosec // the name of a file

// adminToken returns the SHA-256 of the token that opens the control API: of the given one, or of the one that was made at an earlier start, or of one
// that is made now. made is that one, to be shown once; empty otherwise.
func adminToken(dataDir, given string) (sum [sha256.Size]byte, made string, err error) {
	if given != "" {
		return sha256.Sum256([]byte(given)), "", nil
	}
	path := filepath.Join(dataDir, tokenFile)
	kept, err := os.ReadFile(path) //nolint:gosec // in the data folder
	switch {
	case err == nil:
		b, err := hex.DecodeString(strings.TrimSpace(string(kept)))
		if err != nil || len(b) != len(sum) {
			return sum, "", fmt.Errorf("read admin token: %s does not hold a SHA-256; remove it, and a new token is made at the next start", path)
		}
		return [sha256.Size]byte(b), "", nil
	case !errors.Is(err, fs.ErrNotExist):
		return sum, "", fmt.Errorf("read admin token: %w", err)
	}
	made = "pst_" + rand.Text()
	return sha256.Sum256([]byte(made)), made, nil
}

// keepToken keeps the SHA-256 of a token that was made. It comes after everything that can fail at start, so that none is kept that was not shown.
func keepToken(dataDir string, sum [sha256.Size]byte) error {
	if err := os.WriteFile(filepath.Join(dataDir, tokenFile), []byte(hex.EncodeToString(sum[:])+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep admin token: %w", err)
	}
	return nil
}
