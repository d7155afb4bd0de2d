import { expect, test } from './portal.ts'

test.skip(process.platform === 'win32', 'Windows has no signal that makes a process stand still')

test('a node that stands still is told, what was seen stays, and the portal finds its way back by itself', async ({
  portal,
}) => {
  const { page } = portal
  const { pid } = portal.ready
  await portal.open('/messages')
  const first = page.getByRole('grid', { name: 'Messages' }).getByRole('row').nth(1)
  await expect(first).toBeVisible()
  const banner = page.getByRole('alert').filter({ hasText: 'The node has not answered' })
  process.kill(pid, 'SIGSTOP')
  try {
    await expect(banner).toContainText('what is stored is safe', { timeout: 45_000 })
    await expect(first).toBeVisible()
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await expect(banner).toBeHidden({ timeout: 45_000 })
  const seen = await first.textContent()
  await expect.poll(() => first.textContent()).not.toBe(seen)
})
