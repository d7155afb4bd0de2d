import { expect, test } from './portal.ts'

test('subscribing to a stream that is not there says so, and what to do', async ({ portal }) => {
  const { page } = portal
  await portal.open('/')
  await page.getByRole('button', { name: 'Subscribe to a stream' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Subscribe to a stream' })
  await dialog
    .getByLabel('Stream id, or a part of its name')
    .fill('0x1111111111111111111111111111111111111111/nothing')
  await dialog.getByRole('button', { name: 'Subscribe', exact: true }).click()
  const alert = dialog.getByRole('alert')
  await expect(alert).toContainText('There is no stream "0x1111111111111111111111111111111111111111/nothing"')
  await expect(alert).toContainText('Check the id')
})

test('streams of the registry are found by a part of their name', async ({ portal }) => {
  const { page } = portal
  await portal.open('/')
  await page.keyboard.press('n')
  const dialog = page.getByRole('dialog', { name: 'Subscribe to a stream' })
  await dialog.getByLabel('Stream id, or a part of its name').fill('tidemark/chain')
  await expect(dialog.getByRole('region', { name: 'Streams found' })).toContainText('Local chain')
})

test('the overview shows each stream with its verdicts, and the welcome can be closed for good', async ({
  portal,
}) => {
  const { page } = portal
  await portal.open('/')
  await expect(page.getByRole('heading', { name: 'Welcome to Tidemark' })).toBeVisible()
  const row = page.getByRole('row', { name: /This machine/ })
  await expect(row).toContainText('verified')
  await expect(row).toContainText(/\d msg\/s/)
  await page.getByRole('button', { name: 'Close the welcome' }).click()
  await page.reload()
  await expect(page.getByRole('row', { name: /This machine/ })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Welcome to Tidemark' })).toBeHidden()
})

test('unsubscribing is asked about, and undone in one step', async ({ portal }) => {
  const { page } = portal
  await portal.open('/')
  const row = page.getByRole('row', { name: /Local chain/ })
  await row.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: 'Unsubscribe…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Unsubscribe from this stream?' })
  await expect(dialog).toContainText('stay and remain readable')
  await dialog.getByRole('button', { name: 'Unsubscribe', exact: true }).click()
  await expect(row).toContainText('not subscribed')
  await row.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: 'Subscribe again' }).click()
  await expect(row).not.toContainText('not subscribed')
})

test('a link to a stream this node does not keep says so', async ({ portal }) => {
  await portal.open(`/workspace?part=${encodeURIComponent('0xabc/<img src=x onerror=alert(1)>#0')}`)
  await expect(portal.page.getByText('This node does not keep that stream')).toBeVisible()
})
