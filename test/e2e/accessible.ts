import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

export const THEMES = ['dark', 'light'] as const

/**
 * Nothing on the page breaks a rule of axe, colours included.
 * @param rules all there are where none is named
 * @param within what is looked at; the whole page where nothing is said
 */
export async function expectAccessible(page: Page, rules: string[] = [], within?: string): Promise<void> {
  const builder = within === undefined ? new AxeBuilder({ page }) : new AxeBuilder({ page }).include(within)
  const { violations } = await (rules.length === 0 ? builder : builder.withRules(rules)).analyze()
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
  )
  expect(found).toEqual([])
}

/** Pages opened from now on are shown in the theme. */
export async function chooseTheme(page: Page, theme: (typeof THEMES)[number]): Promise<void> {
  await page.addInitScript((chosen) => localStorage.setItem('mantine-color-scheme-value', chosen), theme)
}

/**
 * The page as it stands now breaks no rule in any theme; in the second theme only colours are another. With `SHOTS` set
 * to a folder, how it looks is kept there.
 * @param name of the pictures
 * @param within as above: what lies behind a dialog is looked at once, without it
 */
export async function expectAccessibleInAll(page: Page, name: string, within?: string): Promise<void> {
  // Colours are judged as they are, not on their way from one theme to the other.
  await page.addStyleTag({ content: '* { transition: none !important }' })
  for (const [at, theme] of THEMES.entries()) {
    await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', '${theme}')`)
    await expectAccessible(page, at === 0 ? [] : ['color-contrast'], within)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}-${theme}.png` })
  }
}
