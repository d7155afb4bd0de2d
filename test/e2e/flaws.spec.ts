import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { decodeView } from '../../shared/view-link.ts'
import { broadcast, MisbehavingPublisher } from '../integration/support/misbehaving-publisher.ts'
import { expectAccessibleInAll } from './accessible.ts'
import { expect, test } from './portal.ts'
import { keepStrangeStream } from './strange-stream.ts'

const STEP_MS = 100
const MESSAGES = 60
const SPIKE_AT = 10
/** Messages that are made and never sent. */
const WITHHELD = { from: 20, to: 30 }
/** Two seconds behind the gap: flaws are found to the second. */
const FORGED_AT = 50
const WEEK_MS = 7 * 86_400_000

async function savedAsSvg(page: Page, panel: string): Promise<string> {
  await page.getByRole('button', { name: `Menu of ${panel}`, exact: true }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save as SVG' }).click(),
  ])
  return readFile(await download.path(), 'utf8')
}

test('gaps and forged messages are seen on scrubber and overview and jumped to, no line bridges a gap, spikes survive a week, and what no schema allows is counted', async ({
  portal,
}) => {
  const { page, ready } = portal
  const stream = await keepStrangeStream(portal, 'flaws')
  const key = ready.network.fundedPrivateKey ?? ''
  const publisher = new MisbehavingPublisher(stream.part, { privateKey: key })
  const stop = stream.publishAll([{ warm: 1 }])
  try {
    // The network has carried a message: what follows arrives.
    await expect(page.getByRole('region', { name: 'Warm' })).toBeVisible({ timeout: 60_000 })
    await stop()
    const first = stream.since + 500
    const at = (index: number) => first + index * STEP_MS
    await expect.poll(() => Date.now()).toBeGreaterThan(at(MESSAGES))
    let previous: { timestamp: number; sequence: number } | undefined
    for (let index = 0; index < MESSAGES; index += 1) {
      const ref = { timestamp: at(index), sequence: 0 }
      const content = { level: index === SPIKE_AT ? 1_000 : index % 7 }
      const message = await publisher.make({ ref, previous, content })
      previous = ref
      if (index >= WITHHELD.from && index < WITHHELD.to) continue
      await broadcast(stream.client, message)
      if (index === FORGED_AT) {
        const claimed = '0x1111111111111111111111111111111111111111'
        await broadcast(stream.client, await publisher.make({ ref, publisher: claimed, content }))
      }
    }

    // Somebody who may not publish here stands in the fleet, and counts for nothing.
    await broadcast(stream.client, await new MisbehavingPublisher(stream.part).next({ level: 1 }))

    const part = encodeURIComponent(stream.part)
    await portal.open(`/fleet?part=${part}`)
    await expect(page.getByRole('row', { name: /Not permitted/ })).toBeVisible()
    await expect(page.getByRole('row', { name: /Well|Silent/ })).toBeVisible()
    await expectAccessibleInAll(page, 'fleet-of-two')
    await portal.open(`/workspace?part=${part}&field=level&from=${first - 400}&to=${at(MESSAGES) + 400}`)
    const panel = page.getByRole('region', { name: 'Level' })
    await expect(panel).toBeVisible()
    const playhead = () => decodeView(new URL(page.url()).hash.split('?')[1] ?? '').playhead
    const slider = page.getByRole('slider', { name: /^Playhead/ })
    for (const [landmark, time, words] of [
      ['g', at(WITHHELD.to), /1 gap\b/],
      ['f', at(FORGED_AT), /1 forged/],
    ] as const) {
      await page.keyboard.press('j')
      await page.keyboard.press(landmark)
      await expect.poll(playhead).toBe(Math.floor(time / 1_000) * 1_000)
      await expect(slider).toHaveAttribute('aria-valuetext', words)
    }

    const near = await savedAsSvg(page, 'Level')
    expect(near).toContain('>1000</text>')
    const [, line = ''] = /<path d="([^"]+)" fill="none" stroke="[^"]+" stroke-width="1.5"/.exec(near) ?? []
    expect(line.match(/M/g)).toHaveLength(2)

    await portal.open(
      `/workspace?part=${part}&field=level&from=${first - WEEK_MS}&to=${at(MESSAGES) + WEEK_MS / 100}`,
    )
    await panel.getByRole('application').focus()
    const card = panel.getByRole('status').filter({ hasText: 'seq' })
    // The messages are of a few seconds, but these may be the last of one bucket and the first of the next.
    await expect(async () => {
      await page.keyboard.press('ArrowLeft')
      await expect(card).toContainText(/messages in/, { timeout: 3_000 })
      await expect(card).toContainText(/to 1,?000/, { timeout: 1_000 })
    }).toPass()

    await portal.open('/')
    const row = page.getByRole('row').filter({ hasText: stream.id.split('/')[1] ?? '' })
    await expect(row.getByRole('img', { name: /with 1 gap$/ })).toBeVisible()
    await row.getByTitle('What is missing, and what is done about it').click()
    const details = page.getByRole('dialog', { name: 'Stream details' })
    await expect(details).toContainText('Before')
    await page.keyboard.press('Escape')
    await expect(details).toBeHidden()

    // A schema that comes later is held to what is stored: the spike alone is not what it allows.
    const schema = { properties: { level: { maximum: 900 } } }
    await stream.client.setStreamMetadata(stream.id, { partitions: 1, schema })
    await row.getByRole('link', { name: '1 not by schema' }).click()
    const list = page.getByRole('grid', { name: 'Messages' })
    await expect(list.getByRole('gridcell', { name: '{"level":1000}' })).toHaveCount(1)
    await portal.open(
      `/workspace?part=${part}&field=level&from=${first - 400}&to=${at(MESSAGES) + 400}&at=${at(SPIKE_AT)}`,
    )
    await expect(slider).toHaveAttribute('aria-valuetext', /1 not by schema/)
  } finally {
    await stop()
    await stream.leave()
  }
})
