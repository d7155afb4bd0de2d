import { writeFile } from 'node:fs/promises'
import type { Layout, PanelKind } from '../../shared/layout.ts'
import { encodeLayoutLink } from '../../shared/layout-link.ts'
import { expect, test } from './portal.ts'
import { keepStrangeStream } from './strange-stream.ts'

const NAMES = { '👩‍🚀 crew': 1.25, שלום: 2.25, '<b>bold</b>': 3.25, ['n'.repeat(10_000)]: 4.25 }
/** One field after the other as everything that JSON has, and numbers at the ends of what there is. */
const CONTENTS = [
  { steady: 40, changing: 1, huge: 1.7e308, tiny: 5e-324, nothing: null, ...NAMES },
  { steady: 40, changing: 'one', huge: -1.7e308, tiny: 0, nothing: null },
  { steady: 40, changing: true, huge: 1.7e308, tiny: 5e-324 },
  { steady: 40, changing: null, huge: null },
  // No number, and no JSON either.
  new TextEncoder().encode('{"huge":NaN}'),
  { steady: 40, changing: { deeper: { still: 1 } }, huge: 'a word' },
  { steady: 40, changing: [1, 'two', null] },
]
const MANY = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, index]))
/** Either side of a time: a stretch in which a bucket of the scrubber holds many messages. */
const HALF_DAY_MS = 43_200_000
/** With a text beside them that is no state any more; a few of these pass the least size a stream can be kept to. */
const LARGE = { ...MANY, prose: 'words '.repeat(20_000) }

test('fields that change type, numbers at the ends of what there is, ten thousand fields and names of any kind are drawn as what they are, beside another stream, what cannot be drawn is counted, and what is dropped is told as dropped', async ({
  portal,
}) => {
  const { page } = portal
  const stream = await keepStrangeStream(portal, 'hard')
  const begun = Date.now() + 1_000
  let stop = stream.publishAll(CONTENTS)
  try {
    const names = Object.keys(NAMES).slice(0, 3)
    const fields = ['steady', 'changing', 'huge', 'tiny', ...names]
    const search = `part=${encodeURIComponent(stream.part)}&live=60000`
    const chosen = fields.map((field) => `field=${encodeURIComponent(field)}`).join('&')
    await portal.open(`/workspace?${search}&${chosen}`)
    for (const name of ['Steady', ...names]) {
      const region = page.getByRole('region', { name, exact: true })
      await expect(region.getByRole('listitem').first()).toContainText(/\d/, { timeout: 60_000 })
    }
    const huge = page.getByRole('region', { name: 'Huge', exact: true })
    await expect(huge.getByRole('listitem').first()).toContainText(/1\.7e\+308/)

    await stop()
    stop = stream.publishAll([LARGE, { steady: 40 }])
    await page.keyboard.press('f')
    const picker = page.getByRole('dialog').filter({ has: page.getByLabel('Search fields') })
    await expect(picker).toContainText('9,745 values of one message are not indexed', { timeout: 60_000 })
    await expect(picker).toContainText(/\d fields are not indexed/)
    await picker.getByLabel('Search fields').fill('f254')
    await expect(picker.getByRole('checkbox', { name: /not indexed/ })).toBeDisabled()
    await page.keyboard.press('Escape')

    // An expression between this stream and one of another publisher.
    const field = { part: stream.part, publisher: null, field: 'steady' }
    const other = { part: `${portal.address}/tidemark/machine#0`, publisher: null, field: 'memory.total' }
    const text = 'a * 2 + 0 * b'
    const panel = {
      id: 'between',
      kind: 'line' as const,
      title: 'Between',
      unit: null,
      min: null,
      max: null,
      series: [{ kind: 'expression' as const, name: null, text, inputs: { a: field, b: other } }],
      place: { x: 0, y: 0, w: 12, h: 8 },
    }
    const shared = await encodeLayoutLink({ version: 1, name: 'Two streams', panels: [panel] })
    await portal.open(`/workspace?${search}&shared=${shared}`)
    const line = page.getByRole('region', { name: 'Between' }).getByRole('listitem').first()
    await expect(line).toContainText('derived')
    await expect(line).toContainText('80')

    await page.keyboard.press('3')
    const many = page.getByRole('grid', { name: 'Messages' }).getByRole('row').filter({ hasText: 'f0' })
    await many.first().click()
    await expect(
      page.getByRole('complementary', { name: 'Inspector' }).getByText('Verified', { exact: true }),
    ).toBeVisible()
    expect(await page.locator('main b').count()).toBe(0)

    // A window that stays open shows what retention drops as dropped; the limit is set in another one.
    await portal.open(
      `/workspace?part=${encodeURIComponent(stream.part)}&from=${begun - HALF_DAY_MS}&to=${begun + HALF_DAY_MS}&at=${begun}`,
    )
    const playhead = page.getByRole('slider', { name: /^Playhead/ })
    await expect(playhead).toHaveAttribute('aria-valuetext', /, \d+ messages/)
    const settings = await page.context().newPage()
    await settings.goto(`${portal.ready.url}/#/settings`)
    await settings.getByLabel(`Megabytes that ${stream.part.slice(0, 80)} may take`).fill('1')
    await settings.getByRole('button', { name: 'Set, and drop what is beyond' }).click()
    await expect(playhead).toHaveAttribute('aria-valuetext', /\d dropped/, { timeout: 60_000 })
    await settings.close()
  } finally {
    await stop()
    await stream.leave()
  }
})

