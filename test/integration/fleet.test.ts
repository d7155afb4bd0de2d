import { join } from 'node:path'
import { JsonRpcProvider } from 'ethers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type ApiClient, connectToNode } from '../../electron/api/client.ts'
import { findRunningNode } from '../../electron/host/running-nodes.ts'
import type { FleetView } from '../../shared/fleet-standing.ts'
import type { NetworkDescription } from '../../shared/node-status.ts'
import type { AlertView } from '../../shared/rules/alert.ts'
import { ruleSchema } from '../../shared/rules/rule.ts'
import { type AgentProcess, agentAddress, startAgent } from '../support/agent-process.ts'
import { fund } from '../support/fund.ts'
import { type LaggingEndpoint, startLaggingEndpoint } from '../support/lagging-endpoint.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { Cleanup } from './local-network-fixtures.ts'
import { chooseNetwork, startForeignNetwork } from './support/foreign-network.ts'

const HEIGHT = 'chain.block.height'
/** Far more than a sample is late by, far less than the chain is made to go on by. */
const BLOCKS_BEHIND = 60
const BLOCKS_MINED = 100
/** A machine that is busy stalls for seconds; who says nothing for longer is gone. */
const SILENT_AFTER_MS = 10_000

type Name = 'steady' | 'lagging' | 'stopped' | 'killed'
const NAMES: readonly Name[] = ['steady', 'lagging', 'stopped', 'killed']

const cleanup = new Cleanup()
const folder = cleanup.folder()
let network: NetworkDescription
let portal: PortalProcess
let client: ApiClient
let endpoint: LaggingEndpoint
let part = ''
let agents: Record<Name, AgentProcess>

async function openPortal(): Promise<void> {
  portal = await startPortal(join(folder, 'portal'), join(folder, 'state'))
  const running = await findRunningNode(join(folder, 'state', 'tidemark-running'), join(folder, 'portal'))
  client = connectToNode(running.url, running.bearer)
}

async function closePortal(): Promise<void> {
  await client?.close()
  await portal?.stop()
}

/** Only who makes the stream pays; it names the others, and each of them publishes in its own name. */
async function startAgents(): Promise<void> {
  const folderOf = (name: Name): string => join(folder, name)
  const [owner = '', ...publishers] = await Promise.all(NAMES.map((name) => agentAddress(folderOf(name))))
  await fund(network, owner)
  const start = async (name: Name, id: string): Promise<AgentProcess> => {
    const starting = startAgent({
      folder: folderOf(name),
      network,
      stream: { id, publishers },
      sources: [
        { kind: 'machine', name: 'machine', intervalMs: 1_000 },
        {
          kind: 'evm',
          name: 'chain',
          url: name === 'lagging' ? endpoint.url : network.rpcUrl,
          intervalMs: 1_000,
        },
      ],
    })
    // One that is still starting when another has failed is ended, too.
    cleanup.add(async () => {
      const agent = await starting.catch(() => undefined)
      agent?.child.kill('SIGCONT')
      await agent?.kill()
    })
    return starting
  }
  const steady = await start('steady', '/fleet')
  part = `${steady.streamId}#0`
  const [lagging, stopped, killed] = await Promise.all(
    (['lagging', 'stopped', 'killed'] as const).map((name) => start(name, steady.streamId)),
  )
  agents = { steady, lagging, stopped, killed } as Record<Name, AgentProcess>
}

beforeAll(async () => {
  const theirs = await startForeignNetwork(folder, cleanup)
  network = theirs.network
  endpoint = await startLaggingEndpoint(network.rpcUrl)
  cleanup.add(() => endpoint.close())
  await chooseNetwork(join(folder, 'portal'), network)
  cleanup.add(closePortal)
  await Promise.all([openPortal(), startAgents()])
  await client.api.streams.subscribe.mutate({ streamId: agents.steady.streamId })
}, 480_000)
afterAll(() => cleanup.run(), 60_000)

/** What agents are called here, and everything else as it is. */
function nameOf(publisher: string | null): string {
  return NAMES.find((name) => agents[name].address === publisher) ?? String(publisher)
}

const view = (): Promise<FleetView> => client.api.fleet.view.query({ part, spanMs: 60_000 })

async function standing(): Promise<Record<string, string>> {
  const { members } = await view()
  return Object.fromEntries(members.map(({ publisher, state }) => [nameOf(publisher), state]))
}

const open = (): Promise<AlertView[]> => client.api.alerts.list.query({ state: 'open' })
const inShort = (alerts: readonly AlertView[]): string[] =>
  alerts.map(({ ruleId, publisher, state }) => `${ruleId} ${nameOf(publisher)} ${state}`).sort()

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 240_000, interval: 250 })
const untilStanding = (expected: Record<Name, string>) =>
  until(async () => expect(await standing()).toEqual(expected))
const untilOpen = (...expected: string[]) =>
  until(async () => expect(inShort(await open())).toEqual(expected.sort()))

