import { readFile, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { Page } from '@playwright/test'
import { verifyEvidenceFile } from '../../electron/node/provenance/verify-evidence.ts'
import { expect, test } from './portal.ts'

/** Chooses a line of the menu of reports and answers what is downloaded. */
async function take(page: Page, line: RegExp): Promise<Buffer> {
  await page.getByRole('button', { name: 'Report', exact: true }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: line }).click()
  return readFile(await (await download).path())
}

/** Opens the form of a new audit. On a node that has just started, the first message has to be stored. */
async function openForm(page: Page): Promise<void> {
  const again = page.getByRole('button', { name: 'New audit' })
  await expect(again.or(page.getByRole('button', { name: 'Begin audit' })).first()).toBeVisible({
    timeout: 60_000,
  })
  if (await again.isVisible()) await again.click()
}

test('an audit is begun, read, and taken away in forms that check without this node', async ({
  portal,
  context,
}, info) => {
  const { page } = portal
  await portal.open('/audit')
  await openForm(page)
  await page.getByRole('button', { name: 'Begin audit' }).click()
  const sheet = page.getByRole('region', { name: 'Audit' })
  await expect(sheet.getByText('Merkle root of the verified')).toBeVisible()

  await sheet.getByText(/^Contributions/).click()
  await expect(sheet.getByRole('row')).toHaveCount(2)
  await sheet.getByText(/^Chains/).click()
  await expect(sheet.getByRole('cell', { name: 'Complete' }).first()).toBeVisible()

  const report = await take(page, /JSON/)
  expect(verifyEvidenceFile(report)).toMatchObject({ outcome: 'good' })
  const pdf = await take(page, /PDF/)
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  if (process.env.SHOTS) await writeFile(`${process.env.SHOTS}/report.pdf`, pdf)
  const proof = await take(page, /Proof of all verified/)
  expect(verifyEvidenceFile(proof)).toMatchObject({ outcome: 'good' })

  // The page goes to somebody who has neither the node nor a network.
  const carried = info.outputPath('report.html')
  await writeFile(carried, await take(page, /HTML/))
  await context.setOffline(true)
  const stranger = await context.newPage()
  await stranger.goto(pathToFileURL(carried).href)
  await expect(stranger.locator('#verdict strong')).toContainText('Good: ')
  for (const colorScheme of ['dark', 'light'] as const) {
    await stranger.emulateMedia({ colorScheme })
    if (process.env.SHOTS)
      await stranger.screenshot({ path: `${process.env.SHOTS}/report-${colorScheme}.png`, fullPage: true })
  }
  await stranger.close()
})

test('an audit that was begun is opened, however long the list of audits takes to be read', async ({
  portal,
}) => {
  const { page } = portal
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer()
    const lists = new Set<unknown>()
    socket.onMessage((message) => {
      const { id, params } = JSON.parse(String(message)) as { id?: unknown; params?: { path?: string } }
      if (params?.path === 'audit.list') lists.add(id)
      server.send(message)
    })
    server.onMessage((message) => {
      const { id } = JSON.parse(String(message)) as { id?: unknown }
      // The first look at the page is quick; what comes after a beginning is late.
      const wait = lists.delete(id) && isLate ? 2_000 : 0
      setTimeout(() => socket.send(message), wait)
    })
  })
  let isLate = false
  await portal.open('/audit')
  await openForm(page)
  const entries = page.getByRole('navigation', { name: 'Audits' }).getByRole('listitem')
  const before = await entries.count()
  isLate = true
  await page.getByRole('button', { name: 'Begin audit' }).click()
  await expect(page.getByRole('region', { name: 'Audit' })).toBeVisible()
  // Not one of those that were there before.
  await expect(entries).toHaveCount(before + 1, { timeout: 1_000 })
  await expect(entries.first().getByRole('button')).toHaveAttribute('aria-current', 'true')
  await expect(page.getByText('Merkle root of the verified')).toBeVisible()
})

test('the messages of a list are taken away as a proof that checks offline', async ({ portal }) => {
  const { page } = portal
  await portal.open('/messages')
  await page.getByRole('button', { name: 'Proof', exact: true }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /in this list/ }).click()
  const proof = await readFile(await (await download).path())
  expect(verifyEvidenceFile(proof)).toMatchObject({
    outcome: 'good',
    statements: expect.arrayContaining([expect.stringContaining('verified messages that the maker held')]),
  })
})
