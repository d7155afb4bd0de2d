import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** A sandboxed preload script must be one CommonJS file that requires nothing but `electron`. */
export default defineConfig({
  build: {
    outDir: fileURLToPath(new URL('./dist/electron', import.meta.url)),
    emptyOutDir: false,
    target: 'node24',
    minify: false,
    lib: {
      entry: fileURLToPath(new URL('./electron/preload.ts', import.meta.url)),
      formats: ['cjs'],
      fileName: () => 'preload.cjs',
    },
    rollupOptions: { external: ['electron'] },
  },
  // Nothing of renderer/public belongs beside the preload script.
  publicDir: false,
})
