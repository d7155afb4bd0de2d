import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../../electron/api/client.ts'
import { type PortalServer, startPortalServer } from '../../../electron/api/portal-server.ts'
import type { Licences } from '../../../electron/api/trpc.ts'
import { type ExportQueryOptions, exportQuery } from '../../../electron/commands/export-query.ts'
import type { StorageNode } from '../../../electron/node/storage-node.ts'
import type { ExportProgress } from '../../../shared/message-export.ts'
import { type ExportHouse, openExports } from '../rows/exports.ts'
import { chainOf, STREAM } from '../store/synthetic-messages.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'

let folder = ''
let house: ExportHouse
let portal: PortalServer
let endless: ExportProgress
let isLeft = false
const request = { part: `${STREAM}#0`, order: 'ascending', format: 'csv', columns: null } as const

/** A file without end, that notes when its reader is gone. */
function readEndless() {
  async function* bytes() {
    try {
      for (;;) yield Buffer.alloc(65_536, 'x')
    } finally {
      isLeft = true
    }
  }
  return { progress: endless, bytes: bytes() }
}
const logger = createQuietLogger()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-download-'))
  await writeFile(join(folder, 'index.html'), 'the portal')
  house = await openExports()
  endless = await house.exports.open(request)
  await house.add(chainOf(300, { content: { load: 0.5, note: '=1+1' } }))
  portal = await startPortalServer({
    node: {
      exports: {
        read: (id: string, signal: AbortSignal) =>
          id === 'endless' ? readEndless() : house.exports.read(id, signal),
      },
    } as unknown as StorageNode,
    licences: {} as Licences,
    rendererDir: folder,
    port: 0,
    logger,
  })
}, 60_000)
afterAll(async () => {
  await portal.close()
  await house.dispose()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  logger.lines.length = 0
})

const headers = () => ({ authorization: `Bearer ${portal.bearer}` })

describe('a download of an export', () => {
  it('is a file with the node’s name for it, for whoever has been let in, once', async () => {
    const { id, fileName } = await house.exports.open(request)
    expect((await fetch(`${portal.url}/export/${id}`)).status).toBe(401)
    const answer = await fetch(`${portal.url}/export/${id}`, { headers: headers() })
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${fileName}"`)
    expect(fileName).toMatch(/^[A-Za-z0-9-]+\.csv$/)
    expect((await answer.text()).split('\r\n')).toHaveLength(302)
    expect((await fetch(`${portal.url}/export/${id}`, { headers: headers() })).status).toBe(404)
    expect((await fetch(`${portal.url}/export/none`, { headers: headers() })).status).toBe(404)
  })

  it('that is left in the middle ends the reading of the store, and is no error', async () => {
    await new Promise<void>((left) => {
      const asked = get(`${portal.url}/export/endless`, { headers: headers() }, (response) => {
        response.once('data', () => asked.destroy())
        response.once('close', left)
      })
      asked.on('error', () => undefined)
    })
    await expect.poll(() => isLeft).toBe(true)
    expect(logger.lines).toEqual([])
  })
})

describe('saving from the command line', () => {
  const options = (out: string): ExportQueryOptions => ({
    streamId: STREAM,
    partition: 0,
    format: 'jsonl',
    out,
    columns: ['load'],
    verdicts: [],
    conditions: [],
    newestFirst: true,
    last: 10,
  })
  const client = (change: Partial<StorageNode['exports']> = {}): ApiClient => {
    const exports = { open: house.exports.open.bind(house.exports), ...change }
    return {
      api: {
        exports: {
          open: { mutate: (input: Parameters<typeof exports.open>[0]) => exports.open(input) },
          progress: { query: async ({ id }: { id: string }) => house.exports.progress(id) },
          cancel: { mutate: async ({ id }: { id: string }) => house.exports.cancel(id) },
        },
      },
    } as unknown as ApiClient
  }
  const target = () => ({ url: portal.url, bearer: portal.bearer, notes: new PassThrough().resume() })

  it('leaves a whole file, with its citation beside it', async () => {
    const out = join(folder, 'saved.jsonl')
    await exportQuery(client(), options(out), target(), new AbortController().signal)
    const lines = (await readFile(out, 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(10)
    expect(JSON.parse(lines[0] ?? '').fields).toEqual({ load: 0.5 })
    const citation = JSON.parse(await readFile(`${out}.citation.json`, 'utf8'))
    expect(citation).toMatchObject({
      citation: 1,
      stream: STREAM,
      order: 'descending',
      outcome: { rows: 10 },
    })
  })

  it('leaves nothing where it broke off, and says so', async () => {
    const out = join(folder, 'broken.jsonl')
    const broken = client({
      open: async (input) => {
        const opened = await house.exports.open(input)
        house.exports.cancel(opened.id)
        return opened
      },
    })
    const saved = exportQuery(broken, options(out), target(), new AbortController().signal)
    await expect(saved).rejects.toMatchObject({
      code: 'aborted',
      remedy: expect.stringContaining('Nothing was saved'),
    })
    await expect(stat(out)).rejects.toThrow()
    await expect(stat(`${out}.part`)).rejects.toThrow()
  })
})
