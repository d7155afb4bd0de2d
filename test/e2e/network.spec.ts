import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Page } from '@playwright/test'
import { readDeepLink } from '../../electron/desktop/deep-link.ts'
import { shortenMiddle } from '../../shared/format/identifier.ts'
import { parseStreamPartId } from '../../shared/message.ts'
import type { ReadyLine } from '../../shared/node-status.ts'
import { apiOfPortal, startJoiningPortal } from '../support/joining-portal.ts'
import type { PortalProcess } from '../support/portal-process.ts'
import { chooseTheme, expectAccessible, THEMES } from './accessible.ts'
import { expect, test } from './portal.ts'

/** A second portal starts on the network of the first and learns all of it. */
const START_TIMEOUT_MS = 240_000
/** An announcement is due within seconds, and heard with the next look at the peers. */
const HEARD_TIMEOUT_MS = 60_000

let folder: string | undefined
let other: PortalProcess | undefined
/** Where the other node is reached, as its own page shows it. */
let otherAt: string
/** The other node's Streamr address, as tables show it. */
let otherName: string

const ready = JSON.parse(process.env.TIDEMARK_E2E_READY ?? '{"streams":[],"dataDir":""}') as ReadyLine
const part = ready.streams.find((stream) => stream.includes('/machine')) ?? ''
const firstNode = () => apiOfPortal(ready, join(dirname(ready.dataDir), 'state'))

test.describe.configure({ mode: 'serial' })

/** Starts a second node on the network of the first, which asks for the same stream. They may find each other. */
async function startOther(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-e2e-network-'))
  const state = join(folder, 'state')
  other = await startJoiningPortal(ready, join(folder, 'data'), state)
  const { api, close } = await apiOfPortal(other.ready, state)
  await api.streams.subscribe.mutate({ streamId: parseStreamPartId(part).streamId })
  const self = await api.network.self.query()
  await close()
  otherAt = self.multiaddrs[0] ?? ''
  otherName = shortenMiddle(self.address, 8, 6)
}

