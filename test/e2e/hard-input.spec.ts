import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamPermission } from '@streamr/sdk'
import type { Layout, PanelKind } from '../../shared/layout.ts'
import { encodeLayoutLink } from '../../shared/layout-link.ts'
import { createSecondClient } from '../support/second-client.ts'
import { expect, test } from './portal.ts'

const NAMES = { '👩‍🚀 crew': 1.25, שלום: 2.25, '<b>bold</b>': 3.25, ['n'.repeat(10_000)]: 4.25 }
/** One field after the other as everything that JSON has, and numbers at the ends of what there is. */
const CHANGES = [
  { changing: 1, huge: 1.7e308, tiny: 5e-324, nothing: null, ...NAMES },
  { changing: 'one', huge: -1.7e308, tiny: 0, nothing: null },
  { changing: true, huge: 1.7e308, tiny: 5e-324 },
  { changing: null, huge: null },
  { changing: { deeper: { still: 1 } }, huge: 'a word' },
  { changing: [1, 'two', null] },
]
const MANY = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, index]))

test('fields that change type, numbers at the ends of what there is, ten thousand fields and names of any kind are drawn as what they are', async ({
  portal,
}) => {
  const { page, ready } = portal
  const client = await createSecondClient(ready.network, ready.network.fundedPrivateKey ?? '')
  let publishing = true
  try {
    const stream = await client.createStream({ id: `/hard-${randomBytes(4).toString('hex')}` })
    await client.grantPermissions(stream.id, { public: true, permissions: ['subscribe' as StreamPermission] })
    await portal.open('/')
    await page.keyboard.press('n')
    const dialog = page.getByRole('dialog', { name: 'Subscribe to a stream' })
    await dialog.getByLabel('Stream id, or a part of its name').fill(stream.id)
    await dialog.getByRole('button', { name: 'Subscribe', exact: true }).click()
    await expect(dialog).toBeHidden()
    const publish = async () => {
      for (let count = 0; publishing; count += 1) {
        await client.publish(stream.id, CHANGES[count % CHANGES.length] ?? {})
        if (count % 12 === 5) await client.publish(stream.id, MANY)
        // No number, and no JSON either.
        if (count % 12 === 7) await client.publish(stream.id, new TextEncoder().encode('{"huge":NaN}'))
        await sleep(200)
      }
    }
    const published = publish()
    const fields = ['changing', 'huge', 'tiny', ...Object.keys(NAMES).slice(0, 3)]
      .map((field) => `field=${encodeURIComponent(field)}`)
      .join('&')
    await portal.open(`/workspace?part=${encodeURIComponent(`${stream.id}#0`)}&live=60000&${fields}`)
    for (const name of Object.keys(NAMES).slice(0, 3)) {
      await expect(page.getByRole('region', { name, exact: true })).toBeVisible({ timeout: 60_000 })
    }
    const huge = page.getByRole('region', { name: 'Huge', exact: true })
    await huge.getByRole('application').focus()
    const card = huge.getByRole('status')
    await expect
      .poll(async () => {
        await page.keyboard.press('ArrowLeft')
        return (await card.allTextContents()).join()
      })
      .toMatch(/1\.7e\+308/)
    // Of ten thousand fields as many are offered as are indexed, and the list says so.
    await page.keyboard.press('f')
    await page.getByLabel('Search fields').fill('f1')
    await expect(page.getByRole('dialog', { name: 'Choose fields' }).getByRole('status')).toHaveText(
      /chosen, \d+ found/,
    )
    await expect(page.getByRole('checkbox', { name: /^f1/ }).first()).toBeVisible()
    await page.keyboard.press('Escape')

    await page.keyboard.press('3')
    const grid = page.getByRole('grid', { name: 'Messages' })
    const many = grid.getByRole('row').filter({ hasText: 'f0' }).first()
    await expect(many).toBeVisible()
    await many.click()
    await expect(
      page.getByRole('complementary', { name: 'Inspector' }).getByText('Verified', { exact: true }),
    ).toBeVisible()
    expect(await page.locator('main b').count()).toBe(0)
    publishing = false
    await published
  } finally {
    publishing = false
    await client.destroy()
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
  await expect(page.getByRole('alert')).toContainText('cannot be read')
  await page.getByRole('button', { name: 'Show the automatic layout' }).click()
  await expect(page.getByRole('region', { name: 'CPU' })).toBeVisible()

  await portal.open('/workspace?part=0x1111111111111111111111111111111111111111%2Fnone%230')
  await expect(page.getByRole('heading', { name: 'This node does not keep that stream' })).toBeVisible()

  const missing = `1-0-${portal.address}-${'0'.repeat(64)}-none`
  await portal.open(`/workspace?message=${missing}`)
  await expect(page.getByText('This message cannot be shown')).toBeVisible()

  await portal.open('/workspace?field=nothing.is.called.this')
  await expect(page.getByText('No values in this stretch of time').first()).toBeVisible()
  await portal.open('/workspace?from=x&to=-1&speed=9999&loop=9-1&compare=no&at=-5&play=1')
  await expect(page.getByRole('region', { name: 'CPU' })).toBeVisible()
})

test('every kind of panel is drawn from one layout, and an expression that is wrong says so in its panel', async ({
  portal,
}) => {
  const { page } = portal
  await portal.openWorkspace()
  const part = new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('part') ?? ''
  const field = { part, publisher: null, field: 'cpu.total' }
  const kinds: PanelKind[] = ['line', 'area', 'states', 'stat', 'gauge', 'histogram', 'table', 'heatmap']
  const panels: Layout['panels'] = kinds.map((kind, index) => ({
    id: `p${index}`,
    kind,
    title: `As ${kind}`,
    unit: '%',
    series: [{ kind: 'field' as const, ...field, name: null }],
    place: { x: (index % 4) * 3, y: Math.floor(index / 4) * 6, w: 3, h: 6 },
    min: null,
    max: null,
  }))
  panels.push(
    {
      id: 'log',
      kind: 'messages',
      title: 'As messages',
      unit: null,
      series: [{ kind: 'messages', part, publisher: null }],
      place: { x: 0, y: 12, w: 6, h: 6 },
      min: null,
      max: null,
    },
    {
      id: 'wrong',
      kind: 'line',
      title: 'Wrong',
      unit: null,
      series: [{ kind: 'expression', name: null, text: 'a + unheard(', inputs: { a: field } }],
      place: { x: 6, y: 12, w: 6, h: 6 },
      min: null,
      max: null,
    },
  )
  await portal.open(`/workspace?shared=${await encodeLayoutLink({ version: 1, name: 'All kinds', panels })}`)
  for (const kind of ['line', 'area', 'stat', 'gauge', 'histogram', 'table', 'heatmap']) {
    const region = page.getByRole('region', { name: `As ${kind}`, exact: true })
    await expect(region).toBeVisible()
    await expect(region.getByText('Loading…')).toBeHidden()
    await expect(region.getByText('No values in this stretch of time')).toBeHidden()
  }
  await expect(page.getByRole('region', { name: 'As stat' })).toContainText('%')
  await expect(page.getByRole('region', { name: 'As messages' }).getByText('cpu').first()).toBeVisible()
  await expect(page.getByRole('region', { name: 'Wrong' }).getByRole('alert')).toContainText(
    'Edit the panel to mend it',
  )
})
