package app

import (
	"context"
	"crypto/sha256"
	"fmt"

	"penstock/internal/access"
	"penstock/internal/accounts"
	"penstock/internal/admin"
	"penstock/internal/audit"
	"penstock/internal/record"
	"penstock/internal/vault"
	"penstock/internal/workspace"
)

// Names of the buckets.
const (
	bucketPlain         = "workspace" // of versions that kept secrets in the clear
	bucketConfiguration = "configuration"
	bucketAccounts      = "accounts"
)

// openConfiguration opens the bucket of the configuration: what is written passes the audit trail, and then has its secrets encrypted.
func (s *server) openConfiguration(ctx context.Context) error {
	s.trail = audit.New(s.log)
	v, err := vault.Open(vault.Config{
		DataDir: s.cfg.DataDir, Given: s.cfg.SecretKey, Old: s.cfg.SecretKeysOld, Forget: s.cfg.ForgetSecrets, Logger: s.cfg.Logger,
	})
	if err != nil {
		return err
	}
	seal := func(key string, value []byte) ([]byte, error) { return v.Keys().Seal(catalog{}, key, value) }
	if err := s.store.Move(ctx, bucketPlain, bucketConfiguration, seal); err != nil {
		return err
	}
	bucket, err := s.store.KV(ctx, bucketConfiguration)
	if err != nil {
		return fmt.Errorf("open workspace: %w", err)
	}
	s.secrets = &secrets{vault: v, kv: vault.Wrap(bucket, v.Keys(), catalog{}), trail: s.trail}
	if err := v.Start(ctx, s.secrets.kv); err != nil {
		return err
	}
	s.workspace = workspace.Open(audit.Wrap(s.secrets.kv, s.trail, catalog{}), catalog{}, workspace.NewFencer(s.log), s.cfg.Logger)
	return nil
}

// openAccounts opens who may use the control API.
func (s *server) openAccounts(ctx context.Context, bootstrap [sha256.Size]byte) error {
	bucket, err := s.store.KV(ctx, bucketAccounts)
	if err != nil {
		return fmt.Errorf("open accounts: %w", err)
	}
	s.accounts = accounts.New(accounts.DefaultConfig(access.HashedToken(bootstrap)), bucket, s.trail, s.cfg.Logger)
	s.parts.run(ctx, "accounts", s.accounts.Run)
	return s.await(ctx, s.accounts.Ready())
}

// secrets is the vault as the control API sees it.
type secrets struct {
	vault *vault.Vault
	kv    *vault.KV
	trail *audit.Trail
}

// State says which key the secrets are encrypted with.
func (s *secrets) State(ctx context.Context) (admin.SecretState, error) {
	n, err := s.kv.Count(ctx)
	return s.state(n), err
}

// Rotate encrypts them anew.
func (s *secrets) Rotate(ctx context.Context) (admin.SecretState, error) {
	n := 0
	err := s.trail.Around(ctx, record.Audit{Action: audit.Rotate, Kind: "secrets"}, func() (err error) {
		n, err = s.vault.Rotate(ctx, s.kv)
		return err
	})
	return s.state(n), err
}

func (s *secrets) state(n int) admin.SecretState {
	state := admin.SecretState{Key: s.vault.Keys().ID(), From: "environment", Secrets: n}
	if s.vault.FromFile() {
		state.From = "file"
	}
	return state
}
