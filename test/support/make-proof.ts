// Writes test/fixtures/proof.json, proof-range.json and report.json anew: a proof of one message, one of a selection and
// the report of an audit that a really running portal exports through its API. Those of older versions stay beside them.
// Run by hand when a format has a new version: node test/support/make-proof.ts [proof|report]
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connectToNode } from '../../electron/api/client.ts'
import { findRunningNode } from '../../electron/host/running-nodes.ts'
import { startPortal } from './portal-process.ts'

/** Far enough into the stream that the message has a predecessor and a successor. */
const MESSAGES = 5
const RANGE_MS = 3_600_000

const folder = await mkdtemp(join(tmpdir(), 'tidemark-proof-'))
const portal = await startPortal(join(folder, 'data'), join(folder, 'state'))
try {
  await portal.healthUntil(({ messages }) => messages.verified >= 4 * MESSAGES, 60_000)
  const part = portal.ready.streams.find((name) => name.includes('chain')) ?? portal.ready.streams[0] ?? ''
  const running = await findRunningNode(join(folder, 'state', 'tidemark-running'), portal.ready.dataDir)
  const { api, close } = connectToNode(running.url, running.bearer)
  const { rows } = await api.messages.page.query({ part, limit: MESSAGES, order: 'ascending' })
  const row = rows[MESSAGES - 2]
  if (row === undefined) throw new Error('the stream has too few messages')
  const { json } = await api.messages.proof.query({ id: row.id, digest: row.digest })
  const [first, second] = rows
  const from = first?.id.timestamp ?? 0
  const within = { from: second?.id.timestamp ?? 0, to: row.id.timestamp }
  const range = await api.messages.rangeProof.mutate({ part, from, to: from + RANGE_MS, within })
  const { id } = await api.audit.begin.mutate({ part, from: within.from, to: within.to })
  while ((await api.audit.get.query({ id })).status === 'running') await sleep(200)
  const report = await api.audit.report.query({ id })
  await close()
  const write = (name: string, text: string) =>
    writeFile(fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)), text)
  const [wanted] = process.argv.slice(2)
  if (wanted !== 'report') {
    await write('proof.json', json)
    await write('proof-range.json', range.json)
  }
  if (wanted !== 'proof') await write('report.json', report.json)
} finally {
  await portal.stop()
  await rm(folder, { recursive: true, force: true })
}
