import { decodeView } from '../../shared/view-link.ts'
import { expectAccessibleInAll } from './accessible.ts'
import { expect, test } from './portal.ts'

const DIALOG = '[role="dialog"]'

test('the overview and its dialogs are accessible', async ({ portal }) => {
  const { page } = portal
  await portal.open('/')
  await expect(page.getByRole('row', { name: /This machine/ })).toBeVisible()
  await expectAccessibleInAll(page, 'overview')
  await page.keyboard.press('n')
  await expect(page.getByRole('dialog', { name: 'Subscribe to a stream' })).toBeVisible()
  await expectAccessibleInAll(page, 'subscribe', DIALOG)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await expectAccessibleInAll(page, 'shortcuts', DIALOG)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.keyboard.press('Control+k')
  await expect(page.getByPlaceholder('Search streams and commands')).toBeVisible()
  await expectAccessibleInAll(page, 'palette', DIALOG)
})

test('the workspace with the inspector and the field picker is accessible', async ({ portal }) => {
  const { page } = portal
  const panel = await portal.openWorkspace()
  await panel.getByRole('application').focus()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  await expect(
    page.getByRole('complementary', { name: 'Inspector' }).getByText('Verified', { exact: true }),
  ).toBeVisible()
  await expectAccessibleInAll(page, 'workspace')
  await page.getByRole('button', { name: 'Fields' }).click()
  await expect(page.getByLabel('Search fields')).toBeVisible()
  await expectAccessibleInAll(page, 'fields', DIALOG)
})

test('the details of a stream and the making of one are accessible', async ({ portal }) => {
  const { page } = portal
  await portal.open('/')
  await page
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click()
  await page.getByRole('menuitem', { name: 'Stream details…' }).click()
  const details = page.getByRole('dialog', { name: 'Stream details' })
  await details.getByRole('button', { name: 'Grant rights…' }).click()
  await expect(details.getByText('Nothing is known to be missing')).toBeVisible()
  await expectAccessibleInAll(page, 'stream-details', DIALOG)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.keyboard.press('c')
  await expect(page.getByRole('dialog', { name: 'Create a stream' })).toBeVisible()
  await expectAccessibleInAll(page, 'create-stream', DIALOG)
})

test('the messages are accessible', async ({ portal }) => {
  await portal.open('/messages')
  await expect(portal.page.getByRole('grid').getByRole('row').nth(2)).toBeVisible()
  await expectAccessibleInAll(portal.page, 'messages')
})

test('the audits are accessible, before the first and with one that is done', async ({ portal }) => {
  const { page } = portal
  await portal.open('/audit')
  await expect(page.getByRole('button', { name: /Begin audit|New audit/ })).toBeVisible()
  await expectAccessibleInAll(page, 'audit-begin')
  const again = page.getByRole('button', { name: 'New audit' })
  if (await again.isVisible()) await again.click()
  await page.getByRole('button', { name: 'Begin audit' }).click()
  await expect(page.getByRole('button', { name: 'Report', exact: true })).toBeVisible()
  await expectAccessibleInAll(page, 'audit-done')
  await page.getByText(/^Contributions/).click()
  await expect(page.getByRole('columnheader', { name: 'Longest silence' })).toBeVisible()
  await expectAccessibleInAll(page, 'audit-contributions')
})

