import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type ElectronApplication, expect, type Page, test } from '@playwright/test'
import type { DesktopBridge } from '../../shared/desktop-bridge.ts'
import { canOpenWindows, electronRuntime } from './electron-runtime.ts'

const runtime = electronRuntime()
const root = fileURLToPath(new URL('../../', import.meta.url))

test.skip(runtime === null, 'the Electron runtime is not installed here (npx install-electron fetches it)')
test.skip(!canOpenWindows, 'there is no display here')
test.describe.configure({ mode: 'serial' })

let dataDir: string
let app: ElectronApplication
let page: Page

/** Chromium refuses its sandbox to root, as which some build machines run. */
function launchArguments(): string[] {
  return [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root, '--data', dataDir]
}

function launch(): Promise<ElectronApplication> {
  return _electron.launch({ executablePath: runtime ?? '', args: launchArguments(), cwd: root })
}

test.beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tidemark-e2e-desktop-'))
  app = await launch()
  page = await app.firstWindow()
  await page.waitForLoadState('load')
})

test.afterAll(async () => {
  await app?.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Speaks to the node as the portal does. */
function query(path: string): Promise<{ result?: { data?: unknown }; error?: unknown }> {
  return page.evaluate(async (procedure) => {
    const { tidemark } = globalThis as unknown as { tidemark: DesktopBridge }
    const id = `e2e-${Math.random()}`
    return JSON.parse(await tidemark.request(JSON.stringify({ kind: 'query', id, path: procedure })))
  }, path)
}

test('the window opens with the portal, from the app’s own scheme', async () => {
  expect(page.url()).toMatch(/^app:\/\/tidemark\//)
  await expect(page).toHaveTitle(/Tidemark/)
  await expect(page.locator('#root')).not.toBeEmpty()
})

test('the page is isolated and sandboxed, and has no Node', async () => {
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>
    }
    return contents.getLastWebPreferences()
  })
  expect(preferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webviewTag: false,
  })
  const seen = await page.evaluate(() => {
    const world = globalThis as unknown as Record<string, unknown>
    return {
      node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in world),
      bridge: Object.keys(world.tidemark as object).sort(),
    }
  })
  expect(seen).toEqual({ node: [], bridge: ['onCommand', 'platform', 'request'] })
})

test('the content policy holds: no eval, no inline script, no foreign requests', async () => {
  const outcome = await page.evaluate(async () => {
    const refused = (attempt: () => unknown): boolean => {
      try {
        attempt()
        return false
      } catch {
        return true
      }
    }
    const world = globalThis as unknown as {
      document: {
        createElement(name: string): { textContent: string }
        head: { append(node: unknown): void }
      }
      inlineRan?: boolean
    }
    const script = world.document.createElement('script')
    script.textContent = 'globalThis.inlineRan = true'
    world.document.head.append(script)
    return {
      evalRefused: refused(() => new Function('return 1')()),
      inlineRan: world.inlineRan === true,
      fetched: await fetch('https://example.com/').then(
        () => true,
        () => false,
      ),
    }
  })
  expect(outcome).toEqual({ evalRefused: true, inlineRan: false, fetched: false })
})

test('the page cannot leave, open windows or get permissions', async () => {
  const before = page.url()
  const outcome = await page.evaluate(async () => {
    const world = globalThis as unknown as {
      open(url: string): unknown
      location: { href: string }
      Notification: { requestPermission(): Promise<string> }
    }
    const opened = world.open('http://127.0.0.1:1/')
    world.location.href = 'http://127.0.0.1:1/'
    return { opened: opened !== null, notifications: await world.Notification.requestPermission() }
  })
  expect(outcome).toEqual({ opened: false, notifications: 'denied' })
  expect(page.url()).toBe(before)
  expect(app.windows()).toHaveLength(1)
})

test('the node answers over IPC and verifies what this machine publishes', async () => {
  await expect
    .poll(
      async () => {
        const { result } = await query('node.status')
        return (result?.data as { messages?: { verified?: number } } | undefined)?.messages?.verified ?? 0
      },
      { timeout: 90_000 },
    )
    .toBeGreaterThan(9)
})

test('a frame inside the page has no bridge', async () => {
  const inner = await page.evaluate(async () => {
    const { document } = globalThis as unknown as {
      document: {
        createElement(name: string): {
          srcdoc: string
          onload: () => void
          contentWindow: Record<string, unknown> | null
        }
        body: { append(node: unknown): void }
      }
    }
    const frame = document.createElement('iframe')
    frame.srcdoc = '<p>inner</p>'
    const loaded = new Promise<void>((done) => {
      frame.onload = done
    })
    document.body.append(frame)
    await loaded
    return frame.contentWindow !== null && 'tidemark' in frame.contentWindow
  })
  expect(inner).toBe(false)
})

test('a second start ends at once and leaves the first one’s window', async () => {
  const second = spawn(runtime ?? '', launchArguments(), { stdio: 'ignore' })
  expect(await new Promise((done) => second.once('exit', done))).toBe(0)
  expect(app.windows()).toHaveLength(1)
  expect((await query('node.status')).error).toBeUndefined()
})

test('quitting closes the store: the exit code is 0 and the data folder can be opened again', async () => {
  const child = app.process()
  const exited = new Promise<number | null>((done) => child.once('exit', done))
  await app.evaluate(({ app: running }) => running.quit())
  expect(await exited).toBe(0)
  app = await launch()
  page = await app.firstWindow()
  await page.waitForLoadState('load')
  await expect.poll(async () => (await query('node.status')).error, { timeout: 60_000 }).toBeUndefined()
})
