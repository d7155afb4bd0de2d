import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { TidemarkError } from '../../../shared/errors.ts'
import { type AuditedNode, ended, PART, Publisher, START, startAuditedNode } from './audited-node.ts'

/** More than two pages of the store, so that there is a half-way. */
const MESSAGES = 4_500
const RANGE = { from: START, to: START + MESSAGES - 1 }

let node: AuditedNode

/** One node for all tests, because signing thousands of messages takes a while. */
beforeAll(async () => {
  node = await startAuditedNode()
  const publisher = new Publisher()
  const messages = []
  for (let at = 0; at < MESSAGES; at++) messages.push(await publisher.next({ at: START + at }))
  await node.ingest(messages)
}, 60_000)

afterEach(async () => {
  for (const { id } of node.audits.list()) await node.audits.remove(id)
})

afterAll(() => node.stop())

async function pausedHalfWay() {
  const { id } = await node.audits.begin({ part: PART, ...RANGE, intervalMs: 1_000 })
  while (node.audits.get(id).checked === 0) await new Promise((resolve) => setImmediate(resolve))
  return node.audits.pause(id)
}

describe('the audit desk', () => {
  it('pauses, and goes on to the same report as without a pause, also after a restart', async () => {
    const whole = await node.audit(RANGE)
    const paused = await pausedHalfWay()
    expect(paused.status).toBe('paused')
    expect(paused.checked).toBeLessThan(MESSAGES)

    const restarted = await node.openDesk()
    expect(restarted.get(paused.id)).toMatchObject({ status: 'paused', checked: paused.checked })
    await restarted.resume(paused.id)
    await ended(restarted, paused.id)
    const report = JSON.parse(await restarted.report(paused.id))
    // Its last word is on disk before the other desk removes the audit.
    await restarted.stop()
    expect(report.body).toEqual(whole.body)
    expect(report.body.totals.messages).toBe(MESSAGES)
  })

  it('goes on by itself with what ran when the node stopped', async () => {
    const stopped = await node.openDesk()
    const { id } = await stopped.begin({ part: PART, ...RANGE, intervalMs: 1_000 })
    while (stopped.get(id).checked === 0) await new Promise((resolve) => setImmediate(resolve))
    await stopped.stop()
    const restarted = await node.openDesk()
    await ended(restarted, id)
    expect(JSON.parse(await restarted.report(id)).body.totals.messages).toBe(MESSAGES)
    await restarted.remove(id)
  })

  it('says when messages came into a stretch that it had read', async () => {
    const paused = await pausedHalfWay()
    await node.ingest([await new Publisher('late').next({ at: START })])
    await node.audits.resume(paused.id)
    await ended(node.audits, paused.id)
    expect(JSON.parse(await node.audits.report(paused.id)).made.arrivedMeanwhile).toBe(1)
  })

  it('removes an audit with its files, also while it runs', async () => {
    const { id } = await node.audits.begin({ part: PART, ...RANGE, intervalMs: 1_000 })
    await node.audits.remove(id)
    expect(node.audits.list()).toEqual([])
    expect(await readdir(join(node.folder, 'audits'))).toEqual([])
    expect(() => node.audits.get(id)).toThrow(TidemarkError)
  })

  it('refuses a range that ends before it begins, and a report that is not there yet', async () => {
    const backwards = { part: PART, from: START, to: START - 1, intervalMs: 1_000 }
    await expect(node.audits.begin(backwards)).rejects.toMatchObject({ code: 'invalid-input' })
    const paused = await pausedHalfWay()
    await expect(node.audits.report(paused.id)).rejects.toMatchObject({ code: 'audit-not-found' })
  })

  it('leaves files alone that it cannot read, and works without them', async () => {
    await node.audit(RANGE)
    const folder = join(node.folder, 'audits')
    const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.audit.json'))
    const text = await readFile(join(folder, name), 'utf8')
    await writeFile(join(folder, name), text.slice(0, -20))
    const restarted = await node.openDesk()
    expect(restarted.list()).toEqual([])
    expect(await readFile(join(folder, name), 'utf8')).toBe(text.slice(0, -20))
  })

  it('audits a range that holds nothing', async () => {
    const { body } = await node.audit({ from: 0, to: 1 })
    expect(body.merkle.leaves).toBe(0)
    expect(body.findings).toEqual([])
  })
})
