import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { chromium } from '@playwright/test'
import { browserOptions, SESSION_FILE } from './browser.ts'
import { startHost } from './host-process.ts'

/** Starts a real node on a fresh data folder, spends its launch token, and ends it when all tests are done. */
export default async function setup(): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tidemark-e2e-'))
  const host = await startHost(dataDir)
  const { url, token, address, pid } = host.ready
  mkdirSync(dirname(SESSION_FILE), { recursive: true })
  const browser = await chromium.launch(browserOptions())
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${url}/launch?token=${token}`)
  await context.storageState({ path: SESSION_FILE })
  await browser.close()
  // Workers are started from this process and inherit its environment.
  process.env.TIDEMARK_E2E_URL = url
  process.env.TIDEMARK_E2E_ADDRESS = address
  process.env.TIDEMARK_E2E_PID = String(pid)
  return async () => {
    await host.stop()
    rmSync(dataDir, { recursive: true, force: true })
    rmSync(SESSION_FILE, { force: true })
  }
}
