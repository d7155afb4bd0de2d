import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { chromium } from '@playwright/test'
import { startPortal } from '../support/portal-process.ts'
import { browserOptions, SESSION_FILE } from './browser.ts'

const FIRST_PAGE_TIMEOUT_MS = 120_000

/** Starts a real node on a fresh data folder, spends its launch token, and ends it when all tests are done. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-e2e-'))
  const host = await startPortal(join(folder, 'data'), join(folder, 'state'))
  const { url, token } = host.ready
  mkdirSync(dirname(SESSION_FILE), { recursive: true })
  const browser = await chromium.launch(browserOptions())
  const context = await browser.newContext()
  // The first page of a browser that has just started takes its time on a busy machine.
  context.setDefaultNavigationTimeout(FIRST_PAGE_TIMEOUT_MS)
  const page = await context.newPage()
  await page.goto(`${url}/launch?token=${token}`)
  await context.storageState({ path: SESSION_FILE })
  await browser.close()
  // Workers are started from this process and inherit its environment.
  process.env.TIDEMARK_E2E_READY = JSON.stringify(host.ready)
  return async () => {
    await host.stop()
    rmSync(folder, { recursive: true, force: true })
    rmSync(SESSION_FILE, { force: true })
  }
}
