// What an agent costs the server it runs on: resident memory and CPU over ten minutes of publishing the machine's and
// a chain's metrics, with the runtime flags of its systemd unit. `--minutes N` for a shorter look.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { agentAddress, startAgent } from '../support/agent-process.ts'
import { fund } from '../support/fund.ts'
import { projectFolder, startPortal } from '../support/portal-process.ts'

const DEFAULT_MINUTES = 10
const SAMPLE_EVERY_MS = 5_000
/** Joining the network and the first samples are not what it costs to run. */
const WARM_UP_MS = 30_000
/** Linux counts a process's CPU time in these, whatever its kernel's tick is. */
const CLOCK_TICKS_PER_SECOND = 100

async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const columns = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(columns[11]) + Number(columns[12])) / CLOCK_TICKS_PER_SECOND
}

async function residentMB(pid: number): Promise<number> {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))
  return (Number(match?.[1]) * 1_024) / 1e6
}

async function unitFlags(): Promise<string[]> {
  const unit = await readFile(join(projectFolder, 'resources/agent/tidemark-agent.service'), 'utf8')
  return /^ExecStart=\S+ (.*?) \S+cli\.js /m.exec(unit)?.[1]?.split(' ') ?? []
}

/** `cpuPercent` of one core and resident memory of the agent's process: mean, highest and growth over the time. */
export async function run(flags: string[]): Promise<Record<string, number>> {
  const at = flags.indexOf('--minutes')
  const minutes = at === -1 ? DEFAULT_MINUTES : Number(flags[at + 1])
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-agent-bench-'))
  const portal = await startPortal(join(folder, 'portal'), join(folder, 'state'))
  try {
    const agentFolder = join(folder, 'agent')
    await fund(portal.ready.network, await agentAddress(agentFolder))
    const agent = await startAgent({
      folder: agentFolder,
      network: portal.ready.network,
      stream: { id: '/bench' },
      sources: [
        { kind: 'machine', name: 'machine', intervalMs: 1_000 },
        { kind: 'evm', name: 'chain', url: portal.ready.network.rpcUrl, intervalMs: 2_000 },
      ],
      cli: 'dist/electron/cli.js',
      runtimeFlags: await unitFlags(),
    })
    try {
      await sleep(WARM_UP_MS)
      const startedAt = performance.now()
      const cpuBefore = await cpuSeconds(agent.pid)
      const memory: number[] = []
      while (performance.now() - startedAt < minutes * 60_000) {
        memory.push(await residentMB(agent.pid))
        await sleep(SAMPLE_EVERY_MS)
      }
      const seconds = (performance.now() - startedAt) / 1_000
      const cpu = (await cpuSeconds(agent.pid)) - cpuBefore
      const round = (value: number) => Number(value.toFixed(1))
      return {
        minutes,
        messagesPerSecond: 1.5,
        cpuPercent: Number(((100 * cpu) / seconds).toFixed(2)),
        meanMB: round(memory.reduce((sum, value) => sum + value, 0) / memory.length),
        highestMB: round(Math.max(...memory)),
        growthMB: round((memory.at(-1) ?? 0) - (memory[0] ?? 0)),
      }
    } finally {
      await agent.stop()
    }
  } finally {
    await portal.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