async function mine(blocks: number): Promise<void> {
  const provider = new JsonRpcProvider(network.rpcUrl, network.chainId, { staticNetwork: true })
  await provider.send('anvil_mine', [`0x${blocks.toString(16)}`])
  provider.destroy()
}

/** Five processes of Node on a busy machine take their time; each test ends as soon as it has seen what it waits for. */
const TIMEOUT_MS = 300_000

describe('a fleet of real agents, of which one is stopped, one lags and one is killed', {
  timeout: TIMEOUT_MS,
}, () => {
  it('is seen side by side while all is well', async () => {
    await until(async () => {
      const now = await view()
      expect(now.states).toEqual({ silent: 0, unhealthy: 0, lagging: 0, well: 4, stranger: 0 })
      expect(now.totals.every((total) => total !== null && total.count > 4)).toBe(true)
    })
    const whole = await view()
    expect(whole.fields).toMatchObject({ height: HEIGHT, version: 'chain.version', health: 'chain.syncing' })
    expect(whole.fields.resources).toEqual(
      expect.arrayContaining(['machine.cpu.total', 'machine.memory.used']),
    )
    for (const member of whole.members) {
      expect(member).toMatchObject({
        newest: { verdict: 'verified' },
        version: { value: expect.stringContaining('anvil') },
        messages: { gaps: 0, unauthorised: 0 },
      })
    }
    const rules = [
      { id: 'silent', condition: { kind: 'silence', afterMs: SILENT_AFTER_MS }, severity: 'critical' },
      { id: 'behind', condition: { kind: 'lag', field: HEIGHT, by: BLOCKS_BEHIND } },
      {
        id: 'provenance',
        condition: { kind: 'provenance', faults: ['equivocation', 'forged', 'unauthorised'] },
      },
      {
        id: 'full',
        condition: { kind: 'threshold', field: 'machine.memory.used', op: 'above', value: 1e15 },
      },
    ]
    for (const rule of rules)
      await client.api.alerts.putRule.mutate(ruleSchema.parse({ ...rule, name: rule.id, part }))
  })

  it('one that falls behind the others is said to lag, by how much, and nobody else', async () => {
    await endpoint.hold()
    await mine(BLOCKS_MINED)
    await untilStanding({ steady: 'well', lagging: 'lagging', stopped: 'well', killed: 'well' })
    await until(async () => {
      const [worst] = (await view()).members
      expect(nameOf(worst?.publisher ?? null)).toBe('lagging')
      expect(worst?.behindMedian).toBeGreaterThanOrEqual(BLOCKS_MINED - 10)
    })
    await untilOpen('behind lagging firing')
  })

  it('one that is stopped and one that is killed are said to be silent, and the rest is as it was', async () => {
    process.kill(agents.stopped.pid, 'SIGSTOP')
    await agents.killed.kill()
    await untilStanding({ steady: 'well', lagging: 'lagging', stopped: 'silent', killed: 'silent' })
    // Silent ones come first, with their last words; the numbers of the fleet are those of who is there.
    const { members, height } = await view()
    expect(members.map(({ state }) => state)).toEqual(['silent', 'silent', 'lagging', 'well'])
    expect(members[0]?.height?.value).toEqual(expect.any(Number))
    expect(height?.max).toBe(members[3]?.height?.value)
    await untilOpen('behind lagging firing', 'silent stopped firing', 'silent killed firing')
  })

  it('a restart of the portal changes nothing of that', async () => {
    const before = await open()
    const known = (alerts: readonly AlertView[]) =>
      alerts.map(({ id, state, since, firedAt, sentence }) => ({ id, state, since, firedAt, sentence }))
    await closePortal()
    await openPortal()
    // Before anything is judged, and after it was.
    expect(known(await open())).toEqual(known(before))
    const { judgedUpTo } = await client.api.alerts.state.query()
    await until(async () => {
      const state = await client.api.alerts.state.query()
      expect(state.problem).toBeNull()
      expect(state.judgedUpTo).toBeGreaterThan((judgedUpTo ?? 0) + SILENT_AFTER_MS)
    })
    const after = await open()
    expect(known(after).filter(({ id }) => before.some((alert) => alert.id === id))).toEqual(known(before))
    await untilStanding({ steady: 'well', lagging: 'lagging', stopped: 'silent', killed: 'silent' })
  })

  it('who is back is said to be back, and who is not stays silent', async () => {
    process.kill(agents.stopped.pid, 'SIGCONT')
    endpoint.catchUp()
    await untilStanding({ steady: 'well', lagging: 'well', stopped: 'well', killed: 'silent' })
    await untilOpen('silent killed firing')
    const resolved = await client.api.alerts.list.query({ state: 'resolved' })
    expect(inShort(resolved)).toEqual(['behind lagging resolved', 'silent stopped resolved'])
    for (const { endedBy } of resolved) expect(endedBy).toBe('condition')
  })

  it('an agent that is told to stop ends in order', async () => {
    expect(await agents.steady.stop()).toBe(0)
  })
})
