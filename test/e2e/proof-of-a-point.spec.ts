import { readFileSync, writeFileSync } from 'node:fs'
import { runNode } from '../support/portal-process.ts'
import { expect, pictureOf, test } from './portal.ts'

const verify = (file: string) => runNode('electron/cli.ts', ['verify', file])

test('a live chart moves by itself', async ({ portal }) => {
  const panel = await portal.openWorkspace()
  const canvas = panel.locator('canvas').nth(1)
  const before = await pictureOf(canvas)
  await expect.poll(() => pictureOf(canvas)).not.toBe(before)
})

test('a point on a live chart leads to a proof that verifies offline, and a flipped byte breaks it', async ({
  portal,
}, testInfo) => {
  const { page } = portal
  const panel = await portal.openWorkspace()
  const chart = panel.getByRole('application')
  const box = await chart.boundingBox()
  if (box === null) throw new Error('the chart is not on screen')
  // Any place will do: a click means the message nearest to it.
  await page.mouse.click(box.x + box.width - 24, box.y + box.height / 2)

  const inspector = page.getByRole('complementary', { name: 'Inspector' })
  await expect(inspector.getByText('Verified', { exact: true })).toBeVisible()
  const signature = inspector.getByRole('button', { name: /^Signature/ })
  await expect(signature).toHaveAttribute('aria-expanded', 'true')
  await expect(inspector.locator('dt', { hasText: 'Signer' }).locator('..')).toContainText(portal.address)
  await expect(inspector.getByText('"cpu"', { exact: true })).toBeVisible()

  const downloading = page.waitForEvent('download')
  await inspector.getByRole('button', { name: 'Export proof' }).click()
  const proof = testInfo.outputPath('proof.json')
  await (await downloading).saveAs(proof)
  expect(await verify(proof)).toMatchObject({ code: 0 })

  const good = readFileSync(proof, 'utf8')
  const raw = /"(?:raw|rawHex|message)[^"]*"\s*:\s*"([^"]{64,})"/.exec(good)?.[1]
  if (raw === undefined) throw new Error('the proof holds no raw message')
  const middle = Math.floor(raw.length / 2)
  const flipped = `${raw.slice(0, middle)}${raw[middle] === '0' ? '1' : '0'}${raw.slice(middle + 1)}`
  const forged = testInfo.outputPath('forged.json')
  writeFileSync(forged, good.replace(raw, flipped))
  const refusal = await verify(forged)
  expect(refusal.code).toBe(1)
  expect(`${refusal.stdout}${refusal.stderr}`).toMatch(/not|differ|does/)
})

test('a link to a message opens its evidence again', async ({ portal }) => {
  const { page } = portal
  await portal.open('/messages')
  const grid = page.getByRole('grid', { name: 'Messages' })
  await grid.getByRole('row').nth(3).click()
  const inspector = page.getByRole('complementary', { name: 'Inspector' })
  await expect(inspector.getByText('Verified', { exact: true })).toBeVisible()
  const sentence = await inspector.locator('article p').first().textContent()
  await page.reload()
  await expect(inspector.locator('article p').first()).toHaveText(sentence ?? '')
})