test.afterAll(async () => {
  await other?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

/** Titles of the columns of peers after the first, which names the node. */
const PEER_CELLS = [
  'Way',
  'Score',
  'Round trip',
  'Received',
  'Sent',
  'Shared streams',
  'Challenges',
  'Connected',
]

const peers = (page: Page) => page.getByRole('region', { name: /^Peers/ })
const bannedList = (page: Page) => peers(page).getByRole('listitem').filter({ hasText: 'until it is lifted' })

async function addOther(page: Page): Promise<void> {
  await peers(page).getByRole('button', { name: 'Add a peer' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a peer' })
  await dialog.getByLabel('Address').fill(otherAt)
  await dialog.getByRole('button', { name: 'Connect' }).click()
  await expect(dialog).toBeHidden()
}

for (const theme of THEMES) {
  test(`a node alone says what to do, in ${theme}`, async ({ portal }) => {
    const { page, address } = portal
    await chooseTheme(page, theme)
    await portal.open('/network')
    const self = page.getByRole('region', { name: 'This node' })
    await expect(self).toContainText(address)
    await expect(self).toContainText('12D3Koo')
    await expect(self).toContainText('/ip4/127.0.0.1/tcp/')
    await expect(self).toContainText('From this machine only')
    await expect(peers(page)).toContainText('No other node is connected.')
    await expect(page.getByRole('slider')).toBeVisible()
    await expectAccessible(page)
    await peers(page).getByRole('button', { name: 'Add a peer' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a peer' })
    await dialog
      .getByLabel('Address')
      .fill('/ip4/127.0.0.1/tcp/9/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo')
    await dialog.getByRole('button', { name: 'Connect' }).click()
    await expect(dialog.getByRole('alert')).toContainText('No node could be reached there')
    await expectAccessible(page)
  })
}

test('a peer is added by its address, and stands in the table, the graph and the matrix', async ({
  portal,
}) => {
  test.setTimeout(START_TIMEOUT_MS)
  await startOther()
  const { page } = portal
  await portal.open('/network')
  await addOther(page)
  await expect(peers(page)).toContainText('1 connected')
  await expect(page.getByRole('img', { name: 'This node is connected to one other' })).toBeVisible()
  const row = peers(page).getByRole('row').filter({ hasText: otherName })
  const cell = (title: string) => row.getByRole('cell').nth(PEER_CELLS.indexOf(title))
  await expect(row).toContainText('listed')
  await expect(cell('Shared streams')).toHaveText('1', { timeout: HEARD_TIMEOUT_MS })
  await expect(cell('Score')).toHaveText(/^-?\d+$/)
  await expect(cell('Round trip')).toHaveText(/ms|s/)
  await expect(cell('Received')).toHaveText(/[1-9].*(B|KB|MB)/)
  await expect(cell('Sent')).toHaveText(/[1-9].*(B|KB|MB)/)

  const coverage = page.getByRole('region', { name: 'Who holds what' })
  await expect(coverage.getByRole('listitem')).toHaveCount(3)
  await expect(coverage.getByRole('listitem').first()).toHaveText(/^Together/)
  const cells = coverage.getByRole('slider')
  await cells.focus()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowDown')
  await expect(cells).toHaveAttribute('aria-valuetext', /This node|0x/)
  await coverage.getByText('Table', { exact: true }).click()
  await expect(coverage.getByRole('row')).toHaveCount(4)
})

test('a query over all nodes is shown as it moves through them, to its end', async ({ portal }) => {
  const { page } = portal
  await portal.open('/network')
  const queries = page.getByRole('region', { name: 'Ask all nodes' })
  const { api, close } = await firstNode()
  const { id } = await api.network.openQuery.mutate({ part })
  const card = queries.getByRole('article').first()
  await expect(card).toContainText('under way')
  // Read up to the first stretch that was compared with the other node, and no further.
  while ((await api.network.nextOfQuery.mutate({ id })).kind !== 'merged');
  const row = card.getByRole('row').filter({ hasText: otherName })
  await expect(row).toContainText('waits its turn')
  await expect(row.getByRole('cell').nth(2)).toHaveText(/^[1-9]/)
  await api.network.closeQuery.mutate({ id })
  await expect(card).toContainText('closed before its end')
  await close()

  await queries.getByRole('button', { name: 'Ask', exact: true }).click()
  const asked = queries.getByRole('article').first()
  await expect(asked.getByText('done', { exact: true })).toBeVisible()
  await expect(asked).toContainText('Everything that any of them holds is in the answer.')
  await expect(asked.getByRole('row').filter({ hasText: otherName })).toContainText('answered')
})

test('the Inspector names the holders of a message, and its first sentence counts them', async ({
  portal,
}) => {
  const { page } = portal
  const { api, close } = await firstNode()
  const { rows } = await api.messages.page.query({ part, limit: 1, order: 'descending' })
  await close()
  expect(rows).toHaveLength(1)
  await portal.open('/messages')
  await page.getByRole('grid').getByRole('row').nth(2).click()
  const inspector = page.getByRole('complementary', { name: 'Inspector' })
  await expect(inspector).toContainText(/held by (2 nodes|this node alone) of 2 asked/)
  await inspector.getByRole('button', { name: /^Holders/ }).click()
  await expect(inspector).toContainText(/Holds it, and handed it out|Does not hold it/)
})

test('healing is set, and stays as it was set', async ({ portal }) => {
  const { page } = portal
  const { api, close } = await firstNode()
  const settings = async () => (await api.network.self.query()).settings.healing
  await portal.open('/network')
  const self = page.getByRole('region', { name: 'This node' })
  const pause = self.getByLabel('Pause between two questions, seconds')
  await pause.fill('120')
  await pause.blur()
  await expect.poll(async () => (await settings()).everyS).toBe(120)
  const isOn = self.getByLabel('Ask peers for them in the background')
  await isOn.click()
  await expect(pause).toBeDisabled()
  await expect.poll(async () => (await settings()).isOn).toBe(false)
  await page.reload()
  await expect(isOn).not.toBeChecked()
  await expect(pause).toHaveValue('every 120 s')
  await isOn.click()
  await expect(pause).toBeEnabled()
  await close()
})

test('a node that is paired by its link is shown in step, and a link pairs once', async ({ portal }) => {
  const { page } = portal
  if (other === undefined || folder === undefined) throw new Error('the other node is not there')
  const { api, close } = await apiOfPortal(other.ready, join(folder, 'state'))
  const { link } = await api.remoteLog.invite.mutate()
  // As the desktop passes it on.
  const path = readDeepLink(link)?.path ?? ''
  await portal.open(path)
  const dialog = page.getByRole('dialog', { name: 'Pair with another node of yours' })
  await dialog.getByRole('button', { name: 'Pair', exact: true }).click()
  await expect(dialog).toBeHidden()
  const paired = page.getByRole('region', { name: /^Paired nodes/ })
  await expect(paired.getByRole('listitem')).toHaveCount(1)
  await expect(paired.getByRole('listitem')).toContainText(/Connected, (in step|\d+ on the way)/)
  await expect.poll(async () => (await api.remoteLog.paired.query()).nodes[0]?.isConnected).toBe(true)
  await expectAccessible(page)

  await portal.open(path)
  await dialog.getByRole('button', { name: 'Pair', exact: true }).click()
  await expect(dialog).toContainText('does not accept this code')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await paired.getByRole('button', { name: 'Forget this node' }).click()
  await page.getByRole('button', { name: 'Forget it' }).click()
  await expect(paired).toContainText('No node is paired.')
  const [here] = (await api.remoteLog.paired.query()).nodes
  if (here !== undefined) await api.remoteLog.unpair.mutate({ peer: here.peer })
  await close()
})

for (const theme of THEMES) {
  test(`the page is accessible with a peer and its answer, in ${theme}`, async ({ portal }) => {
    const { page } = portal
    await chooseTheme(page, theme)
    await portal.open('/network')
    await expect(peers(page).getByRole('row').filter({ hasText: otherName })).toBeVisible()
    await expect(page.getByRole('article').first()).toBeVisible()
    await expectAccessible(page)
    await peers(page)
      .getByRole('button', { name: /^Ban 0x/ })
      .click()
    await expect(page.getByRole('dialog', { name: /^Ban 0x/ })).toBeVisible()
    await expectAccessible(page)
  })
}

test('a peer is banned after a confirmation, kept out, and let in again', async ({ portal }) => {
  const { page } = portal
  await portal.open('/network')
  await peers(page)
    .getByRole('button', { name: /^Ban 0x/ })
    .click()
  const dialog = page.getByRole('dialog', { name: /^Ban 0x/ })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(peers(page)).toContainText('1 connected')
  await peers(page)
    .getByRole('button', { name: /^Ban 0x/ })
    .click()
  await dialog.getByLabel('Why').fill('a test')
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click()
  await expect(peers(page)).toContainText('0 connected')
  // Its address and its peer id are kept out, by one ban.
  await expect(bannedList(page)).toHaveCount(1)
  await expect(bannedList(page)).toContainText('a test')
  await expect(bannedList(page)).toContainText(/with\s*12D3Koo/)
  await expectAccessible(page)
  await bannedList(page).getByRole('button', { name: /^Lift/ }).click()
  await expect(bannedList(page)).toHaveCount(0)
  await addOther(page)
  await expect(peers(page)).toContainText('1 connected')
  await peers(page)
    .getByRole('button', { name: /^Remove / })
    .click()
  await expect(peers(page)).not.toContainText('Listed addresses')
})
