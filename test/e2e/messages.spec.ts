import { expect, test } from './portal.ts'

test('new messages come on top while the list is followed, and wait while it is read further down', async ({
  portal,
}) => {
  const { page } = portal
  await portal.open('/messages')
  const grid = page.getByRole('grid', { name: 'Messages' })
  const first = grid.getByRole('row').nth(1)
  const before = await first.textContent()
  await expect(page.getByText('Following', { exact: true })).toBeVisible()
  await expect.poll(() => first.textContent()).not.toBe(before)

  await grid.hover()
  await page.mouse.wheel(0, 300)
  await expect(page.getByText('Held', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: /\d new/ }).click()
  await expect(page.getByText('Following', { exact: true })).toBeVisible()
})

test('rows are walked by arrow keys, and the inspector walks along', async ({ portal }) => {
  const { page } = portal
  const until = Date.now()
  await portal.open(`/messages?from=${until - 120_000}&to=${until}`)
  const grid = page.getByRole('grid', { name: 'Messages' })
  await expect(grid.getByRole('row').nth(3)).toBeVisible()
  await grid.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  const inspector = page.getByRole('complementary', { name: 'Inspector' })
  const time = inspector.locator('article time').first()
  await expect(time).toBeVisible()
  const newest = await time.textContent()
  await page.keyboard.press('ArrowDown')
  await expect(time).not.toHaveText(newest ?? '')
  await page.keyboard.press('Escape')
  await expect(inspector).toBeHidden()
})

test('filters by text, publisher and verdict stand in the address', async ({ portal }) => {
  const { page } = portal
  await portal.open('/messages')
  await page.getByLabel('Text in content, publisher or digest').fill('eventLoop')
  await page.getByRole('button', { name: 'Forged' }).click()
  await expect(page.getByText('No messages here')).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Forged' })).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('button', { name: 'Forged' }).click()
  await expect(page.getByRole('grid', { name: 'Messages' }).getByRole('row').nth(1)).toContainText('Verified')
})

test('fields become columns', async ({ portal }) => {
  const { page } = portal
  await portal.open('/messages')
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByLabel('Search fields').fill('memory.used')
  await page.getByRole('checkbox', { name: /memory\.used/ }).check()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('columnheader', { name: 'memory.used' })).toBeVisible()
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toContainText(/\d(\.\d)? [GM]B/)
})
