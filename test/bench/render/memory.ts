import type { BrowserContext } from '@playwright/test'
import { LIVE_PART, type RenderHost } from './host.ts'
import { twentyPanels } from './layouts.ts'

const HOUR_MS = 3_600_000
/** The caches are full after less than half of it; from then on memory is to stay level. */
const HOURS = 6
const RUN_MS = HOURS * HOUR_MS
/** So many simulated seconds go by in a real one. */
const HASTE = 300
/** Messages of a simulated second. */
const PER_SECOND = 10
const BATCHES_PER_SECOND = 4
/** Memory is looked at so often within the hour. */
const LOOKS = 6

/**
 * Memory of a page with twenty live panels, from when what it keeps for looking back has reached its bound to three
 * hours later: the clock of the page runs fast, and six hours' messages come in. What the garbage collector can free does
 * not count.
 */
export async function memoryOfHours(
  host: RenderHost,
  context: BrowserContext,
): Promise<{ heapStartMB: number; heapEndMB: number; heapGrowthMB: number }> {
  const realStart = Date.now()
  const start = realStart - RUN_MS
  const page = await context.newPage()
  await page.addInitScript(
    ({ realStart, start, haste }) => {
      const now = Date.now.bind(Date)
      Date.now = () => start + (now() - realStart) * haste
    },
    { realStart, start, haste: HASTE },
  )
  await page.goto(
    `${host.url}/#/workspace?part=${encodeURIComponent(LIVE_PART)}&live=300000&shared=${await twentyPanels(LIVE_PART)}`,
  )
  const session = await context.newCDPSession(page)
  const heapMB = async () => {
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number }
    return usedSize / 2 ** 20
  }
  const heaps: number[] = []
  let stored = start
  for (let look = 0; look < LOOKS; look += 1) {
    const until = start + ((look + 1) * RUN_MS) / LOOKS
    while (stored < until) {
      await new Promise((resolve) => setTimeout(resolve, 1_000 / BATCHES_PER_SECOND))
      const now = Math.min(until, start + (Date.now() - realStart) * HASTE)
      const count = Math.round(((now - stored) / 1_000) * PER_SECOND)
      if (count > 0) await host.store(stored, now, count)
      stored = now
    }
    heaps.push(await heapMB())
  }
  await page.close()
  const heapStartMB = heaps[LOOKS / 2] ?? Number.NaN
  const heapEndMB = heaps.at(-1) ?? Number.NaN
  return { heapStartMB, heapEndMB, heapGrowthMB: heapEndMB - heapStartMB }
}
