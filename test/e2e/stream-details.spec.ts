import { expect, test } from './portal.ts'

test('a stream is made, stored by this node and shared, each at a cost that is shown before', async ({
  portal,
}) => {
  const { page, address } = portal
  await portal.open('/')
  await page.keyboard.press('c')
  const making = page.getByRole('dialog', { name: 'Create a stream' })
  const path = `/rooms/kitchen-${Date.now()}`
  await making.getByLabel('Path').fill('no path')
  await expect(making.getByRole('button', { name: 'Show the cost…' })).toBeDisabled()
  await making.getByLabel('Path').fill(path)
  await making.getByLabel('Description').fill('Kitchen <b>of</b> the house')
  await making.getByLabel('Partitions').fill('3')
  await making.getByRole('button', { name: 'Show the cost…' }).click()
  await expect(making).toContainText(`${address}${path}`)
  await expect(making).toContainText(/[\d,]+ units of gas; this node’s account has \d/)
  await making.getByRole('button', { name: 'Create', exact: true }).click()

  const details = page.getByRole('dialog', { name: 'Stream details' })
  await expect(details).toContainText('Kitchen <b>of</b> the house')
  await expect(details.getByText('Partition 2')).toBeVisible()
  await details.getByRole('button', { name: 'Store it on this node…' }).click()
  await expect(details).toContainText('stores all partitions of the stream')
  await details.getByRole('button', { name: 'Assign', exact: true }).click()
  await expect(details.getByText('assigned to this node')).toHaveCount(3)

  await details.getByRole('button', { name: 'Grant rights…' }).click()
  await details.getByLabel('Who', { exact: true }).fill(`0x${'12'.repeat(20)}`)
  await details.getByLabel('publish').check()
  await details.getByRole('button', { name: 'Show the cost…' }).click()
  await expect(details).toContainText('may publish, subscribe from then on, and nothing else')
  await details.getByRole('button', { name: 'Grant', exact: true }).click()
  await expect(details.getByText('publish, subscribe', { exact: true })).toBeVisible()
})

test('a change this node may not make is refused before it can be confirmed', async ({ portal }) => {
  const { page } = portal
  await portal.open('/')
  await page
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click()
  await page.getByRole('menuitem', { name: 'Stream details…' }).click()
  const details = page.getByRole('dialog', { name: 'Stream details' })
  // Assigned to nobody who is in the registry of storage nodes.
  await details.getByLabel('Address of a storage node').fill(`0x${'34'.repeat(20)}`)
  await details.getByRole('button', { name: 'Assign…' }).click()
  await expect(details.getByRole('alert')).toBeVisible()
  await expect(details.getByRole('button', { name: 'Assign', exact: true })).toBeDisabled()
})

test('the environment is chosen in the settings, for the next start, and taken back', async ({ portal }) => {
  const { page } = portal
  await portal.open('/settings')
  await page.getByRole('radio', { name: 'Polygon', exact: true }).check()
  await expect(page.getByLabel('RPC endpoints', { exact: true })).toHaveValue(/^https:/)
  await page.getByRole('button', { name: 'Use it from the next start' }).click()
  await expect(page.getByText(/Restart Tidemark to change from Local network/)).toBeVisible()
  await page.getByRole('radio', { name: /^A network of your own/ }).check()
  await page.getByLabel('Description of the network').fill('{"chainId": 1}')
  await expect(page.getByText(/^rpcUrls: /)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Use it from the next start' })).toBeDisabled()
  await page.getByRole('radio', { name: /^Local network/ }).check()
  await page.getByRole('button', { name: 'Keep it' }).click()
  await expect(page.getByText(/Restart Tidemark to change/)).toBeHidden()
})
