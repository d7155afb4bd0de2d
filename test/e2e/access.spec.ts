import { chooseTheme, expectAccessible, THEMES } from './accessible.ts'
import { expect, test } from './portal.ts'

for (const theme of THEMES) {
  test.describe(`in the ${theme} theme`, () => {
    test.beforeEach(({ page }) => chooseTheme(page, theme))

    test('the overview and its dialogs are accessible', async ({ portal }) => {
      const { page } = portal
      await portal.open('/')
      await expect(page.getByRole('row', { name: /This machine/ })).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('n')
      await expect(page.getByRole('dialog', { name: 'Subscribe to a stream' })).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toBeHidden()
      await page.keyboard.press('?')
      await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toBeHidden()
      await page.keyboard.press('Control+k')
      await expect(page.getByPlaceholder('Search streams and commands')).toBeVisible()
      await expectAccessible(page)
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
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Fields' }).click()
      await expect(page.getByLabel('Search fields')).toBeVisible()
      await expectAccessible(page)
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
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toBeHidden()
      await page.keyboard.press('c')
      await expect(page.getByRole('dialog', { name: 'Create a stream' })).toBeVisible()
      await expectAccessible(page)
    })

    test('the messages are accessible', async ({ portal }) => {
      await portal.open('/messages')
      await expect(portal.page.getByRole('grid').getByRole('row').nth(2)).toBeVisible()
      await expectAccessible(portal.page)
    })

    test('the audits are accessible, before the first and with one that is done', async ({ portal }) => {
      const { page } = portal
      await portal.open('/audit')
      await expect(page.getByRole('button', { name: /Begin audit|New audit/ })).toBeVisible()
      await expectAccessible(page)
      const again = page.getByRole('button', { name: 'New audit' })
      if (await again.isVisible()) await again.click()
      await page.getByRole('button', { name: 'Begin audit' }).click()
      await expect(page.getByRole('button', { name: 'Report', exact: true })).toBeVisible()
      await expectAccessible(page)
      await page.getByText(/^Contributions/).click()
      await expect(page.getByRole('columnheader', { name: 'Longest silence' })).toBeVisible()
      await expectAccessible(page)
    })

    test('the fleet, the network, the remote logs and the alerts are accessible', async ({ portal }) => {
      const { page } = portal
      const loaded = () => expect(page.getByText(/^Loading/).first()).toBeHidden()
      for (const path of ['/fleet', '/network', '/remote-log', '/alerts']) {
        await portal.open(path)
        await loaded()
        await expectAccessible(page)
      }
      for (const tab of ['Rules', 'Channels']) {
        await page.getByText(tab, { exact: true }).click()
        await expectAccessible(page)
      }
      await page.getByText('Rules', { exact: true }).click()
      await page.getByRole('button', { name: 'New rule' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectAccessible(page)
      await portal.open('/remote-log')
      await page.getByRole('button', { name: 'Publish a stream' }).first().click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectAccessible(page)
    })

    test('the menus and the editor of the workspace are accessible', async ({ portal }) => {
      const { page } = portal
      await portal.openWorkspace()
      await page.getByRole('button', { name: /^Layout:/ }).click()
      await expect(page.getByRole('menu')).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Menu of Load', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Edit…' }).click()
      await page.getByRole('button', { name: 'Add an expression' }).click()
      await page.getByRole('textbox', { name: 'Expression', exact: true }).fill('a + nothing')
      await expectAccessible(page)
    })

    test('the settings are accessible', async ({ portal }) => {
      await portal.open('/settings')
      await expect(portal.page.getByText('Data folder')).toBeVisible()
      await expectAccessible(portal.page)
    })
  })
}

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

test('a chart is read, moved, zoomed, played and questioned by the keyboard alone', async ({ portal }) => {
  const { page } = portal
  const panel = await portal.openWorkspace()
  const chart = panel.getByRole('application')
  // From the top of the page to the first chart there is nothing but the Tab key.
  await page.locator('body').focus()
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Tab')
        return page.evaluate<string | null>('document.activeElement?.getAttribute("role")')
      },
      { intervals: [10] },
    )
    .toBe('application')
  await page.keyboard.press('ArrowLeft')
  await expect(panel.getByRole('status').filter({ hasText: 'seq' })).toContainText('Verified')
  const view = () => new URLSearchParams(new URL(page.url()).hash.split('?')[1])
  await page.keyboard.press('+')
  await expect.poll(() => Number(view().get('live'))).toBeLessThan(300_000)
  await page.keyboard.press('Shift+ArrowLeft')
  await expect.poll(() => view().has('from')).toBe(true)
  await page.keyboard.press('Space')
  await expect.poll(() => view().get('play')).toBe('1')
  await page.keyboard.press('Space')
  await expect.poll(() => view().get('play')).toBeNull()
  await chart.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary', { name: 'Inspector' })).toContainText('Verified')
  await page.keyboard.press('l')
  await expect.poll(() => view().has('from')).toBe(false)
})

test('who asks for less motion is shown the present once a second, and nothing slides', async ({
  portal,
}) => {
  const { page } = portal
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const panel = await portal.openWorkspace()
  const box = await panel.getByRole('application').boundingBox()
  if (box === null) throw new Error('the chart has no box')
  // Of the places of the picture within a second only few are seen: it steps and does not slide.
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
