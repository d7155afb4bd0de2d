import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PortalServer, startPortalServer } from '../../../electron/api/portal-server.ts'
import type { Licences } from '../../../electron/api/trpc.ts'
import type { StorageNode } from '../../../electron/node/storage-node.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'

/** More than sockets hold, so that sending is under way when the reader leaves. */
const LONG_FILE_BYTES = 32 * 1_048_576

let rendererDir: string
let portal: PortalServer
let logger: ReturnType<typeof createQuietLogger>
let health: () => Promise<unknown>

beforeEach(async () => {
  rendererDir = await mkdtemp(join(tmpdir(), 'tidemark-portal-'))
  await mkdir(join(rendererDir, 'assets'))
  await writeFile(join(rendererDir, 'index.html'), 'the portal')
  await writeFile(join(rendererDir, 'assets', 'long.js'), Buffer.alloc(LONG_FILE_BYTES, 32))
  logger = createQuietLogger()
  health = async () => ({ status: 'ok' })
  portal = await startPortalServer({
    node: { health: () => health() } as unknown as StorageNode,
    licences: {} as Licences,
    rendererDir,
    port: 0,
    logger,
  })
})
afterEach(async () => {
  await portal.close()
  await rm(rendererDir, { recursive: true, force: true })
})

const headers = () => ({ authorization: `Bearer ${portal.bearer}` })

describe('the portal’s server', () => {
  it('sends the portal’s files to whoever has been let in, and the page for every route', async () => {
    const answer = await fetch(`${portal.url}/workspace`, { headers: headers() })
    expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 200, text: 'the portal' })
    expect((await fetch(`${portal.url}/workspace`)).status).toBe(401)
    expect((await fetch(`${portal.url}/assets/none.js`, { headers: headers() })).status).toBe(404)
  })

  it('takes a browser that leaves in the middle of a file for no error', async () => {
    await new Promise<void>((left) => {
      const request = get(`${portal.url}/assets/long.js`, { headers: headers() }, (response) => {
        response.once('data', () => request.destroy())
        response.once('close', left)
      })
      request.on('error', () => undefined)
    })
    await portal.close()
    expect(logger.lines).toEqual([])
  })

  it('logs what fails inside and tells a sentence, not the error', async () => {
    health = () => Promise.reject(new TypeError('Cannot read properties of undefined'))
    const answer = await fetch(`${portal.url}/health`)
    expect(answer.status).toBe(500)
    expect(await answer.text()).toMatch(/^Something went wrong inside Tidemark\.\n/)
    expect(logger.lines.map(({ level }) => level)).toEqual(['error'])
  })

  it('answers reading alone', async () => {
    const answer = await fetch(portal.url, { method: 'POST', headers: headers() })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})
