import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Keeper, RemoteLogMode } from '../../shared/remote-log.ts'
import { createTestPublisher } from '../unit/remote-log/signed-messages.ts'
import { type Answers, digestOf, type Place, type Task } from './remote-log-tasks.ts'

const COUNT = 10_000
const MODES = ['full', 'mapped', 'linked'] as const satisfies RemoteLogMode[]
const author = createTestPublisher('author of the integration test')

let root: string
/** Data folder of an author who has stored all messages and published none. */
let authored: string
let digest: string
let folders = 0
const actors: ChildProcess[] = []

async function folder(): Promise<string> {
  folders += 1
  const path = join(root, String(folders))
  await mkdir(path)
  return path
}

/** Starts a process; it lives until it is killed. */
function start(): ChildProcess {
  const actor = fork(new URL('./remote-log-actor.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  actors.push(actor)
  return actor
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

const at = (path: string, peers: readonly string[] = []): Place => ({ folder: path, peers })

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-remote-log-'))
  const messages = join(root, 'messages')
  const raws = Array.from({ length: COUNT }, (_, index) => Buffer.from(author.sign(index).raw))
  const lengthOf = (raw: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(raw.length)
    return length
  }
  await writeFile(messages, Buffer.concat(raws.flatMap((raw) => [lengthOf(raw), raw])))
  digest = digestOf(raws.map((raw) => raw.toString('hex')))
  authored = await folder()
  const storing = start()
  expect(await ask(storing, { kind: 'store', place: at(authored), messages })).toEqual({ verified: COUNT })
  await kill(storing)
})

afterEach(async () => {
  await Promise.all(actors.splice(0).map(kill))
})

afterAll(() => rm(root, { recursive: true, force: true }))

interface Setting {
  keeper: Keeper
  writeToken: string | null
  /** libp2p hosts that author and reader know. */
  peers: readonly string[]
  /** Lets whoever keeps the log get all of it before the author goes. */
  beforeDeath: (name: string) => Promise<void>
}

const settings: Record<'folder' | 'twirp' | 'ipfs', () => Promise<Setting>> = {
  /** A folder that both can read. */
  async folder() {
    const keeper: Keeper = { kind: 'folder', path: await folder() }
    return { keeper, writeToken: null, peers: [], beforeDeath: async () => undefined }
  },
  /** A third node that serves. */
  async twirp() {
    const { url, writeToken } = await ask(start(), { kind: 'serve', place: at(await folder()) })
    return { keeper: { kind: 'twirp', url }, writeToken, peers: [], beforeDeath: async () => undefined }
  },
  /** A third node that follows the log and so keeps its blocks. */
  async ipfs() {
    const keeping = start()
    const place = at(await folder())
    const { multiaddrs: peers } = await ask(keeping, { kind: 'join', place })
    const keeper: Keeper = { kind: 'ipfs' }
    return {
      ...{ keeper, writeToken: null, peers },
      beforeDeath: async (name) => {
        expect(await ask(keeping, { kind: 'restore', place, keeper, name })).toMatchObject({
          isComplete: true,
        })
      },
    }
  },
}

describe.each(['folder', 'twirp', 'ipfs'] as const)('a log kept by %s', (kind) => {
  it.each(MODES)(
    `of mode %s gives another node all ${COUNT} messages, verified, when its author is gone`,
    async (mode) => {
      const { keeper, writeToken, peers, beforeDeath } = await settings[kind]()
      const authorFolder = await folder()
      await cp(authored, authorFolder, { recursive: true })
      const publishing = start()
      const published = await ask(publishing, {
        ...{ kind: 'publish', place: at(authorFolder, peers), keeper, part: author.part },
        ...{ mode, writeToken, count: COUNT },
      })
      expect(published.messages).toBe(COUNT)
      await beforeDeath(published.name)
      await kill(publishing)
      const place = at(await folder(), peers)
      const restored = await ask(start(), { kind: 'restore', place, keeper, name: published.name })
      expect(restored).toEqual({ isComplete: true, verified: COUNT, findings: [], newestFirst: true, digest })
    },
  )
})
