import { defineConfig } from '@playwright/test'

/** The desktop shell in the real Electron, one window after the other. */
export default defineConfig({
  testDir: '.',
  workers: 1,
  timeout: 120_000,
  outputDir: '../../test-results/e2e-desktop',
})
