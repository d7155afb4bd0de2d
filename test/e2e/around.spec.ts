import { expect, test } from './portal.ts'

test('the tour is walked by keyboard, left at any time, and begun again', async ({ portal }) => {
  const { page } = portal
  await portal.open('/')
  await page.keyboard.press('h')
  const card = page.getByRole('dialog', { name: 'The places' })
  await expect(card).toBeVisible()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('dialog', { name: 'Streams at a glance' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByText('Skip the tour')).toBeHidden()
  await page.keyboard.press('?')
  await page.getByRole('button', { name: 'Take the tour again' }).click()
  await expect(card).toBeVisible()
  await page.getByRole('button', { name: 'Skip the tour' }).click()
  await expect(card).toBeHidden()
})

test('a link to what is not there says so, and leads on', async ({ portal }) => {
  const { page } = portal
  await portal.open('/nowhere')
  await expect(page.getByRole('heading', { name: 'There is no such place here' })).toBeVisible()
  await page.getByRole('button', { name: 'To the overview' }).click()
  await expect(page).toHaveURL(/#\/$/)
  const part = encodeURIComponent(`${portal.address}/tidemark/machine#0`)
  await portal.open(`/messages?part=${part}&message=1000-0-${portal.address}-${'0'.repeat(64)}-none`)
  const inspector = page.getByRole('complementary', { name: 'Inspector' })
  await expect(inspector.getByRole('alert')).toContainText('does not hold that message')
  await expect(inspector.getByRole('link', { name: 'What is stored around its time' })).toBeVisible()
})

test('settings are found by what they are called', async ({ portal }) => {
  const { page } = portal
  await portal.open('/settings')
  await page.getByLabel('Search the settings').fill('theme')
  await expect(page.getByRole('heading', { name: 'Display' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'About' })).toBeHidden()
  await page.getByLabel('Search the settings').fill('bandwidth')
  const limits = page.getByRole('region', { name: 'Limits of storage and bandwidth' })
  await expect(limits).toContainText('Bandwidth: what streams publish arrives as it is published')
  await expect(limits.getByRole('link', { name: /^Network/ })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Display' })).toBeHidden()
  await page.getByLabel('Search the settings').fill('no such thing')
  await expect(page.getByText('No setting is called that.')).toBeVisible()
})

test('another window shows the same place, with a state of its own', async ({ portal }) => {
  const { page } = portal
  await portal.open('/messages?live=60000')
  const [other] = await Promise.all([page.context().waitForEvent('page'), page.keyboard.press('w')])
  await expect(other.getByRole('grid', { name: 'Messages' })).toBeVisible()
  await other.keyboard.press('2')
  await expect(other).toHaveURL(/#\/workspace/)
  await expect(page).toHaveURL(/#\/messages/)
})

test('the palette finds places, commands, streams and where one was', async ({ portal }) => {
  const { page } = portal
  await page.addInitScript(() => {
    localStorage.setItem(
      'tidemark:recents',
      JSON.stringify([
        { path: '/fleet', title: 'A stream of before', screen: 'Fleet' },
        { path: 'javascript:1' },
      ]),
    )
  })
  await portal.open('/')
  await page.keyboard.press('Control+k')
  await expect(page.getByText('A stream of before · Fleet')).toBeVisible()
  for (const [term, found] of [
    ['remote', 'Remote log'],
    ['messages of this', 'Messages of This machine'],
    ['tour', 'Take the tour'],
    ['another window', 'Another window at this place'],
  ] as const) {
    await page.getByPlaceholder('Search streams and commands').fill(term)
    await expect(page.getByText(found, { exact: true }).first()).toBeVisible()
  }
})
