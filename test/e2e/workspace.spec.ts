import { readFile, writeFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { decodeView } from '../../shared/view-link.ts'
import { expect, test } from './portal.ts'

function viewOf(page: Page) {
  return decodeView(new URL(page.url()).hash.split('?')[1] ?? '')
}

async function choose(page: Page, panel: string, item: string): Promise<void> {
  await page
    .getByRole('button', { name: `Menu of ${panel}`, exact: true })
    .first()
    .click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}

/** Adds a panel of a kind with the field that a search finds first. */
async function addPanel(page: Page, kind: RegExp, field: string): Promise<void> {
  await page.getByRole('button', { name: 'Panel', exact: true }).click()
  await page.getByRole('menuitem', { name: kind }).click()
  const dialog = page.getByRole('dialog', { name: 'New panel' })
  await dialog.getByLabel('Search fields').fill(field)
  const found = dialog.getByRole('list', { name: 'Fields to draw' }).getByRole('button').first()
  await expect(found).toContainText('number')
  await found.click()
  await dialog.getByRole('button', { name: 'Add the panel' }).click()
  await expect(dialog).toBeHidden()
}

test('panels are added, split, duplicated, moved and removed, and each step is taken back', async ({
  portal,
}) => {
  const { page } = portal
  await portal.openWorkspace()
  const panels = page.locator('main section').filter({ has: page.getByRole('button', { name: /^Menu of/ }) })
  const before = await panels.count()
  await addPanel(page, /^Stat /, 'cpu.total')
  await expect(page.getByRole('region', { name: 'Total' })).toContainText('%')
  await choose(page, 'Total', 'Duplicate')
  await expect(panels).toHaveCount(before + 2)
  await choose(page, 'CPU', 'Split')
  await expect(panels).toHaveCount(before + 3)

  const total = page.getByRole('region', { name: 'Total' }).first()
  const place = await total.boundingBox()
  await total.getByRole('button', { name: 'Move Total' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect.poll(async () => (await total.boundingBox())?.x).not.toBe(place?.x)
  await page.keyboard.press('Shift+ArrowRight')
  await expect.poll(async () => (await total.boundingBox())?.width).toBeGreaterThan(place?.width ?? 0)

  await choose(page, 'Load', 'Remove')
  await expect(panels).toHaveCount(before + 2)
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click()
  await expect(page.getByRole('region', { name: 'Load', exact: true })).toBeVisible()
  // Resize, move, split, duplicate, add.
  for (let step = 0; step < 5; step += 1) await page.keyboard.press('Control+z')
  await expect(panels).toHaveCount(before)
  await page.keyboard.press('Control+y')
  await expect(panels).toHaveCount(before + 1)
})

test('panels are dragged and resized by the mouse, renamed, and times told in the zone of choice', async ({
  portal,
}) => {
  const { page } = portal
  await portal.openWorkspace()
  const load = page.getByRole('region', { name: 'Load', exact: true })
  const boxOf = async () => {
    const box = await load.boundingBox()
    if (box === null) throw new Error('the panel has no box')
    return box
  }
  const drag = async (from: { x: number; y: number }, by: { x: number; y: number }) => {
    await page.mouse.move(from.x, from.y)
    await page.mouse.down()
    await page.mouse.move(from.x + by.x / 2, from.y + by.y / 2, { steps: 4 })
    await page.mouse.move(from.x + by.x, from.y + by.y, { steps: 4 })
    await page.mouse.up()
  }
  const start = await boxOf()
  await drag({ x: start.x + 120, y: start.y + 16 }, { x: -start.width, y: 0 })
  await expect.poll(async () => (await boxOf()).x).toBeLessThan(start.x - start.width / 2)
  const moved = await boxOf()
  await drag({ x: moved.x + moved.width - 3, y: moved.y + moved.height - 3 }, { x: start.width / 2, y: 0 })
  await expect.poll(async () => (await boxOf()).width).toBeGreaterThan(start.width * 1.2)

  await choose(page, 'Load', 'Edit…')
  const dialog = page.getByRole('dialog', { name: 'Edit the panel' })
  await dialog.getByLabel('Title').fill('Engine <i>room</i>')
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await expect(page.getByRole('region', { name: 'Engine <i>room</i>' })).toBeVisible()
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('Control+z')
  await expect.poll(async () => (await boxOf()).x).toBe(start.x)
  await expect.poll(async () => (await boxOf()).width).toBe(start.width)

  const clock = page.getByRole('region', { name: 'Time', exact: true }).locator('time')
  await page.keyboard.press('z')
  await expect(clock).toHaveText(/UTC$/)
  await page.keyboard.press('z')
  await expect(clock).toHaveText(/\d{10}/)
})

test('a layout is saved, found again, sent as a file and as a link, and one from the future is refused', async ({
  portal,
}, info) => {
  const { page } = portal
  await portal.openWorkspace()
  await addPanel(page, /^Table /, 'load')
  await page.keyboard.press('Control+s')
  await page.getByLabel('Name', { exact: true }).fill('Engine <b>room</b>')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect.poll(() => viewOf(page).layout).toMatch(/^[0-9a-f]{16}$/)
  await page.reload()
  const target = page.getByRole('button', { name: /^Layout: Engine <b>room<\/b>/ })
  await expect(target).toBeVisible()

  await target.click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Save as a file' }).click()
  const file = await (await download).path()
  const text = await readFile(file, 'utf8')
  expect(JSON.parse(text)).toMatchObject({ version: 1, name: 'Engine <b>room</b>' })
  const newer = info.outputPath('newer.json')
  await writeFile(newer, text.replace('"version": 1', '"version": 9'))
  await page.getByLabel('Layout file').setInputFiles(newer)
  await expect(page.getByRole('alert').filter({ hasText: 'version 9' })).toBeVisible()

  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await target.click()
  await page.getByRole('menuitem', { name: 'Copy as a link' }).click()
  await expect(page.getByText('Link copied')).toBeVisible()
  const link = await page.evaluate<string>('navigator.clipboard.readText()')
  await target.click()
  await page.getByRole('menuitem', { name: 'Delete this layout' }).click()
  await expect(page.getByRole('button', { name: 'Layout: Automatic' })).toBeVisible()
  await page.goto('about:blank')
  await page.goto(link)
  await expect(target).toBeVisible()

  await portal.open('/workspace?layout=0123456789abcdef')
  await expect(page.getByRole('alert')).toContainText('keeps no such layout')
  await page.getByRole('button', { name: 'Show the automatic layout' }).click()
  await expect(page.getByRole('region', { name: 'CPU' })).toBeVisible()
})

test('an expression says what is wrong with it and where, and is marked as derived where it is drawn', async ({
  portal,
}) => {
  const { page } = portal
  await portal.openWorkspace()
  await choose(page, 'Load', 'Edit…')
  const dialog = page.getByRole('dialog', { name: 'Edit the panel' })
  await dialog.getByRole('button', { name: 'Add an expression' }).click()
  const text = dialog.getByRole('textbox', { name: 'Expression', exact: true })
  await text.fill('derivative(a) + nonsense')
  await expect(dialog).toContainText('Nothing is called nonsense')
  await expect(dialog).toContainText('At character 17')
  await text.fill('derivative(a) * 60')
  await expect(dialog).not.toContainText('Nothing is called')
  await dialog.getByRole('button', { name: 'Library of expressions' }).click()
  await page.getByRole('menuitem', { name: 'Keep this one' }).click()
  await dialog.getByRole('button', { name: 'Library of expressions' }).click()
  await expect(page.getByRole('menuitem', { name: /^derivative\(a\)/ }).first()).toBeVisible()
  await page.keyboard.press('Escape')
  await dialog.getByRole('button', { name: 'Apply' }).click()
  const panel = page.getByRole('region', { name: 'Load', exact: true })
  await expect(panel.getByRole('listitem').filter({ hasText: 'derivative' })).toContainText('derived')
})

test('one crosshair runs through all panels, names the real message, and can be locked', async ({
  portal,
}) => {
  const { page } = portal
  const panel = await portal.openWorkspace()
  const chart = panel.getByRole('application')
  const box = await chart.boundingBox()
  if (box === null) throw new Error('the chart has no box')
  await page.mouse.move(box.x + box.width * 0.93, box.y + box.height * 0.4)
  const card = panel.getByRole('status').filter({ hasText: 'seq' })
  await expect(card).toContainText('Verified')
  await expect(card).toContainText(/\d\d:\d\d:\d\d\.\d{3}/)
  const other = page
    .getByRole('region', { name: 'Load', exact: true })
    .locator('[data-value="cursor"]')
    .first()
  await expect(other).toHaveText(/\d/)
  await page.keyboard.press('k')
  await expect(page.getByRole('button', { name: 'Lock the crosshair' })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await page.mouse.move(box.x + 10, box.y + box.height + 400)
  await expect(other).toHaveText(/\d/)
  await page.keyboard.press('k')
  await expect(other).toBeEmpty()
})

test('time is shifted by a step, looped, compared, and searched for gaps', async ({ portal }) => {
  const { page } = portal
  await portal.openWorkspace()
  await page.getByRole('button', { name: /^Step:/ }).click()
  await page.getByRole('menuitem', { name: '10 s', exact: true }).click()
  await page.getByRole('button', { name: '10 s earlier' }).click()
  await expect.poll(() => viewOf(page).range.kind).toBe('fixed')
  const at = viewOf(page).range
  await page.keyboard.press('Shift+ArrowLeft')
  await expect
    .poll(() => {
      const now = viewOf(page).range
      return at.kind === 'fixed' && now.kind === 'fixed' ? at.from - now.from : 0
    })
    .toBe(10_000)

  await page.getByRole('button', { name: /^Speed/ }).click()
  await page.getByRole('menuitem', { name: '0.01×', exact: true }).click()
  await page.keyboard.press('o')
  await expect(page.getByRole('button', { name: 'Loop', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await expect.poll(() => viewOf(page)).toMatchObject({ playing: true, speed: 0.01 })
  const { loop } = viewOf(page)
  expect(loop).not.toBeNull()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Loop', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  expect(viewOf(page)).toMatchObject({ playing: true, speed: 0.01, loop })
  await page.keyboard.press('o')

  await page.getByRole('button', { name: 'Compare with an earlier time' }).click()
  await page.getByRole('menuitem', { name: '1 min earlier' }).click()
  await expect.poll(() => viewOf(page).compareMs).toBe(60_000)
  await page.getByRole('button', { name: 'Jump' }).click()
  await page.getByRole('menuitem', { name: 'Next forged message' }).click()
  await expect(page.getByText('No forged message after this')).toBeVisible()
  await expect(page.getByRole('slider', { name: /^Playhead/ })).toHaveAttribute(
    'aria-valuetext',
    /, (no messages here|\d+ messages?)/,
  )
})

test('a hidden window draws nothing and asks for nothing, and is at the present when it is looked at again', async ({
  portal,
}) => {
  const { page } = portal
  let asked = 0
  let heard = 0
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      if (String(payload).includes('"chart.')) asked += 1
    })
    socket.on('framereceived', () => {
      heard += 1
    })
  })
  await page.addInitScript(`{
    window.drawnFrames = 0
    const next = requestAnimationFrame
    window.requestAnimationFrame = (callback) => next((at) => { window.drawnFrames += 1; callback(at) })
  }`)
  await portal.openWorkspace()
  const hide = (isHidden: boolean) =>
    page.evaluate(`{
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} })
      document.dispatchEvent(new Event('visibilitychange'))
    }`)
  const drawn = () => page.evaluate<number>('window.drawnFrames')
  const hear = async (more: number) => {
    const before = heard
    await expect.poll(() => heard).toBeGreaterThanOrEqual(before + more)
  }
  expect(await drawn()).toBeGreaterThan(0)
  await hide(true)
  // What was under way when it was hidden comes to its end.
  await hear(4)
  const before = { drawn: await drawn(), asked }
  await hear(6)
  expect({ drawn: await drawn(), asked }).toEqual(before)

  await hide(false)
  await expect.poll(drawn).toBeGreaterThan(before.drawn)
  await expect.poll(() => asked).toBeGreaterThan(before.asked)
  const slider = page.getByRole('slider', { name: /^Playhead/ })
  await expect
    .poll(async () => Date.now() - Number(await slider.getAttribute('aria-valuenow')))
    .toBeLessThan(3_000)
  await expect(slider).toHaveAttribute('aria-valuetext', /^Live/)
})

test('what is not read yet is said to be on its way, beside what is drawn already', async ({ portal }) => {
  const { page } = portal
  /** Answers of the node that are held back; null while none are. */
  let held: (() => void)[] | null = null
  await page.routeWebSocket(/./, (socket) => {
    socket.connectToServer().onMessage((answer) => {
      if (held === null) socket.send(answer)
      else held.push(() => socket.send(answer))
    })
  })
  const panel = await portal.openWorkspace()
  const loading = panel.getByText('Loading…')
  await expect(loading).toBeHidden()
  held = []
  for (let press = 0; press < 4; press += 1) await panel.getByRole('application').press('-')
  await expect(loading).toBeVisible()
  // A panel in which nothing is drawn says so as its status.
  await expect(panel.getByRole('status')).toHaveCount(0)
  const waiting = held
  held = null
  for (const send of waiting) send()
  await expect(loading).toBeHidden()
})

test('a panel is saved as PNG and as SVG, in which words are words', async ({ portal }) => {
  const { page } = portal
  await portal.openWorkspace()
  for (const [item, start] of [
    ['Save as PNG', '\x89PNG'],
    ['Save as SVG', '<svg'],
  ] as const) {
    const download = page.waitForEvent('download')
    await choose(page, 'CPU', item)
    const saved = await readFile(await (await download).path())
    expect(saved.subarray(0, 4).toString('latin1')).toBe(start)
    if (start === '<svg') expect(saved.toString()).toContain('>CPU</text>')
  }
})
