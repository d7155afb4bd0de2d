import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamPermission } from '@streamr/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectToNode } from '../../electron/api/client.ts'
import { findRunningNode } from '../../electron/host/running-nodes.ts'
import type { ReadyLine } from '../../shared/node-status.ts'
import { type PortalProcess, runNode, startPortal } from '../support/portal-process.ts'
import { createSecondClient } from '../support/second-client.ts'

let folder: string
let stateHome: string
let portal: PortalProcess

const cli = (...args: string[]) => runNode('electron/cli.ts', args, { XDG_DATA_HOME: stateHome })

async function apiOf(ready: ReadyLine) {
  const running = await findRunningNode(join(stateHome, 'tidemark-running'), ready.dataDir)
  return connectToNode(running.url, running.bearer)
}

function rawGet(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; cookie: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, cookie: response.headers['set-cookie']?.[0], body })
      })
    })
    request.on('error', reject)
    request.end()
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-product-'))
  stateHome = join(folder, 'state')
  portal = await startPortal(join(folder, 'data'), stateHome)
})
afterAll(async () => {
  await portal?.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('a node started on an empty folder', () => {
  it('says in its first line what others script against', () => {
    const { ready } = portal
    expect(ready).toMatchObject({ ready: true, pid: portal.child.pid, dataDir: join(folder, 'data') })
    expect(ready.address).toMatch(/^0x[0-9a-f]{40}$/i)
    expect(ready.network).toMatchObject({ environment: 'local', chainId: 31_337 })
    expect(ready.network.fundedPrivateKey).toMatch(/^0x[0-9a-f]{64}$/)
    expect(ready.network.entryPoints).toHaveLength(1)
    expect(ready.streams).toHaveLength(2)
  })

  it('counts at least ten verified messages within 45 s, and none forged', async () => {
    const health = await portal.healthUntil(({ messages }) => messages.verified >= 10, 120_000)
    expect(health).toMatchObject({ status: 'ok', messages: { forged: 0, unauthorised: 0 } })
    expect(health.messages.stored).toBeGreaterThanOrEqual(health.messages.verified)
    expect(Math.abs(Date.now() - (health.lastMessageAt ?? 0))).toBeLessThan(30_000)
  })

  it('answers queries on the command line in order, each with id, content, verdict and digest', async () => {
    const [stream] = portal.ready.streams
    const { code, stdout, stderr } = await cli('query', stream?.split('#')[0] ?? '', '--last', '5', '--json')
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(5)
    for (const line of lines) {
      expect(line).toMatchObject({ verdict: 'verified', publisher: portal.ready.address.toLowerCase() })
      expect(line.digest).toMatch(/^[0-9a-f]{64}$/)
      expect(typeof line.content).toBe('object')
    }
    const times = lines.map((line) => line.messageId.timestamp)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('proves a message to somebody with no node and no network, and notices a flipped byte', async () => {
    const { api, close } = await apiOf(portal.ready)
    const part = portal.ready.streams[0] ?? ''
    const { rows } = await api.messages.page.query({ part, limit: 1 })
    const row = rows[0]
    if (!row) throw new Error('no message')
    const { json } = await api.messages.proof.query({ id: row.id, digest: row.digest })
    await close()
    const file = join(folder, 'proof.json')
    await writeFile(file, json)
    expect(await cli('verify', file)).toMatchObject({ code: 0 })
    const bytes = Buffer.from(json)
    const at = json.indexOf('"signature"') + 20
    bytes[at] = (bytes[at] ?? 0) ^ 1
    await writeFile(file, bytes)
    const refused = await cli('verify', file)
    expect(refused.code).not.toBe(0)
    expect(refused.stdout + refused.stderr).toMatch(/\w/)
    await writeFile(file, 'not a proof')
    expect(await cli('verify', file)).toMatchObject({ code: 2 })
  })
})

describe('a second client of the real SDK that knows the network line alone', () => {
  it('creates a stream, finds it by search, publishes, and the portal shows what it signed, closed where it may not read', async () => {
    const client = await createSecondClient(portal.ready.network, portal.ready.network.fundedPrivateKey ?? '')
    const { api, close } = await apiOf(portal.ready)
    try {
      const stream = await client.createStream(`/second-${randomBytes(4).toString('hex')}`)
      const found = []
      for await (const hit of client.searchStreams(stream.id, undefined)) found.push(hit.id)
      expect(found).toEqual([stream.id])
      const { part } = await api.streams.subscribe.mutate({ streamId: stream.id })
      await expect(api.streams.subscribe.mutate({ streamId: stream.id })).rejects.toThrow(
        /already subscribed/,
      )
      for (let i = 0; i < 60; i++) {
        await client.publish(stream.id, { reading: i })
        const { rows } = await api.messages.page.query({ part, limit: 10 })
        if (rows.length >= 5) break
        await sleep(250)
      }
      const { rows } = await api.messages.page.query({ part, limit: 10 })
      expect(rows.length).toBeGreaterThanOrEqual(5)
      const publisher = (await client.getUserId()).toLowerCase()
      for (const row of rows)
        expect(row).toMatchObject({ verdict: 'verified', encrypted: true, id: { publisher } })
      const overview = (await api.streams.list.query()).find((entry) => entry.part === part)
      expect(overview?.problem).toMatchObject({
        message: expect.stringMatching(/no permission to subscribe/),
        remedy: expect.stringContaining(portal.ready.address),
      })
      await client.grantPermissions(stream.id, {
        public: true,
        permissions: ['subscribe' as StreamPermission],
      })
      const problemNow = async () =>
        (await api.streams.list.query()).find((entry) => entry.part === part)?.problem
      await expect.poll(problemNow, { timeout: 60_000 }).toBeNull()
    } finally {
      await client.destroy()
      await close()
    }
  })

  it('publishes for everybody, and the portal shows the content', async () => {
    const client = await createSecondClient(portal.ready.network, portal.ready.network.fundedPrivateKey ?? '')
    const { api, close } = await apiOf(portal.ready)
    try {
      const stream = await client.createStream(`/open-${randomBytes(4).toString('hex')}`)
      await client.grantPermissions(stream.id, {
        public: true,
        permissions: ['subscribe' as StreamPermission],
      })
      const { part } = await api.streams.subscribe.mutate({ streamId: stream.id })
      let rows: Awaited<ReturnType<typeof api.messages.page.query>>['rows'] = []
      // Until the chain has told who may publish, messages are pending.
      const isWaiting = (): boolean => rows.length < 3 || rows.some(({ verdict }) => verdict === 'pending')
      for (let i = 0; i < 60 && isWaiting(); i++) {
        await client.publish(stream.id, { reading: i })
        await sleep(250)
        rows = (await api.messages.page.query({ part, limit: 10 })).rows
      }
      expect(rows.length).toBeGreaterThanOrEqual(3)
      const content = { reading: expect.any(Number) }
      for (const row of rows) expect(row).toMatchObject({ verdict: 'verified', contentKind: 'json', content })
    } finally {
      await client.destroy()
      await close()
    }
  })

  it('refuses a stream that is not in the registry with a sentence and a remedy', async () => {
    const { api, close } = await apiOf(portal.ready)
    const attempt = api.streams.subscribe.mutate({
      streamId: '0x0000000000000000000000000000000000000001/nowhere',
    })
    await expect(attempt).rejects.toMatchObject({
      message: expect.stringMatching(/There is no stream/),
      data: { view: { code: 'stream-not-found', remedy: expect.stringMatching(/\w/) } },
    })
    await close()
  })
})

describe('care of the store by command', () => {
  it('shows what is held, keeps a retention, rebuilds, and copies the store while it runs', async () => {
    const part = portal.ready.streams[0] ?? ''
    const usage = await cli('store', 'usage')
    expect(usage).toMatchObject({ code: 0, stdout: expect.stringContaining(part) })
    expect(usage.stdout).toMatch(/integrity: (unchecked|checking|whole)/)
    expect((await cli('store', 'retention', part, '--days', '7')).code).toBe(0)
    const kept = await cli('store', 'retention', part)
    expect(JSON.parse(kept.stdout)).toEqual({ part, maxAgeMs: 7 * 86_400_000, maxBytes: null })
    expect(await cli('store', 'rebuild', part)).toMatchObject({ code: 0 })
    expect(await cli('store', 'backup', 'copy.sqlite')).toMatchObject({ code: 0 })
    expect((await stat(join(portal.ready.dataDir, 'backups', 'copy.sqlite'))).size).toBeGreaterThan(4_096)
    expect((await cli('store', 'backup', '../outside.sqlite')).code).toBe(1)
    const inUse = await cli('store', 'restore', 'copy.sqlite', '--data', portal.ready.dataDir)
    expect(inUse).toMatchObject({ code: 1, stderr: expect.stringMatching(/in use by another Tidemark/) })
  })
})

describe('the door of the headless host', () => {
  it('lets a launch token in once', async () => {
    const { url, token } = portal.ready
    const first = await rawGet(`${url}/launch?token=${token}`, {})
    expect(first.status).toBe(303)
    expect(first.cookie).toMatch(/HttpOnly; SameSite=Strict/)
    const cookie = first.cookie?.split(';')[0] ?? ''
    expect((await rawGet(`${url}/`, { cookie })).status).toBe(200)
    expect(await rawGet(`${url}/launch?token=${token}`, {})).toMatchObject({
      status: 401,
      body: expect.stringMatching(/used before/),
    })
    expect(await rawGet(`${url}/launch?token=wrong`, {})).toMatchObject({ status: 401 })
  })

  it('refuses foreign hosts and origins, and everything but health without a credential', async () => {
    const { url } = portal.ready
    expect((await rawGet(`${url}/`, {})).status).toBe(401)
    expect((await rawGet(`${url}/health`, { host: 'evil.example' })).status).toBe(421)
    expect((await rawGet(`${url}/health`, { origin: 'http://evil.example' })).status).toBe(403)
    expect((await rawGet(`${url}/health`, {})).status).toBe(200)
  })

  it('prints a new link on request', async () => {
    const { code, stdout } = await cli('open')
    expect(code).toBe(0)
    expect((await rawGet(stdout.trim(), {})).status).toBe(303)
  })
})

describe('starts that cannot succeed', () => {
  const startOn = (dataDir: string, ...args: string[]) =>
    runNode('electron/headless.ts', ['--headless', '--json', '--port', '0', '--data', dataDir, ...args], {
      XDG_DATA_HOME: stateHome,
    })

  it('names the process that already has the data folder', async () => {
    const { code, stdout, stderr } = await startOn(portal.ready.dataDir)
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(new RegExp(`\\b${portal.child.pid}\\b`))
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('says which port is taken, and leaves no chain behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    const { code, stderr } = await startOn(join(folder, 'other'), '--port', String(port))
    taken.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`Port ${port} .* taken`))
  })

  it.each([
    ['--port', '65536'],
    ['--port', '1.5'],
    ['--stop-timeout', '0'],
    ['--stop-timeout', 'soon'],
  ])('refuses %s %s before anything is made', async (option, value) => {
    const dataDir = join(folder, 'never')
    const { code, stdout, stderr } = await startOn(dataDir, option, value)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(new RegExp(`${option} takes`))
    expect(existsSync(dataDir)).toBe(false)
  })

  it('refuses a broken configuration in words and leaves it as it is', async () => {
    const dataDir = await mkdtemp(join(folder, 'broken-'))
    await writeFile(join(dataDir, 'config.json'), '{"version":1,"environment":"mars"}')
    const { code, stderr } = await startOn(dataDir)
    expect(code).toBe(1)
    expect(stderr).toMatch(/configuration file is wrong at environment/)
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})

describe('after the end', () => {
  it('has every message it had counted, after SIGKILL in the middle of ingest', async () => {
    const counted = await portal.healthUntil(({ messages }) => messages.stored > 20, 120_000)
    await portal.kill()
    const { address, streams } = portal.ready
    portal = await startPortal(join(folder, 'data'), stateHome)
    expect(portal.ready.address).toBe(address)
    expect(portal.ready.streams).toEqual(expect.arrayContaining(streams))
    const health = await portal.health()
    expect(health.messages.stored).toBeGreaterThanOrEqual(counted.messages.stored)
    expect(health.messages.verified).toBeGreaterThanOrEqual(counted.messages.verified)
    await portal.healthUntil(({ messages }) => messages.stored > health.messages.stored + 3, 120_000)
  })

  it('ends on SIGTERM with exit 0', async () => {
    expect(await portal.stop(), portal.log()).toBe(0)
  })
})
