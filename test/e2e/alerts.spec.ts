import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Locator, Page } from '@playwright/test'
import type { Rule } from '../../shared/rules/rule.ts'
import { readRuleSet, writeRuleSet } from '../../shared/rules/rule-set.ts'
import { expectAccessibleInAll } from './accessible.ts'
import { expect, test } from './portal.ts'

const DIALOG = '[role="dialog"]'

/** Opens a part of the page of alerts. */
async function choose(page: Page, part: string): Promise<void> {
  const parts = page.getByRole('radiogroup', { name: 'What to see of alerts' })
  await parts.getByText(part, { exact: true }).click()
}

/** Changes all rules at once, in their text. */
async function rewriteRules(page: Page, change: (rules: Rule[]) => Rule[]): Promise<void> {
  await choose(page, 'Rules')
  await page.getByRole('button', { name: 'As text' }).click()
  const dialog = page.getByRole('dialog', { name: 'Rules as text' })
  const text = dialog.getByRole('textbox', { name: 'Rules as text' })
  const { rules = [] } = readRuleSet(await text.inputValue())
  await text.fill(writeRuleSet(change(rules)))
  await dialog.getByRole('button', { name: 'Replace all rules' }).click()
  await expect(dialog).toBeHidden()
}

/** Moves the pointer along the top of a chart until it is over the mark of an alert. */
async function findMark(page: Page, chart: Locator): Promise<{ x: number; y: number }> {
  const box = await chart.boundingBox()
  if (box === null) throw new Error('The chart is not on screen.')
  const y = box.y + 8
  for (let x = box.x; x < box.x + box.width; x += 4) {
    await page.mouse.move(x, y)
    if ((await chart.getAttribute('data-over')) === 'alert') return { x, y }
  }
  throw new Error('There is no mark of an alert on the chart.')
}

test('a rule is made with a look at history, fires, is acknowledged, silenced up to an end, and is over when it is switched off', async ({
  portal,
}) => {
  const { page } = portal
  await portal.open('/alerts')
  await choose(page, 'Rules')
  await page.getByRole('button', { name: 'New rule' }).click()
  const editor = page.getByRole('dialog', { name: 'New rule' })
  await editor.getByLabel('Name').fill('Memory is used')
  await editor.getByRole('combobox', { name: 'Stream' }).click()
  await page.getByRole('option', { name: /^This machine/ }).click()
  await editor.getByRole('combobox', { name: 'Looks for' }).click()
  await page.getByRole('option', { name: 'Threshold' }).click()
  await editor.getByRole('combobox', { name: 'Field' }).click()
  await page.getByRole('option', { name: 'memory.used' }).click()
  await editor.getByLabel('Bound').fill('1')
  await expect(editor.getByText('Would have fired 1 time')).toBeVisible()
  await expectAccessibleInAll(page, 'rule', DIALOG)
  await editor.getByRole('button', { name: 'Save rule' }).click()
  await expect(editor).toBeHidden()
  // Shared as text, it is changed into others: one that fires as well, and one that waits.
  const always = { kind: 'threshold', field: 'memory.used', op: 'above', value: 1 } as const
  await rewriteRules(page, (rules) =>
    rules.flatMap((rule) => [
      rule,
      { ...rule, id: 'critical', name: 'Memory, again', severity: 'critical', note: 'Look at it.' },
      { ...rule, id: 'patient', name: 'Memory, in an hour', condition: always, forMs: 3_600_000 },
    ]),
  )

  await choose(page, 'Alerts')
  const now = page.getByRole('region', { name: 'Open alerts' })
  const alert = now.getByRole('row', { name: /Memory is used/ })
  await expect(alert).toContainText('Firing')
  await expect(now.getByRole('row', { name: /in an hour/ })).toContainText('Pending')
  await expect(page.getByText('2 firing', { exact: true })).toBeVisible()
  await alert.getByRole('button', { name: 'Acknowledge' }).click()
  await expect(alert).toContainText('acknowledged')
  await alert.getByRole('button', { name: 'Silence' }).click()
  const dialog = page.getByRole('dialog', { name: 'Silence' })
  await dialog.getByLabel('Why').fill('Maintenance')
  await dialog.getByRole('button', { name: 'Silence' }).click()
  await expect(alert).toContainText('silenced')
  const silence = page.getByRole('row', { name: /Maintenance/ })
  await expect(silence.locator('time')).toBeVisible()
  await expectAccessibleInAll(page, 'alerts')
  await silence.getByRole('button', { name: 'End now' }).click()
  await expect(silence).toBeHidden()
  await expect(alert).not.toContainText('silenced')

  await choose(page, 'Rules')
  await page
    .getByRole('row', { name: /Memory is used/ })
    .getByRole('button', { name: 'Remove' })
    .click()
  await expect(page.getByRole('row', { name: /Memory is used/ })).toBeHidden()
  await rewriteRules(page, () => [])
  await choose(page, 'Alerts')
  await expect(page.getByText('No alert is firing or pending.')).toBeVisible()
  const past = page.getByRole('region', { name: 'Alerts of the past' })
  await expect(past.getByRole('row', { name: /Memory is used/ })).toContainText('ended with its rule')

  // It stays on the time line, and is jumped to.
  await page.keyboard.press('2')
  await expect(page.getByRole('region', { name: 'CPU' }).getByRole('listitem').first()).toContainText('%')
  const slider = page.getByRole('slider', { name: /^Playhead/ })
  await expect(async () => {
    await page.keyboard.press('l')
    await page.keyboard.press('b')
    await page.keyboard.press('a')
    await expect(slider).toHaveAttribute('aria-valuetext', /Alert: Memory is used/, { timeout: 3_000 })
  }).toPass()

  // It stays on the charts as well: told, listed, and a key away.
  const cpu = page.getByRole('region', { name: 'CPU' })
  await expect(cpu.getByRole('application')).toHaveAccessibleDescription('2 alerts in view.')
  const list = cpu.getByRole('button', { name: '2 alerts in view of CPU' })
  await expectAccessibleInAll(page, 'alerts-on-charts')
  await list.focus()
  await page.keyboard.press('Enter')
  const item = page.getByRole('menuitem', { name: /Memory is used/ })
  await expect(item).toContainText('Warning, resolved')
  await item.press('Enter')
  const chosen = page.getByRole('region', { name: 'The alert from the chart' })
  await expect(chosen.getByRole('row', { name: /Memory is used/ })).toContainText('Resolved')
  await page.getByRole('button', { name: 'Close the alert from the chart' }).click()
  await expect(chosen).toBeHidden()

  // The two began together, so their mark is one, with their number: a click on it asks which.
  await page.keyboard.press('2')
  await expect(async () => {
    await page.keyboard.press('l')
    await page.keyboard.press('b')
    await page.keyboard.press('a')
    await expect(slider).toHaveAttribute('aria-valuetext', /Alert: Memory is used/, { timeout: 3_000 })
  }).toPass()
  const mark = await findMark(page, cpu.getByRole('application'))
  await expect(cpu.getByText('Memory, again')).toBeVisible()
  await page.mouse.click(mark.x, mark.y)
  await page.getByRole('menuitem', { name: /Memory, again/ }).press('Enter')
  await expect(chosen.getByRole('row', { name: /Memory, again/ })).toContainText('Critical')
})

