import { defineConfig } from '@playwright/test'
import { browserOptions, SESSION_FILE } from './test/e2e/browser.ts'

export default defineConfig({
  testDir: './test/e2e',
  outputDir: './test-results/e2e',
  globalSetup: './test/e2e/start-host.ts',
  // One portal, one story: the tests share the history that the host gathers while they run.
  workers: 1,
  fullyParallel: false,
  // Accessibility checks of a full screen take a while on a busy machine.
  timeout: 180_000,
  // Shared build machines stall now and then: there a test may fail once. On a developer's machine it may not.
  retries: process.env.CI ? 1 : 0,
  expect: { timeout: 15_000 },
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    storageState: SESSION_FILE,
    trace: 'on-first-retry',
    launchOptions: browserOptions(),
  },
})
