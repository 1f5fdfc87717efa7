import react from '@vitejs/plugin-react'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const out = 'dist'

/** The binary holds files compressed, and dist/unbuilt.html, which is part of the source, stays where it is. */
function compressed(): Plugin {
  return {
    name: 'penstock-compressed',
    apply: 'build',
    buildStart() {
      rmSync(join(out, 'assets'), { recursive: true, force: true })
      for (const name of readdirSync(out)) if (name.endsWith('.gz')) rmSync(join(out, name))
    },
    closeBundle() {
      for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name)
        if (!entry.isFile() || entry.name === 'unbuilt.html' || path.endsWith('.gz')) continue
        writeFileSync(path + '.gz', gzipSync(readFileSync(path), { level: 9 }))
        rmSync(path)
      }
    },
  }
}

const server = process.env['PENSTOCK_URL'] ?? 'http://127.0.0.1:8080'

/** What most pages have in common is one file: a page asks for that, and for its own. */
const shared = { name: 'shared', test: /[\\/](ui[\\/]src[\\/](api|lib|parts)|node_modules[\\/]@tabler)[\\/]/, minShareCount: 6 }

export default defineConfig({
  plugins: [react(), compressed()],
  build: { outDir: out, emptyOutDir: false, target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0, manifest: 'assets/manifest.json', chunkSizeWarningLimit: 800, rolldownOptions: { output: { codeSplitting: { groups: [shared] } } } },
  server: { proxy: { '/api': server, '/v1': server, '/data': server, '/readyz': server } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
