import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Keeper, RemoteLogMode } from '../../shared/remote-log.ts'
import { createTestPublisher } from '../unit/remote-log/signed-messages.ts'
import { type Answers, digestOf, type Place, type Task } from './remote-log-tasks.ts'

export const KEEPERS = ['folder', 'twirp', 'ipfs'] as const
export type KeeperKind = (typeof KEEPERS)[number]
export const MODES = ['full', 'mapped', 'linked'] as const satisfies RemoteLogMode[]

export interface Outcome {
  published: number
  restored: Answers['restore']
  /** The reader holds exactly the author's messages. */
  isSame: boolean
  /** How long publishing, getting all of it to the keeper, and restoring took; starting the nodes included. */
  seconds: { publish: number; keep: number; restore: number }
}

interface Setting {
  keeper: Keeper
  writeToken: string | null
  /** libp2p hosts that author and reader know. */
  peers: readonly string[]
  /** Lets whoever keeps the log get all of it before the author goes. */
  beforeDeath: (name: string) => Promise<void>
}

/** Author and reader of a log in processes of their own, which are never alive at the same time. */
export class RemoteLogScenario {
  readonly #root: string
  readonly #count: number
  readonly #part: string
  readonly #digest: string
  /** Data folder of an author who has stored all messages and published none. */
  readonly #authored: string
  readonly #actors: ChildProcess[] = []
  #folders = 0

  private constructor(root: string, count: number, part: string, digest: string) {
    this.#root = root
    this.#count = count
    this.#part = part
    this.#digest = digest
    this.#authored = join(root, 'authored')
  }

  /** Signs `count` messages and has an author store them. */
  static async create(count: number): Promise<RemoteLogScenario> {
    const author = createTestPublisher('author of the integration test')
    const root = await mkdtemp(join(tmpdir(), 'tidemark-remote-log-'))
    const raws = Array.from({ length: count }, (_, index) => Buffer.from(author.sign(index).raw))
    const messages = join(root, 'messages')
    await writeFile(messages, Buffer.concat(raws.flatMap((raw) => [lengthOf(raw), raw])))
    const digest = digestOf(raws.map((raw) => raw.toString('hex')))
    const scenario = new RemoteLogScenario(root, count, author.part, digest)
    await mkdir(scenario.#authored)
    const storing = scenario.#start()
    const { verified } = await ask(storing, { kind: 'store', place: at(scenario.#authored), messages })
    if (verified !== count) throw new Error(`Of ${count} messages, ${verified} were verified.`)
    await kill(storing)
    return scenario
  }

  /** The author publishes and is killed; then a reader starts that has nothing but the name and who keeps it. */
  async run(kind: KeeperKind, mode: RemoteLogMode): Promise<Outcome> {
    try {
      const { keeper, writeToken, peers, beforeDeath } = await this.#setUp(kind)
      const folder = await this.#folder()
      await cp(this.#authored, folder, { recursive: true })
      const publishing = this.#start()
      const lap = stopwatch()
      const published = await ask(publishing, {
        ...{ kind: 'publish', place: at(folder, peers), keeper, part: this.#part },
        ...{ mode, writeToken, count: this.#count },
      })
      const publish = lap()
      await beforeDeath(published.name)
      const keep = lap()
      await kill(publishing)
      const place = at(await this.#folder(), peers)
      const restored = await ask(this.#start(), { kind: 'restore', place, keeper, name: published.name })
      return {
        published: published.messages,
        restored,
        isSame: restored.digest === this.#digest,
        seconds: { publish, keep, restore: lap() },
      }
    } finally {
      await Promise.all(this.#actors.splice(0).map(kill))
    }
  }

  async end(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true })
  }

  async #setUp(kind: KeeperKind): Promise<Setting> {
    const nothing = async () => undefined
    switch (kind) {
      // A folder that both can read.
      case 'folder': {
        const keeper: Keeper = { kind: 'folder', path: await this.#folder() }
        return { keeper, writeToken: null, peers: [], beforeDeath: nothing }
      }
      // A third node that serves.
      case 'twirp': {
        const place = at(await this.#folder())
        const { url, writeToken } = await ask(this.#start(), { kind: 'serve', place })
        return { keeper: { kind: 'twirp', url }, writeToken, peers: [], beforeDeath: nothing }
      }
      // A third node that restores the log and so keeps its blocks.
      case 'ipfs': {
        const keeping = this.#start()
        const place = at(await this.#folder())
        const { multiaddrs: peers } = await ask(keeping, { kind: 'join', place })
        const keeper: Keeper = { kind: 'ipfs' }
        const beforeDeath = async (name: string) => {
          const { isComplete } = await ask(keeping, { kind: 'restore', place, keeper, name })
          if (!isComplete) throw new Error('The third node did not get all of the log.')
        }
        return { keeper, writeToken: null, peers, beforeDeath }
      }
    }
  }

  async #folder(): Promise<string> {
    this.#folders += 1
    const path = join(this.#root, String(this.#folders))
    await mkdir(path)
    return path
  }

  /** Starts a process; it lives until it is killed. */
  #start(): ChildProcess {
    const actor = fork(new URL('./remote-log-actor.ts', import.meta.url), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#actors.push(actor)
    return actor
  }
}

/** Seconds since it was made, or since it was last asked. */
function stopwatch(): () => number {
  let since = performance.now()
  return () => {
    const now = performance.now()
    const seconds = (now - since) / 1_000
    since = now
    return seconds
  }
}

const at = (path: string, peers: readonly string[] = []): Place => ({ folder: path, peers })

function lengthOf(raw: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(raw.length)
  return length
}

async function ask<Kind extends Task['kind']>(
  actor: ChildProcess,
  task: Extract<Task, { kind: Kind }>,
): Promise<Answers[Kind]> {
  const answered = Promise.withResolvers<Answers[Kind]>()
  const onExit = () => answered.reject(new Error(`the node died during "${task.kind}"`))
  actor.once('exit', onExit)
  actor.once('message', ({ answer, error }: { answer: Answers[Kind]; error?: string }) => {
    if (error === undefined) answered.resolve(answer)
    else answered.reject(new Error(error))
  })
  actor.send(task)
  return answered.promise.finally(() => actor.off('exit', onExit))
}

/** Without warning, as a power cut would. */
async function kill(actor: ChildProcess): Promise<void> {
  if (actor.exitCode !== null || actor.signalCode !== null) return
  actor.kill('SIGKILL')
  await once(actor, 'exit')
}
