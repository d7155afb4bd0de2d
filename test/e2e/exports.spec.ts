import { readFile } from 'node:fs/promises'
import { parquetReadObjects } from 'hyparquet'
import { expect, test } from './portal.ts'

async function exportAs(page: import('@playwright/test').Page, format: string): Promise<Buffer> {
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Export messages' })
  await dialog.getByText(format, { exact: true }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Export', exact: true }).click(),
  ])
  await expect(dialog.getByText('Where it comes from')).toBeVisible()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(dialog).toBeHidden()
  return readFile(await download.path())
}

test('what is listed is exported, as it is filtered, in each format', async ({ portal }) => {
  const { page } = portal
  const rows = page.getByRole('grid', { name: 'Messages' }).getByRole('row')
  // On a busy machine the first messages take their time, and a range that has ended gets no more.
  await portal.open('/messages')
  await expect(rows.nth(1)).toBeVisible()
  const to = Date.now()
  await portal.open(`/messages?from=${to - 60_000}&to=${to}&column=memory.used&where=above:memory.used:0`)
  await expect(rows.nth(1)).toBeVisible()

  const csv = (await exportAs(page, 'CSV')).toString().trimEnd().split('\r\n')
  expect(csv[0]).toBe(
    'time,timestamp_ms,sequence,publisher,chain,verdict,reason,content.memory.used,equivocation,encrypted,size_bytes,received_ms,source,digest',
  )
  expect(csv[1]).toContain('verified,signed-and-permitted,')

  const lines = (await exportAs(page, 'JSON lines')).toString().trimEnd().split('\n')
  expect(lines).toHaveLength(csv.length - 1)
  expect(JSON.parse(lines[0] ?? '').fields['memory.used']).toBeGreaterThan(0)

  const parquet = await exportAs(page, 'Parquet')
  const read = await parquetReadObjects({ file: new Uint8Array(parquet).buffer })
  expect(read).toHaveLength(lines.length)
  expect(read[0]?.['content.memory.used']).toBe(JSON.parse(lines[0] ?? '').fields['memory.used'])
})

test('an export that is cancelled says that its file is not whole, and another one can be made', async ({
  portal,
}) => {
  const { page } = portal
  await portal.open('/messages')
  await expect(page.getByRole('grid', { name: 'Messages' }).getByRole('row').nth(1)).toBeVisible()
  // The browser does not ask for the file yet, so that there is time to think better of it.
  const press = await page.evaluateHandle(`(() => {
    const { click } = HTMLAnchorElement.prototype
    HTMLAnchorElement.prototype.click = () => undefined
    return () => { HTMLAnchorElement.prototype.click = click }
  })()`)
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Export messages' })
  await dialog.getByRole('button', { name: 'Export', exact: true }).click()
  await expect(dialog.getByRole('status')).toContainText('Waiting for the download to begin')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog.getByRole('status')).toContainText('Cancelled; what was saved is not whole')
  await press.evaluate((letIt) => (letIt as () => void)())
  await dialog.getByRole('button', { name: 'Another one' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Export', exact: true }).click(),
  ])
  await expect(dialog.getByText('Where it comes from')).toBeVisible()
  expect((await readFile(await download.path())).length).toBeGreaterThan(0)
})

test('a search says how much it looked through, and messages say what changed', async ({ portal }) => {
  const { page } = portal
  await portal.open('/messages?text=memory&changes=1')
  await expect(page.getByText(/scanned \d/)).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'Changes since the one before' })).toBeVisible()
  await expect(page.getByRole('gridcell', { name: /→/ }).first()).toBeVisible()
  await page.getByRole('button', { name: 'Fields', exact: true }).click()
  await page.getByRole('combobox', { name: 'Field' }).fill('memory.used')
  await page.getByLabel('Value', { exact: true }).fill('1e300')
  await page.keyboard.press('Enter')
  await expect(page.getByText('No messages here')).toBeVisible()
  await page.getByRole('button', { name: 'Clear all filters' }).click()
  await expect(page.getByRole('grid', { name: 'Messages' })).toBeVisible()
})

test('rows are chosen by keyboard and copied for a spreadsheet', async ({ portal }) => {
  const { page } = portal
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const to = Date.now()
  await portal.open(`/messages?from=${to - 60_000}&to=${to}`)
  const grid = page.getByRole('grid', { name: 'Messages' })
  await expect(grid.getByRole('row').nth(3)).toBeVisible()
  await grid.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Control+c')
  await expect(page.getByText('2 messages copied')).toBeVisible()
  const copied = await page.evaluate<string>('navigator.clipboard.readText()')
  expect(copied.split('\n')).toHaveLength(3)
})
