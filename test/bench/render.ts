import { type Browser, chromium, expect, type Page } from '@playwright/test'
import { browserOptions } from '../e2e/browser.ts'
import { HISTORY_START, historyEnd, PART } from './history.ts'
import { floorFrames } from './render/floor.ts'
import { countFrames, type Frames, type Gesture, percentile } from './render/frames.ts'
import { LIVE_PART, type RenderHost, startRenderHost } from './render/host.ts'
import { twentyPanels } from './render/layouts.ts'
import { memoryOfHours } from './render/memory.ts'

const MESSAGES = 10_000_000
/** With `--small`: to try the bench itself. */
const SMALL_MESSAGES = 100_000
const SECONDS = 6
const DAY_MS = 86_400_000
/** Twenty panels of a window of so much, in the middle of the history. */
const WINDOW_MS = 3 * DAY_MS

/**
 * Time from frame to frame in a real browser: of an empty page; of one chart of ten million messages that is panned
 * and zoomed; of twenty panels panned together; and of twenty live panels at 1,000 messages a second. Then the memory
 * of a page that is live for hours, from when its caches are full. `p95FrameMs` and `ratio` are of the one chart; the twenty
 * panels and the live ones have figures of their own beside it. `bareShare` is the share of charts, looked at while they
 * moved, whose picture did not fill the window: frames are not won by drawing nothing. Beside an empty page stands
 * a floor: twenty blank canvases filled and moved in each frame. Of frames that came later than one and a half of
 * sixty a second, the share is told: a percentile knows whole frames alone.
 */
export async function run(flags: readonly string[] = []): Promise<Record<string, number>> {
  const messages = flags.includes('--small') ? SMALL_MESSAGES : MESSAGES
  const host = await startRenderHost(messages)
  const browser = await chromium.launch(browserOptions())
  try {
    return await measure(host, browser, messages)
  } finally {
    await browser.close()
    await host.stop()
  }
}

async function measure(
  host: RenderHost,
  browser: Browser,
  messages: number,
): Promise<Record<string, number>> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(`${host.url}/launch?token=${host.token}`)
  const middle = (HISTORY_START + historyEnd(messages)) / 2
  const history = `part=${encodeURIComponent(PART)}&from=${Math.round(middle - WINDOW_MS / 2)}&to=${Math.round(middle + WINDOW_MS / 2)}`
  const open = async (query: string) => {
    await page.goto('about:blank')
    await page.goto(`${host.url}/#/workspace?${query}`)
    await page.getByRole('application').first().waitFor()
    await settled(page)
  }
  const empty = async () => {
    const blank = await context.newPage()
    await blank.goto('about:blank')
    const { times } = await countFrames(blank, 'nothing', SECONDS)
    await blank.close()
    return times
  }
  const all: Frames[] = []
  const count = async (...gestures: Gesture[]) => {
    const times: number[] = []
    for (const gesture of gestures) {
      const frames = await countFrames(page, gesture, SECONDS)
      all.push(frames)
      times.push(...frames.times)
    }
    return times
  }

  // The empty page before and after: what else the machine does is in both.
  const emptyTimes = await empty()
  await open(`${history}&field=cpu.load`)
  const one = await count('pan', 'zoom')
  await open(`${history}&shared=${await twentyPanels(PART)}`)
  const twenty = await count('pan', 'zoom')
  const stopLive = host.publishLive(1_000)
  await open(`part=${encodeURIComponent(LIVE_PART)}&live=60000&shared=${await twentyPanels(LIVE_PART)}`)
  const live = await count('nothing')
  await stopLive()
  emptyTimes.push(...(await empty()))
  const floor = await floorFrames(context, SECONDS)
  // The page of before is left: twenty more panels would be live beside what is looked at.
  await page.goto('about:blank')
  const memory = await memoryOfHours(host, context)

  const emptyP95FrameMs = percentile(emptyTimes, 0.95)
  const p95FrameMs = percentile(one, 0.95)
  const twentyP95FrameMs = percentile(twenty, 0.95)
  const liveP95FrameMs = percentile(live, 0.95)
  const floorP95FrameMs = percentile(floor, 0.95)
  return {
    p95FrameMs,
    emptyP95FrameMs,
    ratio: p95FrameMs / emptyP95FrameMs,
    twentyP95FrameMs,
    twentyRatio: twentyP95FrameMs / emptyP95FrameMs,
    liveP95FrameMs,
    liveRatio: liveP95FrameMs / emptyP95FrameMs,
    twentyMissedShare: missedShare(twenty),
    liveMissedShare: missedShare(live),
    floorP95FrameMs,
    twentyOverFloor: twentyP95FrameMs / floorP95FrameMs,
    liveOverFloor: liveP95FrameMs / floorP95FrameMs,
    floorMissedShare: missedShare(floor),
    twentyBareShare: sum(all.slice(2, 4), 'bare') / sum(all.slice(2, 4), 'looked'),
    bareShare: sum(all, 'bare') / sum(all, 'looked'),
    ...memory,
  }
}

/** Sixty frames a second, and half a frame's grace. */
const LATE_MS = 1_500 / 60

function missedShare(times: readonly number[]): number {
  return times.filter((time) => time > LATE_MS).length / times.length
}

function sum(all: readonly Frames[], key: 'looked' | 'bare'): number {
  return all.reduce((total, frames) => total + frames[key], 0)
}

/** Until every panel has what it shows, and for a moment more. */
async function settled(page: Page): Promise<void> {
  await page.waitForTimeout(500)
  // A predicate that runs in the page would need eval, which the portal's Content Security Policy forbids.
  await expect.poll(() => page.getByText('Loading…').count(), { timeout: 60_000 }).toBe(0)
  await page.waitForTimeout(1_500)
}
