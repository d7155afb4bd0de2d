// Takes every screen of the portal, dark and light, in the sizes it has to please in, into ./screenshots.
// Needs Chromium: CHROMIUM_PATH, or the system's. `--data DIR` uses a data folder with a history of its own, and
// `--only PATTERN` takes those whose name matches. The README shows `workspace-inspector-dark-1440x900`.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { encodeLayoutLink } from '../shared/layout-link.ts'
import { browserOptions } from '../test/e2e/browser.ts'
import { startPortal } from '../test/support/portal-process.ts'

const OUT = join(import.meta.dirname, '..', 'screenshots')
const THEMES = ['dark', 'light']
const SIZES = [
  { name: '900x700', width: 900, height: 700, mainOnly: true },
  { name: '1280x800', width: 1_280, height: 800 },
  { name: '1440x900', width: 1_440, height: 900 },
  { name: '2560x1440', width: 2_560, height: 1_440, mainOnly: true },
]
/** So much history makes a chart worth looking at. */
const LEAST_HISTORY_S = 90
/** Until the portal has noticed that nothing comes, and the picture is taken. */
const STANDSTILL_MS = 30_000

const { values } = parseArgs({ options: { data: { type: 'string' }, only: { type: 'string' } } })
const only = new RegExp(values.only ?? '')

async function settle(page) {
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => document.fonts.ready)
  // A busy machine takes its time; what goes on loading for longer is worth a picture of its own.
  await page
    .waitForFunction(() => !document.body.textContent.includes('Loading'), undefined, { timeout: 20_000 })
    .catch(() => undefined)
  // One round of live data after the last layout.
  await page.waitForTimeout(2_500)
}

async function openInspector(page) {
  const chart = page.getByRole('application').first()
  const box = await chart.boundingBox()
  await page.mouse.click(box.x + box.width * 0.93, box.y + box.height * 0.4)
  await page
    .getByRole('complementary', { name: 'Inspector' })
    .getByRole('button', { name: 'Export proof' })
    .waitFor()
}

/** Publishes this machine's telemetry, once or again, and opens the head of the log. */
async function openLog(page) {
  await page.getByRole('button', { name: 'Publish a stream' }).click()
  const dialog = page.getByRole('dialog', { name: 'Publish a stream' })
  await dialog.getByPlaceholder('Choose one that this node keeps').click()
  await page.getByRole('option', { name: /This machine/ }).click()
  await dialog.getByLabel('Name').fill('machine-log')
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: 'machine-log' }).first().click()
  await page
    .getByRole('region', { name: /^Head of/ })
    .getByRole('row')
    .nth(1)
    .waitFor()
}

/** Panels of a layout that is sent along in a link; `own` is the telemetry of the machine itself. */
function panelOf(own, index, kind, title, field, place) {
  const series =
    kind === 'messages'
      ? [{ kind, part: own, publisher: null }]
      : [{ kind: 'field', part: own, publisher: null, field, name: null }]
  return { id: `p${index}`, kind, title, unit: null, min: null, max: null, series, place }
}

/** One panel of each kind, and three that cannot be drawn: a wrong expression, an unknown field, nothing chosen. */
function everyKind(own) {
  const kinds = [
    ['line', 'Lines', 'cpu.total'],
    ['area', 'Areas', 'memory.used'],
    ['states', 'State timeline', 'version'],
    ['stat', 'Stat', 'cpu.total'],
    ['gauge', 'Gauge', 'cpu.total'],
    ['histogram', 'Histogram', 'cpu.total'],
    ['table', 'Table', 'memory.used'],
    ['heatmap', 'Heatmap', 'cpu.total'],
    ['messages', 'Message log', ''],
    ['line', 'An unknown field', 'no.such.field'],
  ]
  const placeOf = (index) => ({ x: (index % 4) * 3, y: Math.floor(index / 4) * 5, w: 3, h: 5 })
  // The machine measures numbers alone; words come from the chain.
  const chain = own.replace('/machine#', '/chain#')
  const panels = kinds.map(([kind, title, field], index) =>
    panelOf(kind === 'states' ? chain : own, index, kind, title, field, placeOf(index)),
  )
  const input = { part: own, publisher: null, field: 'cpu.total' }
  const wrong = panelOf(own, 10, 'line', 'A wrong expression', '', placeOf(10))
  wrong.series = [{ kind: 'expression', name: null, text: 'a + unheard(', inputs: { a: input } }]
  const empty = panelOf(own, 11, 'line', 'Nothing chosen', '', placeOf(11))
  return [...panels, wrong, { ...empty, series: [] }]
}

