import { dirname, join } from 'node:path'
import type { Page } from '@playwright/test'
import { readDeepLink } from '../../electron/desktop/deep-link.ts'
import { logLink } from '../../shared/log-link.ts'
import type { LogRef } from '../../shared/remote-log.ts'
import { apiOfPortal } from '../support/joining-portal.ts'
import { chooseTheme, expectAccessible, THEMES } from './accessible.ts'
import { expect, type Portal, test } from './portal.ts'

/** Publishes this machine's telemetry under a name; publishing it a second time changes nothing. */
async function publish({ page, open }: Portal, name: string): Promise<void> {
  await open('/remote-log')
  await page.getByRole('button', { name: 'Publish a stream' }).click()
  const dialog = page.getByRole('dialog', { name: 'Publish a stream' })
  await dialog.getByPlaceholder('Choose one that this node keeps').click()
  await page.getByRole('option', { name: /This machine/ }).click()
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(dialog).toBeHidden()
  // Its head leads to messages: whoever looks at it sees some.
  await expect(publishedOn(page)).toContainText('bafkrei')
}

const publishedOn = (page: Page) => page.getByRole('region', { name: 'Published', exact: true })

for (const theme of THEMES) {
  test(`the page and its dialogs are accessible before the first log, in ${theme}`, async ({ portal }) => {
    const { page } = portal
    await chooseTheme(page, theme)
    await portal.open('/remote-log')
    await expect(page.getByText('No node is paired.')).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Publish a stream' }).click()
    await expect(page.getByRole('dialog', { name: 'Publish a stream' })).toBeVisible()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Restore or follow' }).click()
    await expect(page.getByLabel('Name of the log')).toBeVisible()
    await expectAccessible(page)
  })
}

test('a stream is published under a name, verified, backed up, and its messages cite it', async ({
  portal,
}) => {
  const { page } = portal
  await publish(portal, 'machine-log')
  const published = publishedOn(page)
  await expect(published).toContainText('machine-log')
  await expect(published).toContainText('bafkrei')

  await published.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: 'Verify all of it…' }).click()
  const verifying = page.getByRole('dialog', { name: 'Verifying a log' })
  await expect(verifying).toContainText('Whole and good.')
  await verifying.getByRole('button', { name: 'Close' }).last().click()

  await published.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: 'Back up to a file…' }).click()
  const backingUp = page.getByRole('dialog', { name: 'Backing up a log' })
  await expect(backingUp).toContainText('Written.')
  await backingUp.getByRole('button', { name: 'Close' }).last().click()
  const backups = page.getByRole('region', { name: /^Backups/ })
  await expect(backups).toContainText('machine-log-')
  await backups.getByRole('button', { name: 'Restore', exact: true }).first().click()
  const restoring = page.getByRole('dialog', { name: 'Restoring a backup' })
  await expect(restoring).toContainText('Restored in full.')
  await restoring.getByRole('button', { name: 'Close' }).last().click()

  await published.getByRole('link', { name: 'machine-log' }).click()
  const head = page.getByRole('region', { name: /^Head of/ })
  await head.getByRole('row').nth(2).getByRole('link').click()
  const inspector = page.getByRole('complementary', { name: 'Inspector' })
  await inspector.getByRole('button', { name: /^Remote log/ }).click()
  await expect(inspector).toContainText('machine-log')
})

for (const theme of THEMES) {
  test(`the page is accessible with a log, its head, and an invitation, in ${theme}`, async ({ portal }) => {
    const { page } = portal
    await chooseTheme(page, theme)
    await publish(portal, 'machine-log')
    await publishedOn(page).getByRole('link', { name: 'machine-log' }).click()
    await expect(
      page
        .getByRole('region', { name: /^Head of/ })
        .getByRole('row')
        .nth(1),
    ).toBeVisible()
    await page.getByRole('button', { name: 'Show a code' }).click()
    await expect(page.getByText('Good once, until')).toBeVisible()
    await expectAccessible(page)
  })
}

