import type { Page } from '@playwright/test'
import { decodeView } from '../../shared/view-link.ts'
import { expect, test } from './portal.ts'

/** At ten times the speed this lasts for a reload in the middle. */
const LEAST_HISTORY_S = 150

function viewOf(page: Page) {
  return decodeView(new URL(page.url()).hash.split('?')[1] ?? '')
}

async function playheadOf(page: Page): Promise<number> {
  return Number(
    await page
      .getByRole('slider', { name: 'Playhead in the history of this stream' })
      .getAttribute('aria-valuenow'),
  )
}

test('an earlier minute replays at 10x, and goes on from where it was after a reload', async ({ portal }) => {
  const { page } = portal
  await portal.openWorkspace()
  // Enough history to be in the middle of it for a while.
  test.setTimeout(LEAST_HISTORY_S * 1_000 + 120_000)
  const health = async () =>
    (await (await page.request.get(`${portal.ready.url}/health`)).json()) as { uptimeS: number }
  await expect
    .poll(async () => (await health()).uptimeS, { timeout: LEAST_HISTORY_S * 1_000 + 10_000 })
    .toBeGreaterThanOrEqual(LEAST_HISTORY_S)

  await page.getByRole('button', { name: /^Speed/ }).click()
  await page.getByRole('menuitem', { name: '10×', exact: true }).click()
  await page.getByRole('button', { name: 'To the beginning' }).click()
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible()
  const start = await playheadOf(page)
  await expect.poll(() => playheadOf(page)).toBeGreaterThan(start + 5_000)
  await expect.poll(() => viewOf(page).playing).toBe(true)

  await page.reload()
  const reloaded = viewOf(page)
  expect(reloaded).toMatchObject({ playing: true, speed: 10 })
  expect(reloaded.playhead).toBeGreaterThan(start)
  await expect(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible()
  await expect.poll(() => playheadOf(page)).toBeGreaterThan((reloaded.playhead ?? 0) + 5_000)
  // It is still the past: nobody was thrown back to live.
  expect(await playheadOf(page)).toBeLessThan(Date.now() - 5_000)

  await page.getByRole('button', { name: 'LIVE', exact: true }).click()
  await expect.poll(() => viewOf(page).range.kind).toBe('live')
})

test('messages are stepped one by one from the keyboard', async ({ portal }) => {
  const { page } = portal
  await portal.openWorkspace()
  await page.keyboard.press('Space')
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible()
  await page.keyboard.press(',')
  await expect.poll(() => viewOf(page).playhead).not.toBeNull()
  await expect
    .poll(async () => {
      const at = viewOf(page).playhead
      await page.keyboard.press(',')
      await expect.poll(() => viewOf(page).playhead).not.toBe(at)
      return (at ?? 0) - (viewOf(page).playhead ?? 0)
    })
    .toBeGreaterThan(500)
})