test('the menus and the editor of the workspace, the naming of a layout, the export and the tour are accessible, reached by keys', async ({
  portal,
}) => {
  const { page } = portal
  await portal.openWorkspace()
  const closeDialog = async () => {
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toBeHidden()
  }
  await page.getByRole('button', { name: /^Layout:/ }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menu')).toBeVisible()
  await expectAccessibleInAll(page, 'layouts', '[role="menu"]')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+s')
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused()
  await expectAccessibleInAll(page, 'name', DIALOG)
  await closeDialog()

  await page.getByRole('button', { name: 'Menu of Load', exact: true }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Edit…' })).toBeVisible()
  await expectAccessibleInAll(page, 'panel-menu', '[role="menu"]')
  await page.getByRole('menuitem', { name: 'Edit…' }).press('Enter')
  await page.getByRole('button', { name: 'Add an expression' }).press('Enter')
  await page.getByRole('textbox', { name: 'Expression', exact: true }).fill('a + nothing')
  await expect(page.getByRole('dialog')).toContainText('Nothing is called nothing')
  await expectAccessibleInAll(page, 'editor', DIALOG)
  await closeDialog()

  await page.keyboard.press('3')
  await page.getByRole('button', { name: 'Export', exact: true }).press('Enter')
  await expect(page.getByRole('dialog', { name: 'Export messages' })).toBeVisible()
  await expectAccessibleInAll(page, 'export', DIALOG)
  await closeDialog()

  await page.keyboard.press('h')
  await expect(page.getByRole('dialog', { name: 'The places' })).toBeVisible()
  await expectAccessibleInAll(page, 'tour', 'dialog')
  await closeDialog()
})

test('the settings are accessible', async ({ portal }) => {
  await portal.open('/settings')
  await expect(portal.page.getByText('Data folder', { exact: true })).toBeVisible()
  await expectAccessibleInAll(portal.page, 'settings')
})

test('every place is reached from the keyboard', async ({ portal }) => {
  const { page } = portal
  await portal.open('/')
  for (const [keys, place] of [
    [['2'], 'This machine'],
    [['g', 's'], 'Settings'],
    [['g', 'o'], 'Overview'],
    [['g', 'm'], 'This machine'],
    [['1'], 'Overview'],
  ] as const) {
    for (const key of keys) await page.keyboard.press(key)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(place)
  }
})

test('a chart is reached, read, moved, zoomed, played and questioned by the keyboard alone', async ({
  portal,
}) => {
  const { page } = portal
  const panel = await portal.openWorkspace()
  const isOnChart = () =>
    page.evaluate<boolean>(`document.activeElement?.getAttribute('role') === 'application'`)
  // From the top of the page to the first chart there is nothing but the Tab key.
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Tab')
        return isOnChart()
      },
      { intervals: [10] },
    )
    .toBe(true)
  await page.keyboard.press('ArrowLeft')
  await expect(panel.getByRole('status').filter({ hasText: 'seq' })).toContainText('Verified')
  const view = () => decodeView(new URL(page.url()).hash.split('?')[1] ?? '')
  // So near that a portal of a few seconds has something to show for a little earlier as well.
  for (let step = 0; step < 12; step += 1) await page.keyboard.press('+')
  await expect
    .poll(() => {
      const { range } = view()
      return range.kind === 'live' ? range.spanMs : Number.NaN
    })
    .toBeLessThan(25_000)
  await page.keyboard.press('Shift+ArrowLeft')
  await expect.poll(() => view().range.kind).toBe('fixed')
  await page.keyboard.press('Space')
  await expect.poll(() => view().playing).toBe(true)
  await page.keyboard.press('Space')
  await expect.poll(() => view().playing).toBe(false)
  expect(await isOnChart()).toBe(true)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await expect(
    page.getByRole('complementary', { name: 'Inspector' }).getByText('Verified', { exact: true }),
  ).toBeVisible()
  await page.keyboard.press('l')
  await expect.poll(() => view().range.kind).toBe('live')
})

test('who asks for less motion is shown the present in steps, and nothing slides', async ({ portal }) => {
  const { page } = portal
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await portal.openWorkspace()
  // Of the places of the picture within a second and a half only few are seen: it steps and does not slide.
  const places = await page.evaluate<number>(`new Promise((resolve) => {
    const canvas = document.querySelectorAll('[role="application"] canvas')[1]
    const seen = new Set()
    const end = performance.now() + 1500
    const look = () => {
      seen.add(Math.round(canvas.getBoundingClientRect().left * 10))
      if (performance.now() < end) requestAnimationFrame(look)
      else resolve(seen.size)
    }
    look()
  })`)
  expect(places).toBeLessThan(8)
  const longest =
    await page.evaluate<number>(`Math.max(...[...document.querySelectorAll('*')].map((element) =>
    Math.max(...getComputedStyle(element).transitionDuration.split(',').map(parseFloat))))`)
  expect(longest).toBeLessThan(0.01)
})

test('the theme and the time zone are switched by key and kept', async ({ portal }) => {
  const { page } = portal
  await portal.open('/settings')
  const root = page.locator('html')
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.keyboard.press('t')
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'light')
  await page.keyboard.press('z')
  await expect(page.getByRole('radio', { name: 'UTC' })).toBeChecked()
  await page.reload()
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'light')
  await expect(page.getByRole('radio', { name: 'UTC' })).toBeChecked()
})
