import type { WebSocketRoute } from '@playwright/test'
import { expect, test } from './portal.ts'

test('a lost connection is told, what was seen stays, and the portal finds its way back by itself', async ({
  portal,
}) => {
  const { page } = portal
  let isCut = false
  const open = new Set<WebSocketRoute>()
  await page.routeWebSocket(/\/api$/, (socket) => {
    if (isCut) {
      void socket.close()
      return
    }
    socket.connectToServer()
    open.add(socket)
  })
  await portal.open('/messages')
  const first = page.getByRole('grid', { name: 'Messages' }).getByRole('row').nth(1)
  await expect(first).toBeVisible()

  isCut = true
  for (const socket of open) await socket.close()
  const banner = page.getByRole('alert').filter({ hasText: 'The node has not answered' })
  await expect(banner).toContainText('what is stored is safe')
  await expect(first).toBeVisible()

  isCut = false
  await expect(banner).toBeHidden({ timeout: 30_000 })
  const seen = await first.textContent()
  await expect.poll(() => first.textContent()).not.toBe(seen)
})