test('layouts edited by hand and links to what is not there are refused in words, with a way on', async ({
  portal,
}, info) => {
  const { page } = portal
  await portal.openWorkspace()
  await page.getByRole('button', { name: /^Layout:/ }).click()
  const panel = {
    id: 'a',
    kind: 'line',
    title: 'x',
    unit: null,
    series: [],
    place: { x: 11, y: 0, w: 5, h: 4 },
  }
  for (const [name, text, words] of [
    ['wide', JSON.stringify({ version: 1, name: 'x', panels: [panel] }), 'right edge of the grid'],
    ['twice', '{"version":1,"name":"x","panels":[{"id":"<b>"}]}', 'panel 1'],
    ['broken', '{"version":1,', 'JSON'],
  ] as const) {
    const file = info.outputPath(`${name}.json`)
    await writeFile(file, text)
    await page.getByLabel('Layout file').setInputFiles(file)
    await expect(page.getByRole('alert').filter({ hasText: words }).first()).toBeVisible()
  }

  await portal.open('/workspace?shared=bm9uc2Vuc2U')
  await expect(page.getByRole('alert').filter({ hasText: 'cannot be read' })).toBeVisible()
  await page.getByRole('button', { name: 'Show the automatic layout' }).click()
  await expect(page.getByRole('region', { name: 'CPU' })).toBeVisible()

  await portal.open('/workspace?part=0x1111111111111111111111111111111111111111%2Fnone%230')
  await expect(page.getByRole('heading', { name: 'This node does not keep that stream' })).toBeVisible()

  await portal.open('/workspace?field=nothing.is.called.this')
  await expect(page.getByText('No values in this stretch of time').first()).toBeVisible()
  await portal.open('/workspace?from=x&to=-1&speed=9999&loop=9-1&compare=no&at=-5&play=1')
  await expect(page.getByRole('region', { name: 'CPU' })).toBeVisible()
})

test('every kind of panel is drawn from one layout, an expression that is wrong says so in its panel, and what is out of sight is not asked for', async ({
  portal,
}) => {
  const { page } = portal
  const asked: string[] = []
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => asked.push(String(payload))))
  await portal.openWorkspace()
  const part = new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('part') ?? ''
  const field = { part, publisher: null, field: 'cpu.total' }
  const common = { unit: null, min: null, max: null }
  const kinds: PanelKind[] = ['line', 'area', 'states', 'stat', 'gauge', 'histogram', 'table', 'heatmap']
  const panels: Layout['panels'] = kinds.map((kind, index) => ({
    ...common,
    id: `p${index}`,
    kind,
    title: `As ${kind}`,
    series: [{ kind: 'field' as const, ...field, name: null }],
    place: { x: (index % 4) * 3, y: Math.floor(index / 4) * 4, w: 3, h: 4 },
  }))
  panels.push(
    {
      ...common,
      id: 'log',
      kind: 'messages',
      title: 'As messages',
      series: [{ kind: 'messages', part, publisher: null }],
      // So high that what stands below it is out of sight.
      place: { x: 0, y: 8, w: 6, h: 60 },
    },
    {
      ...common,
      id: 'wrong',
      kind: 'line',
      title: 'Wrong',
      series: [{ kind: 'expression', name: null, text: 'a + unheard(', inputs: { a: field } }],
      place: { x: 6, y: 8, w: 6, h: 4 },
    },
    {
      ...common,
      id: 'far',
      kind: 'line',
      title: 'Far below',
      series: [{ kind: 'field', part, publisher: null, field: 'memory.used', name: null }],
      place: { x: 0, y: 68, w: 12, h: 6 },
    },
  )
  // A page of its own: what the automatic layout asked for does not count.
  await page.goto('about:blank')
  asked.length = 0
  await portal.open(`/workspace?shared=${await encodeLayoutLink({ version: 1, name: 'All kinds', panels })}`)
  for (const kind of ['line', 'area', 'stat', 'gauge', 'histogram', 'table', 'heatmap']) {
    const region = page.getByRole('region', { name: `As ${kind}`, exact: true })
    await expect(region).toBeVisible()
    await expect(region.getByText('Loading…')).toBeHidden()
    await expect(region.getByText('No values in this stretch of time')).toBeHidden()
  }
  await expect(page.getByRole('region', { name: 'As messages' }).getByText('cpu').first()).toBeVisible()
  await expect(page.getByRole('region', { name: 'Wrong' }).getByRole('alert')).toContainText(
    'Edit the panel to mend it',
  )
  const isAsked = () => asked.some((text) => text.includes('chart') && text.includes('memory.used'))
  expect(isAsked()).toBe(false)
  await page.getByRole('region', { name: 'Far below' }).scrollIntoViewIfNeeded()
  await expect.poll(isAsked).toBe(true)
  // Out of sight again: what comes in is asked for by the panels in sight, and by it no more.
  await page.getByRole('region', { name: 'As line', exact: true }).scrollIntoViewIfNeeded()
  const questions = () => asked.filter((text) => text.includes('chart.window')).length
  const hasFallenSilent = async () => {
    asked.length = 0
    await expect.poll(questions).toBeGreaterThanOrEqual(2)
    return isAsked()
  }
  await expect.poll(hasFallenSilent).toBe(false)
})
