import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from '@playwright/test'

const path = fileURLToPath(new URL('../../dist/renderer/verify.html', import.meta.url))
const proof = fileURLToPath(new URL('../fixtures/proof.json', import.meta.url))

test.beforeEach(async ({ context }) => {
  await context.setOffline(true)
})

test('the verification page accepts a proof with no node and no network, and refuses an altered one', async ({
  page,
}) => {
  await page.goto(pathToFileURL(path).href)
  await page.locator('#file').setInputFiles(proof)
  await expect(page.locator('#verdict strong')).toContainText('Good: The message of')
  await expect(page.getByRole('heading', { name: 'Messages' })).toBeVisible()

  const altered = (await readFile(proof, 'utf8')).replace('"sequence": 0', '"sequence": 1')
  await page.locator('#file').setInputFiles({
    name: 'altered.json',
    mimeType: 'application/json',
    buffer: Buffer.from(altered),
  })
  await expect(page.locator('#verdict strong')).toContainText('Not good')
  await expect(page.locator('#content')).toBeHidden()
})

test('a page that carries its evidence checks it when it is opened', async ({ page }, info) => {
  const html = await readFile(path, 'utf8')
  const evidence = (await readFile(proof)).toString('base64')
  const carried = info.outputPath('carried.html')
  const place = '<script type="text/plain" id="evidence">'
  expect(html).toContain(`${place}</script>`)
  await writeFile(
    carried,
    html.replace(place, () => `${place}${evidence}`),
  )
  await page.goto(pathToFileURL(carried).href)
  await expect(page.locator('#verdict strong')).toContainText('Good: ')
})
