import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamPermission } from '@streamr/sdk'
import { createSecondClient } from '../support/second-client.ts'
import { expect, test } from './portal.ts'

const MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script>'
const TURNED = 'invoice\u202Efdp.exe\u202C\u0000\u200B'
const LONG = 'x'.repeat(10_000)

/** Words of a stranger in every place that a stream's words reach: keys, values, descriptions. */
const CONTENT = {
  [MARKUP]: 1.5,
  [TURNED]: 2.5,
  [LONG.slice(0, 200)]: 3.5,
  'a.b': 4.5,
  __proto__x: 5.5,
  text: MARKUP,
  // A row shows the fields of contents up to 4 kB; of longer ones their beginning.
  long: LONG.slice(0, 3_000),
  huge: 1e300,
  tiny: 1e-300,
  nothing: null,
}

test('a stranger publishes markup, turned and endless words, and all of it is shown as text', async ({
  portal,
}) => {
  const { page, ready } = portal
  const client = await createSecondClient(ready.network, ready.network.fundedPrivateKey ?? '')
  let publishing = true
  try {
    const id = `/hostile-${randomBytes(4).toString('hex')}`
    const stream = await client.createStream({ id, description: `${MARKUP} ${TURNED}` } as never)
    await client.grantPermissions(stream.id, { public: true, permissions: ['subscribe' as StreamPermission] })

    await portal.open('/')
    await page.keyboard.press('n')
    const dialog = page.getByRole('dialog', { name: 'Subscribe to a stream' })
    await dialog.getByLabel('Stream id, or a part of its name').fill(stream.id)
    await expect(dialog.getByRole('region', { name: 'Streams found' })).toContainText(MARKUP)
    await dialog.getByRole('button', { name: 'Subscribe', exact: true }).click()
    await expect(page.getByRole('heading', { level: 1 })).toContainText(MARKUP)

    const publish = async () => {
      while (publishing) {
        await client.publish(stream.id, CONTENT)
        await sleep(300)
      }
    }
    const published = publish()
    await expect(page.getByRole('region', { name: MARKUP, exact: true })).toBeVisible({ timeout: 60_000 })
    await expect(page.locator('bdi', { hasText: 'invoice␣fdp.exe' }).first()).toBeVisible()

    await page.keyboard.press('3')
    const row = page.getByRole('grid', { name: 'Messages' }).getByRole('row').nth(1)
    await expect(row).toContainText('onerror=alert(1)')
    await row.click()
    await expect(page.getByRole('complementary', { name: 'Inspector' })).toContainText('onerror=alert(1)')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('checkbox', { name: /^text/ }).check()
    await page.keyboard.press('Escape')
    await expect(row).toContainText(MARKUP)

    await page.keyboard.press('1')
    await expect(page.getByRole('row', { name: /onerror/ })).toContainText('verified')
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('dialog', { name: 'Search and commands' })).toContainText(MARKUP)
    expect(await page.locator('img[src="x"], script:not([src])').count()).toBe(0)
    publishing = false
    await published
  } finally {
    publishing = false
    await client.destroy()
  }
})
