import { readFile } from 'node:fs/promises'
import { verifyEvidenceFile } from '../../electron/node/provenance/verify-evidence.ts'
import { expect, test } from './portal.ts'

test('an audit is begun, read, and taken away as a report that checks offline', async ({ portal }) => {
  const { page } = portal
  await portal.open('/audit')
  const again = page.getByRole('button', { name: 'New audit' })
  await expect(again.or(page.getByRole('button', { name: 'Begin audit' })).first()).toBeVisible()
  if (await again.isVisible()) await again.click()
  await page.getByRole('button', { name: 'Begin audit' }).click()
  const sheet = page.getByRole('region', { name: 'Audit' })
  await expect(sheet.getByText('Merkle root of the verified')).toBeVisible()

  await sheet.getByText(/^Contributions/).click()
  await expect(sheet.getByRole('row')).toHaveCount(2)
  await sheet.getByText(/^Chains/).click()
  await expect(sheet.getByRole('cell', { name: 'Complete' }).first()).toBeVisible()

  await page.getByRole('button', { name: 'Report', exact: true }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /JSON/ }).click()
  const report = await readFile(await (await download).path())
  expect(verifyEvidenceFile(report)).toMatchObject({ outcome: 'good' })
})
