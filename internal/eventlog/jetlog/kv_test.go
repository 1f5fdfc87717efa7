package jetlog_test

import (
	"testing"

	"penstock/internal/workspace"
	"penstock/internal/workspace/kvtest"
)

func TestKV(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) workspace.KV {
		t.Helper()
		p := &place{dir: t.TempDir()}
		p.Open(t)
		t.Cleanup(func() { p.Close(t) })
		kv, err := p.store.KV(t.Context(), "workspace")
		if err != nil {
			t.Fatal(err)
		}
		return kv
	})
}
