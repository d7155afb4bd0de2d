import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PortalServer, startPortalServer } from '../../../electron/api/portal-server.ts'
import type { Licences } from '../../../electron/api/trpc.ts'
import type { StorageNode } from '../../../electron/node/storage-node.ts'
import { parseExposition } from '../../../electron/node/telemetry/prometheus-text.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'

const status = {
  version: '1.2.3',
  environment: 'local',
  uptimeS: 60,
  messages: { stored: 15, verified: 10, pending: 2, unauthorised: 3, forged: 0 },
  chain: { height: 7 as number | null, reachable: true },
  streamr: { connected: true, neighbours: 4 },
  peers: 2,
  diskBytes: 1_000,
  diskFreeBytes: 2_000,
  alertsFiring: 1,
  lastMessageAt: null,
  problems: [{ code: 'rpc-unreachable', message: 'words with "quotes"\n', remedy: '' }],
}
const part = { sizeBytes: 500, gaps: 3, equivocations: 1, dropped: 0 }
let isOpen = false
let reads = 0
const node = {
  status: async () => status,
  store: {
    statistics: async () => {
      reads += 1
      return [part, part]
    },
  },
  ingestLoad: () => ({
    verdicts: { verified: 10, pending: 2, unauthorised: 3, forged: 0 },
    refused: 5,
    turnedAway: 6,
    restarts: 0,
    unstored: 8,
    unstoredBytes: 900,
  }),
  schemaMarks: { ofPart: () => ({ broken: 3, isComplete: true }) },
  gapFiller: { summary: () => ({ waiting: 1, givenUp: 2 }) },
  metrics: { isOpen: () => isOpen, admits: (header?: string) => header === 'Bearer scraper' },
} as unknown as StorageNode

let folder = ''
let portal: PortalServer
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-metrics-'))
  writeFileSync(join(folder, 'index.html'), 'the portal')
  portal = await startPortalServer({
    node,
    licences: {} as Licences,
    rendererDir: folder,
    port: 0,
    logger: createQuietLogger(),
  })
  isOpen = false
  reads = 0
})
afterEach(async () => {
  await portal.close()
  rmSync(folder, { recursive: true, force: true })
})

const scrape = (headers: Record<string, string> = { authorization: `Bearer ${portal.bearer}` }) =>
  fetch(`${portal.url}/metrics`, { headers })

async function values(): Promise<Map<string, number>> {
  const { samples, badLines } = parseExposition(await (await scrape()).text(), () => true)
  expect(badLines).toBe(0)
  return new Map(
    samples.map(({ name, labels, value }) => [[name, ...labels.map(([, text]) => text)].join(' '), value]),
  )
}

describe('the node’s metrics', () => {
  it('are in Prometheus’ format and say what the node says, twice the same where nothing happened', async () => {
    const answer = await scrape()
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    await answer.text()
    const said = await values()
    expect(Object.fromEntries(said)).toMatchObject({
      'tidemark_info 1.2.3 local': 1,
      'tidemark_stored_messages verified': 10,
      'tidemark_stored_messages unauthorised': 3,
      tidemark_stored_bytes: 1_000,
      tidemark_gaps: 6,
      tidemark_ingested_verified_total: 10,
      tidemark_ingest_queue_messages: 8,
      tidemark_chain_height: 7,
      tidemark_peers: 2,
      tidemark_disk_free_bytes: 2_000,
      'tidemark_problems rpc-unreachable': 1,
    })
    expect((await values()).get('tidemark_ingested_verified_total')).toBe(10)
  })

  it('leave out what is not known instead of calling it zero', async () => {
    expect((await values()).has('tidemark_last_message_timestamp_seconds')).toBe(false)
    status.chain.height = null
    expect((await values()).has('tidemark_chain_height')).toBe(false)
    status.chain.height = 7
    expect((await values()).get('tidemark_chain_height')).toBe(7)
  })

  it('are for whoever has their token or the bearer, or for this machine where the user has opened them', async () => {
    expect((await scrape({})).status).toBe(401)
    expect((await scrape({ authorization: 'Bearer no' })).status).toBe(401)
    expect((await scrape({ authorization: 'Bearer scraper' })).status).toBe(200)
    isOpen = true
    expect((await scrape({})).status).toBe(200)
  })

  it('have a token that opens nothing else', async () => {
    const authorization = 'Bearer scraper'
    expect((await fetch(`${portal.url}/`, { headers: { authorization } })).status).toBe(401)
    expect((await fetch(`${portal.url}/index.html`, { headers: { authorization } })).status).toBe(401)
  })

  it('are not for a page that had its name point here, open or not: the host is checked first', async () => {
    isOpen = true
    const { port } = new URL(portal.url)
    const code = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request({ port, path: '/metrics', headers: { host: 'evil.example' } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      asked.on('error', reject)
      asked.end()
    })
    expect(code).toBe(421)
    expect(
      (await fetch(`${portal.url}/metrics`, { headers: { origin: 'http://evil.example' } })).status,
    ).toBe(403)
    expect(reads).toBe(0)
  })

  it('the dashboard beside them asks for nothing they do not say', async () => {
    const dashboard = readFileSync(
      new URL('../../../resources/grafana/tidemark.json', import.meta.url),
      'utf8',
    )
    const said = new Set([...(await values()).keys()].map((key) => key.split(' ')[0]))
    // Left out while there is nothing to tell: no message yet, no tick since the last scrape.
    for (const name of ['tidemark_last_message_timestamp_seconds', 'tidemark_event_loop_delay_seconds'])
      said.add(name)
    const asked = new Set(dashboard.match(/tidemark_[a-z_]+/g))
    expect(asked.size).toBeGreaterThan(12)
    expect([...asked].filter((name) => !said.has(name))).toEqual([])
  })
})
