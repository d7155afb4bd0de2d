import { POSTGRES_MISSING, type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts'
import { expectAccessibleInAll } from './accessible.ts'
import { expect, test } from './portal.ts'

test.skip(POSTGRES_MISSING !== null, POSTGRES_MISSING ?? '')
test.describe.configure({ mode: 'serial' })

let cluster: PostgresCluster
test.beforeAll(async () => {
  cluster = await startPostgresCluster()
})
test.afterAll(() => cluster?.stop())

test('a database is tried before messages are kept there: a wrong password is told, the right one says what is there', async ({
  portal,
}) => {
  const { page } = portal
  const { host, port, database, user, password } = cluster.wire('portal')
  await portal.open('/settings')
  const card = page.getByRole('region', { name: 'Where messages are kept' })
  await card.getByText('PostgreSQL server').click()
  await card.getByLabel('Server', { exact: true }).fill(host)
  await card.getByLabel('Port').fill(String(port))
  await card.getByLabel('Database').fill(database)
  await card.getByLabel('User').fill(user)
  await card.getByRole('textbox', { name: 'Password' }).fill('hunter2')
  await card.getByRole('combobox', { name: 'Connection' }).click()
  await page.getByRole('option', { name: 'Not encrypted' }).click()
  await card.getByRole('button', { name: 'Test the connection' }).click()
  await expect(card.getByRole('alert')).toContainText('refused the login', { timeout: 30_000 })
  await card.getByRole('textbox', { name: 'Password' }).fill(password ?? '')
  await card.getByRole('button', { name: 'Test the connection' }).click()
  await expect(card.getByText('It will do.')).toBeVisible({ timeout: 30_000 })
  await expectAccessibleInAll(page, 'database')
})

test('a stream is written into a table, its history first, and the table says how far behind it is', async ({
  portal,
}) => {
  const { page } = portal
  const { host, port, database, user, password } = cluster.wire('telemetry')
  await portal.open('/settings')
  const sinks = page.getByRole('region', { name: 'Sinks into PostgreSQL' })
  await sinks.getByRole('button', { name: 'Set the database…' }).click()
  const form = page.getByRole('dialog', { name: 'Database of the sinks' })
  await form.getByLabel('Server', { exact: true }).fill(host)
  await form.getByLabel('Port').fill(String(port))
  await form.getByLabel('Database').fill(database)
  await form.getByLabel('User').fill(user)
  await form.getByRole('textbox', { name: 'Password' }).fill(password ?? '')
  await form.getByRole('combobox', { name: 'Connection' }).click()
  await page.getByRole('option', { name: 'Not encrypted' }).click()
  await form.getByRole('button', { name: 'Use this database' }).click()
  await expect(form).toBeHidden({ timeout: 30_000 })

  await sinks.getByRole('button', { name: 'Add a sink…' }).click()
  const adding = page.getByRole('dialog', { name: 'Write a stream into a table' })
  await adding.getByRole('combobox', { name: 'Stream' }).click()
  await page.getByRole('option', { name: /machine/i }).click()
  await adding.getByRole('button', { name: 'Add the sink' }).click()
  await expect(adding).toBeHidden()
  const row = sinks.getByRole('row').filter({ hasText: 'machine' })
  await expect(row).toContainText(/Live, .+ behind/, { timeout: 60_000 })
  const rows = () =>
    cluster.admin(async (client) => {
      const { rows } = await client.query(
        'SELECT count(*) AS n, min(tm_time) AS first FROM telemetry.machine',
      )
      return { count: Number(rows[0]?.n), first: rows[0]?.first as Date }
    })
  // What was stored before there was a sink is there as well.
  const begun = await rows()
  expect(begun.first.getTime()).toBeLessThan(Date.now() - 2_000)
  await expect.poll(async () => (await rows()).count, { timeout: 30_000 }).toBeGreaterThan(begun.count)
  await expectAccessibleInAll(page, 'sinks')

  await row.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: /Remove/ }).click()
  const asking = page.getByRole('dialog', { name: /^Remove the sink/ })
  await asking.getByRole('button', { name: /Remove/ }).click()
  await expect(row).toBeHidden()
  expect((await rows()).count).toBeGreaterThan(begun.count)
})
