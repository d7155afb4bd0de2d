import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('./renderer', import.meta.url)),
  // Relative paths: the same files are served from `/` on loopback and from the desktop window's own scheme.
  base: './',
  plugins: [react()],
  // Threads of the page are modules as it is, and find their files beside themselves.
  worker: { format: 'es' },
  build: {
    outDir: fileURLToPath(new URL('./dist/renderer', import.meta.url)),
    emptyOutDir: true,
    target: 'es2024',
    // `font-src 'self'` admits no data: addresses, so nothing small is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
    chunkSizeWarningLimit: 2_000,
  },
})