test('a channel is tested, and says why it could not be told', async ({ portal }) => {
  const { page } = portal
  await portal.open('/alerts')
  await choose(page, 'Channels')
  await page.getByRole('button', { name: 'New channel' }).click()
  const editor = page.getByRole('dialog', { name: 'New channel' })
  await editor.getByLabel('Name').fill('on-call')
  await editor.getByLabel('Address').fill('http://127.0.0.1:9/secret-hook')
  await expectAccessibleInAll(page, 'channel-editor', DIALOG)
  await editor.getByRole('button', { name: 'Save channel' }).click()
  const row = page.getByRole('row', { name: /on-call/ })
  await row.getByRole('button', { name: 'Test' }).click()
  // This machine's own address is refused unless it is allowed, and never shown.
  await expect(row.getByRole('status')).toContainText(/private network|this machine/)
  await expectAccessibleInAll(page, 'channels')
  await expect(page.getByText('secret-hook')).toBeHidden()
  await row.getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('Nobody is told yet')).toBeVisible()
})

test('the fleet is accessible', async ({ portal }) => {
  const { page } = portal
  await portal.open('/fleet')
  await expect(page.getByRole('row', { name: new RegExp(portal.address.slice(2, 6)) })).toBeVisible()
  await expectAccessibleInAll(page, 'fleet')
})

test('a source is tested before it is kept, its metrics are picked from what it offers, and it is published', async ({
  portal,
}) => {
  const { page } = portal
  const exporter = createServer((_request, response) =>
    response.end('# HELP load Load.\nload 0.5\nother 1\n'),
  )
  await new Promise<void>((listening) => exporter.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(exporter.address() as AddressInfo).port}/metrics`
  try {
    await portal.open('/settings')
    await page.getByRole('button', { name: 'Add a source' }).click()
    const editor = page.getByRole('dialog', { name: 'New source' })
    await editor.getByRole('combobox', { name: 'Kind' }).click()
    await page.getByRole('option', { name: 'Prometheus exporter' }).click()
    await editor.getByLabel('Name').fill('exporter')
    await editor.getByLabel('Address').fill(url)
    await editor.getByRole('button', { name: 'Show what it offers' }).click()
    await editor.getByRole('checkbox', { name: 'load' }).check()
    await editor.getByLabel('Every').fill('1')
    await editor.getByRole('button', { name: 'Test' }).click()
    await expect(editor.getByText('This would be published')).toBeVisible()
    await expect(editor.getByText('metrics.load')).toBeVisible()
    await expectAccessibleInAll(page, 'source-editor', DIALOG)
    await editor.getByRole('button', { name: 'Save source' }).click()
    await expect(page.getByText('Gas is free on the local network.')).toBeVisible()
    await page.getByRole('button', { name: 'Make the stream at this cost' }).click()
    await expect(page.getByText('What is measured is published to')).toBeVisible()
    await expectAccessibleInAll(page, 'sources', '[aria-labelledby="settings-sources"]')
    await page.getByRole('region', { name: 'Metrics for Prometheus' }).scrollIntoViewIfNeeded()
    await page.goto(
      `${portal.ready.url}/#/messages?part=${encodeURIComponent(`${portal.address}/tidemark/sources#0`)}`,
    )
    await expect(page.getByRole('grid', { name: 'Messages' }).getByRole('row').nth(1)).toContainText(
      'Verified',
    )
  } finally {
    await portal.open('/settings')
    await page.getByRole('button', { name: 'Remove exporter' }).click()
    await expect(page.getByText('Nothing but this machine is measured.')).toBeVisible()
    exporter.closeAllConnections()
    exporter.close()
  }
})
