import { test as base, expect, type Locator, type Page } from '@playwright/test'
import type { ReadyLine } from '../../shared/node-status.ts'

/** Runs before any script of the page and notes what breaks its policy. */
const WATCH_POLICY = `
  window.policyViolations = []
  document.addEventListener('securitypolicyviolation', (event) => {
    window.policyViolations.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile)
  })
`

export interface Portal {
  page: Page
  /** What the host said of itself when it was ready. */
  ready: ReadyLine
  /** Address of the node, lower case: who signs its telemetry. */
  address: string
  open(path: string): Promise<void>
  /** Opens the workspace on this machine's telemetry and waits until its first chart has values. */
  openWorkspace(): Promise<Locator>
}

/** The portal in a browser that has been let in. Fails each test in which the page broke its own policy. */
export const test = base.extend<{ portal: Portal }>({
  portal: async ({ page }, use) => {
    const ready = JSON.parse(process.env.TIDEMARK_E2E_READY ?? '{}') as ReadyLine
    const broken: string[] = []
    page.on('pageerror', (error) => broken.push(String(error)))
    page.on('dialog', (dialog) => {
      broken.push(`a dialog opened: ${dialog.message()}`)
      void dialog.dismiss()
    })
    await page.addInitScript({ content: WATCH_POLICY })
    const open = async (path: string) => {
      await page.goto(`${ready.url}/#${path}`)
      await expect(page.getByRole('navigation', { name: 'Places' })).toBeVisible()
    }
    await use({
      page,
      ready,
      address: ready.address.toLowerCase(),
      open,
      async openWorkspace() {
        await open('/workspace')
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('This machine')
        const panel = page.getByRole('region', { name: 'CPU' })
        await expect(panel.getByRole('listitem').first()).toContainText('%')
        return panel
      },
    })
    broken.push(...(await page.evaluate<string[]>('window.policyViolations ?? []')))
    expect(broken).toEqual([])
  },
})

export { expect }

/** A fingerprint of what a canvas shows. */
export async function pictureOf(canvas: Locator): Promise<string> {
  return canvas.evaluate((element) => (element as unknown as { toDataURL(): string }).toDataURL())
}
