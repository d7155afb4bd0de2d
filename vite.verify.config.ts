import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { viteSingleFile } from 'vite-plugin-singlefile'

const inBrowser = (name: string) =>
  fileURLToPath(new URL(`./renderer/verify/in-browser/${name}.ts`, import.meta.url))

/** The verification page: the node's own verifier in one HTML file that needs nothing else. */
export default defineConfig({
  root: fileURLToPath(new URL('./renderer/verify', import.meta.url)),
  publicDir: false,
  plugins: [viteSingleFile({ removeViteModuleLoader: true })],
  resolve: {
    alias: [
      { find: /^node:crypto$/, replacement: inBrowser('node-crypto') },
      { find: /^node:buffer$/, replacement: inBrowser('node-buffer') },
      { find: /^secp256k1$/, replacement: inBrowser('secp256k1') },
      { find: /^hash-wasm$/, replacement: inBrowser('hash-wasm') },
      {
        find: /^buffer-for-browsers$/,
        replacement: fileURLToPath(new URL('./node_modules/buffer/index.js', import.meta.url)),
      },
    ],
  },
  build: {
    outDir: fileURLToPath(new URL('./dist/renderer', import.meta.url)),
    // It lies beside the portal, which is built first.
    emptyOutDir: false,
    rollupOptions: { input: fileURLToPath(new URL('./renderer/verify/verify.html', import.meta.url)) },
    target: 'es2024',
    chunkSizeWarningLimit: 2_000,
  },
})
