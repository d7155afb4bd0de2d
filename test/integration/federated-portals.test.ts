import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseStreamPartId } from '../../shared/message.ts'
import { apiOfPortal, startJoiningPortal } from '../support/joining-portal.ts'
import { type PortalProcess, runNode, startPortal } from '../support/portal-process.ts'

let folder: string
let first: PortalProcess
let second: PortalProcess

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-federated-'))
  first = await startPortal(join(folder, 'first'), join(folder, 'state'))
  await first.healthUntil(({ messages }) => messages.verified >= 8, 120_000)
  second = await startJoiningPortal(first.ready, join(folder, 'second'), join(folder, 'state'))
})

afterAll(async () => {
  await second?.stop()
  await first?.stop()
  await rm(folder, { recursive: true, force: true })
})

const apiOf = ({ ready }: PortalProcess) => apiOfPortal(ready, join(folder, 'state'))

function query(portal: PortalProcess, ...args: string[]) {
  const command = ['query', ...args, '--json', '--data', portal.ready.dataDir]
  return runNode('electron/cli.ts', command, { XDG_DATA_HOME: join(folder, 'state') })
}

/** A `remote-log` command that succeeds, of which the output is told. */
async function remoteLog(portal: PortalProcess, ...args: string[]): Promise<string> {
  const command = ['remote-log', ...args, '--data', portal.ready.dataDir]
  const { code, stdout, stderr } = await runNode('electron/cli.ts', command, {
    XDG_DATA_HOME: join(folder, 'state'),
  })
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trim()
}

const linesOf = (output: string) =>
  output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { digest: string; messageId: object })

describe('two portals of which one has not even subscribed', () => {
  it('answer as one: what the other holds comes through the command, is kept, and its holder is known', async () => {
    const part = first.ready.streams.find((stream) => stream.includes('/machine')) ?? ''
    const { streamId } = parseStreamPartId(part)
    const one = await apiOf(first)
    const two = await apiOf(second)
    const to = String(Date.now())
    const held = linesOf((await query(first, streamId, '--to', to)).stdout)
    expect(held.length).toBeGreaterThanOrEqual(4)

    const { multiaddrs } = await one.api.network.self.query()
    await two.api.network.addPeer.mutate({ multiaddr: multiaddrs[0] ?? '' })
    await vi.waitFor(async () => expect((await second.health()).peers).toBe(1), {
      timeout: 60_000,
      interval: 200,
    })
    expect(linesOf((await query(second, streamId, '--to', to)).stdout)).toEqual([])

    const asked = await query(second, streamId, '--to', to, '--federated')
    expect(linesOf(asked.stdout)).toEqual(held)
    const { report } = JSON.parse(asked.stderr.trim()) as { report: Record<string, unknown> }
    expect(report).toMatchObject({
      isComplete: true,
      messages: held.length,
      brought: held.length,
      unreached: [],
      peers: [{ address: first.ready.address.toLowerCase(), outcome: 'answered' }],
    })
    // What was brought was verified and kept: the node now answers by itself.
    expect(linesOf((await query(second, streamId, '--to', to)).stdout)).toEqual(held)

    const page = await two.api.messages.page.query({ part, limit: 1, order: 'ascending' })
    const [oldest] = page.rows
    if (oldest === undefined) throw new Error('the page is empty')
    const holders = await two.api.network.holders.query({ id: oldest.id, digest: oldest.digest })
    expect(holders).toMatchObject([{ address: first.ready.address.toLowerCase(), answer: 'holds' }])

    const from = oldest.id.timestamp
    const { rows } = await two.api.network.coverage.query({ part, from, to: Number(to) })
    expect(rows.map(({ address, counts }) => [address, counts === null])).toEqual([
      [second.ready.address.toLowerCase(), false],
      [first.ready.address.toLowerCase(), false],
    ])
    await one.close()
    await two.close()
  })

  it('keep a peer’s bad address out of the list, and say why', async () => {
    const { api, close } = await apiOf(second)
    const nobody = '/ip4/127.0.0.1/tcp/9/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo'
    await expect(api.network.addPeer.mutate({ multiaddr: nobody })).rejects.toThrow(
      /No node could be reached/,
    )
    await expect(api.network.addPeer.mutate({ multiaddr: 'localhost:4001' })).rejects.toThrow(/multiaddr/)
    const { settings } = await api.network.self.query()
    expect(settings.listed).not.toContain(nobody)
    await close()
  })
})

describe('the commands of remote logs, between two nodes', () => {
  const WAIT = { timeout: 60_000, interval: 300 }
  const partOf = ({ ready }: PortalProcess) =>
    ready.streams.find((stream) => !stream.includes('/machine')) ?? ''

  it('pair two nodes by a link, once, and keep them in step in either mode', async () => {
    const part = partOf(first)
    const { api, close } = await apiOf(second)
    // Healing would ask its peers for what was before the subscription, and leave nothing for the paired node to bring.
    await api.network.setHealing.mutate({ isOn: false, everyS: 300 })
    await api.streams.subscribe.mutate({ streamId: parseStreamPartId(part).streamId })
    const link = (await remoteLog(first, 'pair')).split('\n')[1] ?? ''
    expect(link).toMatch(/^tidemark:\/\/pair\?code=/)
    const [peer] = (await remoteLog(second, 'pair', link)).split('\t')
    expect(peer).toMatch(/^12D3Koo/)
    await expect(remoteLog(second, 'pair', link)).rejects.toThrow()
    const broughtByPairing = async () => {
      const { rows } = await api.messages.page.query({ part, limit: 500, order: 'ascending' })
      return rows.filter(({ source }) => source.startsWith('mvds:')).length
    }
    await vi.waitFor(async () => expect(await broughtByPairing()).toBeGreaterThan(0), WAIT)
    for (const mode of ['batch', 'interactive']) {
      for (const portal of [first, second]) {
        const [told, node] = (await remoteLog(portal, 'sync', mode)).split('\n')
        expect(told).toBe(mode)
        expect(node).toMatch(/^12D3Koo\w+\t.*\tconnected$/)
      }
    }
    await remoteLog(second, 'unpair', peer ?? '')
    expect(await remoteLog(second, 'sync')).toBe('interactive')
    await close()
  })

  it('follow a log of the other, and no longer once told so', async () => {
    const part = partOf(first)
    const keeper = `folder:${join(first.ready.dataDir, 'remote-log')}`
    const [name = ''] = (await remoteLog(first, 'publish', part, '--mode', 'linked')).split('\t')
    await vi.waitFor(
      async () => expect(await remoteLog(first, 'list')).toMatch(/linked: [1-9]\d* messages.*current/),
      WAIT,
    )
    const listed = async () => {
      const { followed } = JSON.parse(await remoteLog(second, 'list', '--json'))
      return followed as { name: string; isFollowed: boolean; messages: number; part: string }[]
    }
    await remoteLog(second, 'follow', name, '--keeper', keeper)
    await vi.waitFor(async () => {
      const [log] = await listed()
      expect(log).toMatchObject({ name, part, isFollowed: true })
      expect(log?.messages).toBeGreaterThan(0)
    }, WAIT)
    const { streamId } = parseStreamPartId(part)
    expect(linesOf((await query(second, streamId, '--last', '5')).stdout).length).toBeGreaterThan(0)
    await remoteLog(second, 'unfollow', name, '--keeper', keeper)
    expect(await listed()).toMatchObject([{ name, isFollowed: false }])
  })
})