function twentyPanels(own) {
  const fields = ['cpu.total', 'memory.used', 'load.m1', 'memory.total']
  return Array.from({ length: 20 }, (_, index) => {
    const field = fields[index % fields.length]
    const place = { x: (index % 4) * 3, y: Math.floor(index / 4) * 4, w: 3, h: 4 }
    return panelOf(own, index, index % 4 === 2 ? 'area' : 'line', `${field} ${index + 1}`, field, place)
  })
}

async function shared(name, panels) {
  return `/workspace?live=60000&shared=${await encodeLayoutLink({ version: 1, name, panels })}`
}

async function pointAt(page, share) {
  const box = await page.getByRole('application').first().boundingBox()
  await page.mouse.move(box.x + box.width * share, box.y + box.height * 0.4)
}

/** Makes a rule that fires at once, unless there is one, and looks at its alert on the charts. */
async function openAlertsOnCharts(page) {
  const alert = page.getByRole('region', { name: 'Open alerts' }).getByRole('row', { name: /Memory is used/ })
  if (!(await alert.isVisible())) {
    await page.getByText('Rules', { exact: true }).click()
    await page.getByRole('button', { name: 'New rule' }).click()
    const editor = page.getByRole('dialog', { name: 'New rule' })
    await editor.getByLabel('Name').fill('Memory is used')
    for (const [box, option] of [
      ['Stream', /^This machine/],
      ['Looks for', 'Threshold'],
      ['Field', 'memory.used'],
    ]) {
      await editor.getByRole('combobox', { name: box }).click()
      await page.getByRole('option', { name: option }).click()
    }
    await editor.getByLabel('Bound').fill('1')
    await editor.getByRole('button', { name: 'Save rule' }).click()
    await editor.waitFor({ state: 'hidden' })
  }
  await page.goto(page.url().replace(/#.*/, '#/workspace?live=60000'))
  await page
    .getByRole('button', { name: /in view of CPU$/ })
    .first()
    .click()
}

/** Every screen: how to get there from a fresh page. `main` ones are taken at every size. */
const SCREENS = [
  { name: 'overview-first-run', path: '/', main: true },
  {
    name: 'overview',
    path: '/',
    act: (page) => page.getByRole('button', { name: 'Close the welcome' }).click(),
  },
  { name: 'workspace-live', path: '/workspace?live=60000', main: true },
  { name: 'workspace-inspector', path: '/workspace?live=60000', main: true, act: openInspector },
  {
    name: 'workspace-hover',
    path: '/workspace?live=60000',
    async act(page) {
      const box = await page.getByRole('application').nth(1).boundingBox()
      await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.3)
    },
  },
  {
    name: 'workspace-replay',
    path: '/workspace?live=60000',
    async act(page) {
      await page.getByRole('button', { name: 'To the beginning' }).click()
      await page.getByRole('button', { name: 'Play', exact: true }).click()
      await page.waitForTimeout(6_000)
    },
  },
  {
    name: 'workspace-fields',
    path: '/workspace?live=60000',
    act: (page) => page.getByRole('button', { name: 'Fields' }).click(),
  },
  {
    name: 'workspace-editor',
    path: '/workspace?live=60000',
    async act(page) {
      await page.getByRole('button', { name: 'Menu of Load', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Edit…' }).click()
      await page.getByRole('button', { name: 'Add an expression' }).click()
      await page.getByRole('textbox', { name: 'Expression', exact: true }).fill('movavg(a, 60) + nothing')
    },
  },
  {
    name: 'workspace-compare',
    path: '/workspace?live=30000&compare=60000',
    main: true,
  },
  { name: 'workspace-kinds', path: (own) => shared('Every kind', everyKind(own)) },
  { name: 'workspace-twenty', path: (own) => shared('Twenty', twentyPanels(own)), main: true },
  {
    name: 'workspace-locked',
    path: '/workspace?live=60000&compare=30000',
    async act(page) {
      await pointAt(page, 0.7)
      await page.getByRole('status').filter({ hasText: 'seq' }).first().waitFor()
      await page.keyboard.press('k')
      await page.mouse.move(5, 450)
    },
  },
  {
    name: 'workspace-jump',
    path: '/workspace?live=60000',
    act: (page) => page.getByRole('button', { name: 'Jump' }).click(),
  },
  {
    name: 'workspace-add-panel',
    path: '/workspace?live=60000',
    act: (page) => page.getByRole('button', { name: 'Panel', exact: true }).click(),
  },
  {
    name: 'workspace-save-as',
    path: '/workspace?live=60000',
    act: (page) => page.keyboard.press('Control+s'),
  },
  { name: 'workspace-before-everything', path: '/workspace?from=1000&to=61000' },
  { name: 'workspace-no-such-stream', path: `/workspace?part=0x${'1'.repeat(40)}%2Fnone%230` },
  { name: 'workspace-broken-link', path: '/workspace?shared=bm9uc2Vuc2U' },
  {
    name: 'connection-lost',
    path: '/workspace?live=60000',
    // The node stands still while the picture is taken.
    async act(page, node) {
      process.kill(node.child.pid, 'SIGSTOP')
      setTimeout(() => process.kill(node.child.pid, 'SIGCONT'), STANDSTILL_MS)
      await page.getByRole('alert').first().waitFor()
    },
  },
  {
    name: 'workspace-layouts',
    path: '/workspace?live=60000',
    act: (page) => page.getByRole('button', { name: /^Layout:/ }).click(),
  },
  {
    name: 'workspace-empty',
    path: `/workspace?shared=${await encodeLayoutLink({ version: 1, name: 'Empty', panels: [] })}`,
  },
  {
    name: 'workspace-no-such-layout',
    path: '/workspace?layout=0123456789abcdef',
    act: (page) => page.getByRole('alert').waitFor(),
  },
  { name: 'messages', path: '/messages', main: true },
  { name: 'messages-changes', path: '/messages?changes=1', main: true },
  {
    name: 'messages-search',
    path: '/messages?text=memory&where=exists:memory.used:&column=memory.used&column=cpu.total',
  },
  {
    name: 'messages-conditions',
    path: '/messages?where=above:memory.used:0',
    act: (page) => page.getByRole('button', { name: /^Fields/ }).click(),
  },
  {
    name: 'messages-export',
    path: '/messages',
    act: (page) => page.getByRole('button', { name: 'Export', exact: true }).click(),
  },
  {
    name: 'tour',
    path: '/',
    async act(page) {
      await page.keyboard.press('h')
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowRight')
    },
  },
  { name: 'no-such-place', path: '/nowhere' },
  {
    name: 'settings-search',
    path: '/settings',
    act: (page) => page.getByLabel('Search the settings').fill('disk'),
  },
  { name: 'fleet', path: '/fleet', main: true },
  {
    name: 'messages-inspector',
    path: '/messages',
    async act(page) {
      await page.getByRole('grid').getByRole('row').nth(4).click()
      await page.getByRole('button', { name: 'Export proof' }).waitFor()
    },
  },
  {
    name: 'messages-empty',
    path: '/messages?verdict=forged',
    act: (page) => page.getByText('No messages here').waitFor(),
  },
  {
    name: 'audit-begin',
    path: '/audit',
    async act(page) {
      // Before the first audit the form is there by itself.
      await page
        .getByRole('button', { name: /Begin audit|New audit/ })
        .first()
        .waitFor()
      const again = page.getByRole('button', { name: 'New audit' })
      if (await again.isVisible()) await again.click()
      await page.getByRole('button', { name: 'Begin audit' }).waitFor()
    },
  },
  {
    name: 'audit-done',
    path: '/audit',
    main: true,
    async act(page) {
      const again = page.getByRole('button', { name: 'New audit' })
      if (await again.isVisible()) await again.click()
      await page.getByRole('button', { name: 'Begin audit' }).click()
      await page.getByRole('button', { name: 'Report', exact: true }).waitFor()
      await page.getByText(/^Contributions/).click()
    },
  },
  { name: 'alerts', path: '/alerts', main: true },
  {
    name: 'alerts-rule',
    path: '/alerts',
    async act(page) {
      await page.getByText('Rules', { exact: true }).click()
      await page.getByRole('button', { name: 'New rule' }).click()
      await page.getByText('Would have fired').waitFor()
    },
  },
  {
    name: 'alerts-channel',
    path: '/alerts',
    async act(page) {
      await page.getByText('Channels', { exact: true }).click()
      await page.getByRole('button', { name: 'New channel' }).click()
      await page.getByRole('dialog', { name: 'New channel' }).waitFor()
    },
  },
  { name: 'remote-log-empty', path: '/remote-log', main: true },
  { name: 'network', path: '/network', main: true },
  { name: 'settings', path: '/settings' },
  {
    name: 'settings-source',
    path: '/settings',
    async act(page) {
      await page.getByRole('button', { name: 'Add a source' }).click()
      await page.getByRole('dialog', { name: 'New source' }).waitFor()
    },
  },
  // Behind the empty ones: it leaves a log.
  { name: 'remote-log', path: '/remote-log', main: true, act: openLog },
  {
    name: 'settings-sinks',
    path: '/settings',
    async act(page) {
      await page.getByRole('button', { name: 'Set the database…' }).click()
      await page.getByLabel('Server', { exact: true }).fill('db.example')
    },
  },
  {
    name: 'stream-details',
    path: '/',
    main: true,
    async act(page) {
      await page
        .getByRole('button', { name: /^Actions for/ })
        .first()
        .click()
      await page.getByRole('menuitem', { name: 'Stream details…' }).click()
      await page.getByText('Nothing is known to be missing').waitFor()
    },
  },
  // Behind the empty page of alerts: it leaves a rule.
  { name: 'workspace-alerts', path: '/alerts', main: true, act: openAlertsOnCharts },
  { name: 'create-stream', path: '/', act: (page) => page.keyboard.press('c') },
  { name: 'command-palette', path: '/', act: (page) => page.keyboard.press('Control+k') },
  { name: 'shortcuts', path: '/workspace', act: (page) => page.keyboard.press('?') },
  {
    name: 'subscribe-unknown',
    path: '/',
    async act(page) {
      await page.keyboard.press('n')
      await page
        .getByLabel('Stream id, or a part of its name')
        .fill('0x1111111111111111111111111111111111111111/none')
      await page.getByRole('button', { name: 'Subscribe', exact: true }).click()
      await page.getByRole('alert').waitFor()
    },
  },
]

async function takeAll(browser, node, state, own) {
  for (const theme of THEMES) {
    for (const size of SIZES) {
      for (const screen of SCREENS.filter(({ main }) => main || !size.mainOnly)) {
        const name = `${screen.name}-${theme}-${size.name}`
        if (!only.test(name)) continue
        const context = await browser.newContext({
          viewport: { width: size.width, height: size.height },
          storageState: state,
          reducedMotion: 'reduce',
        })
        await context.addInitScript(
          (chosen) => localStorage.setItem('mantine-color-scheme-value', chosen),
          theme,
        )
        const page = await context.newPage()
        const path = typeof screen.path === 'string' ? screen.path : await screen.path(own)
        // What one screen lacks is no reason to go without the others.
        try {
          await page.goto(`${node.ready.url}/#${path}`)
          await settle(page)
          await screen.act?.(page, node)
          await page.waitForTimeout(800)
          process.stdout.write(`${name}\n`)
        } catch (error) {
          process.stderr.write(`${name}: not as it should be: ${error.message}\n`)
          process.exitCode = 1
        }
        await page.screenshot({ path: join(OUT, `${name}.png`) })
        await context.close()
      }
    }
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'tidemark-screenshots-'))
rmSync(OUT, { recursive: true, force: true })
mkdirSync(OUT, { recursive: true })
const host = await startPortal(values.data ?? join(scratch, 'data'), join(scratch, 'state'))
const browser = await chromium.launch(browserOptions())
try {
  const { url, token } = host.ready
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${url}/launch?token=${token}`)
  const state = await context.storageState()
  await context.close()
  if (values.data === undefined) {
    process.stdout.write(`gathering ${LEAST_HISTORY_S} s of history\n`)
    await new Promise((resolve) => setTimeout(resolve, LEAST_HISTORY_S * 1_000))
  }
  await takeAll(browser, host, state, `${host.ready.address.toLowerCase()}/tidemark/machine#0`)
} finally {
  await browser.close()
  await host.stop()
  rmSync(scratch, { recursive: true, force: true })
}
