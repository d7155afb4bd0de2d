import { readFile } from 'node:fs/promises'
import type { Browser, BrowserContext } from '@playwright/test'
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
 * not count. The heap is the page's own; pictures and the worker that paints them are in the memory of the browser's
 * process, looked at beside it.
 */
export async function memoryOfHours(
  host: RenderHost,
  context: BrowserContext,
): Promise<Record<string, number>> {
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
  const processes: number[] = []
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
    processes.push(await processMB(context.browser()))
  }
  await page.close()
  const heapStartMB = heaps[LOOKS / 2] ?? Number.NaN
  const heapEndMB = heaps.at(-1) ?? Number.NaN
  const processStartMB = processes[LOOKS / 2] ?? Number.NaN
  const processEndMB = processes.at(-1) ?? Number.NaN
  return {
    ...{ heapStartMB, heapEndMB, heapGrowthMB: heapEndMB - heapStartMB },
    ...(Number.isNaN(processStartMB)
      ? {}
      : { processStartMB, processEndMB, processGrowthMB: processEndMB - processStartMB }),
  }
}

/** Resident memory of the browser's largest page, workers and pictures included; NaN where the system does not tell. */
async function processMB(browser: Browser | null): Promise<number> {
  if (browser === null || process.platform !== 'linux') return Number.NaN
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as {
    processInfo: { type: string; id: number }[]
  }
  await session.detach()
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(async ({ id }) => {
      const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1_024
    })
  const known = (await Promise.all(sizes)).filter((size) => !Number.isNaN(size))
  return known.length === 0 ? Number.NaN : Math.max(...known)
}