test('a name that leads nowhere is said with what to do, and does not stay on the list', async ({
  portal,
}) => {
  const { page } = portal
  await portal.open('/remote-log')
  await page.getByRole('button', { name: 'Restore or follow' }).click()
  const asking = page.getByRole('dialog', { name: 'Restore or follow a log' })
  await asking.getByLabel('Name of the log').fill('no-such-log')
  await asking.getByRole('button', { name: 'Restore', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Restoring a log' })
  await expect(dialog).toContainText('Nothing is published under the name no-such-log')
  await expect(dialog).toContainText('Check the name')
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(page.getByRole('region', { name: 'Read', exact: true })).toBeHidden()
})

/** Opens a `tidemark://` link as the desktop passes it to the portal. */
async function follow({ open }: Portal, link: string): Promise<void> {
  const command = readDeepLink(link)
  if (command === null) throw new Error('The desktop takes this for no link of ours.')
  await open(command.path)
}

test('a tidemark:// link to a log, to a page of it and to a message opens just that', async ({ portal }) => {
  const { page, ready } = portal
  const { api, close } = await apiOfPortal(ready, join(dirname(ready.dataDir), 'state'))
  const part = ready.streams.find((stream) => stream.includes('/machine')) ?? ''
  const ref: LogRef = { name: 'linked-log', keeper: { kind: 'embedded' } }
  await api.remoteLog.publish.mutate({ part, ...ref, mode: 'full', pageSize: 2, embedNewest: 1 })
  const pageBefore = async (address: string | null) =>
    (await api.remoteLog.inspect.query({ ...ref, address }).catch(() => null))?.tail ?? null
  await expect.poll(() => pageBefore(null)).not.toBeNull()
  const closed = await pageBefore(null)
  const { entries } = await api.remoteLog.inspect.query({ ...ref, address: closed })
  const entry = entries.at(-1)?.message ?? ''
  await close()

  await follow(portal, logLink({ ref, page: null, entry: null }))
  await expect(page.getByRole('region', { name: 'Head of linked-log' })).toBeVisible()
  const inspected = page.getByRole('region', { name: 'Page of linked-log' })
  await follow(portal, logLink({ ref, page: closed, entry: null }))
  await expect(inspected).toContainText(closed?.slice(0, 10) ?? 'none')
  await expect(inspected.locator('[aria-current]')).toHaveCount(0)
  await follow(portal, logLink({ ref, page: closed, entry }))
  await expect(inspected.locator('tr[aria-current]')).toContainText(entry.slice(0, 8))
  await expectAccessible(page)

  // A message that has moved on from the head is looked for on the pages before.
  await follow(portal, logLink({ ref, page: null, entry }))
  const head = page.getByRole('region', { name: 'Head of linked-log' })
  await expect(head.getByRole('status')).toContainText('The message of the link is not on this page.')
  await head.getByRole('status').getByRole('link', { name: 'the page before' }).click()
  await expect(inspected).toBeVisible()
  expect(page.url()).toContain(entry)
})

test('a tidemark:// link that leads nowhere, or not where it was meant to, says so', async ({ portal }) => {
  const { page } = portal
  for (const link of ['tidemark://elsewhere/x', 'tidemark://open/a/b', 'tidemark://open/no-such-place']) {
    await follow(portal, link)
    await expect(page.getByText('There is no such place here')).toBeVisible()
  }
  const alert = page.getByRole('alert')
  await follow(portal, 'tidemark://open/remote-log?log=two%20words')
  await expect(alert).toContainText('The link names no log that can be read.')
  const cut = logLink({
    ref: { name: 'linked-log', keeper: { kind: 'embedded' } },
    page: `bafkrei${'a'.repeat(52)}`,
    entry: null,
  })
  await follow(portal, cut.slice(0, -5))
  await expect(alert).toContainText('Below is what its name leads to.')
  await expect(page.getByRole('region', { name: 'Head of linked-log' })).toBeVisible()
  await expectAccessible(page)
  // Of a page that nobody has, the page itself says so.
  await follow(portal, cut)
  await expect(page.getByText('This page cannot be had')).toBeVisible()
})

test('a link of another node opens the dialog that asks, and pairs nothing by itself', async ({ portal }) => {
  const { page } = portal
  const link =
    'tidemark://pair?code=7K3Q-9XTF&at=/ip4/127.0.0.1/tcp/9/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo'
  await portal.open(`/remote-log?pair=${encodeURIComponent(link)}`)
  const dialog = page.getByRole('dialog', { name: 'Pair with another node of yours' })
  await expect(dialog.getByLabel('Link the other node shows')).toHaveValue(link)
  await dialog.getByRole('button', { name: 'Pair', exact: true }).click()
  await expect(dialog).toContainText('The other node cannot be reached.')
})
