import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LogMode } from '../../electron/node/remote-log/publisher/layout.ts'
import { createTestPublisher } from '../unit/remote-log/signed-messages.ts'
import { type Answers, type Backend, digestOf, type Task } from './remote-log-tasks.ts'

const COUNT = 10_000
const WRITE_TOKEN = 'token-of-the-test'
const MODES = ['full', 'mapped', 'linked'] as const satisfies LogMode[]
const author = createTestPublisher('author of the integration test')

let root: string
let messages: string
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
  const onExit = () => answered.reject(new Error(`the ${task.kind} has died`))
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

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-remote-log-'))
  messages = join(root, 'messages')
  const raws = Array.from({ length: COUNT }, (_, at) => Buffer.from(author.sign(at).raw))
  const lengthOf = (raw: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(raw.length)
    return length
  }
  await writeFile(messages, Buffer.concat(raws.flatMap((raw) => [lengthOf(raw), raw])))
  digest = digestOf(raws.map((raw) => raw.toString('hex')))
})

afterEach(async () => {
  await Promise.all(actors.splice(0).map(kill))
})

afterAll(() => rm(root, { recursive: true, force: true }))

interface Setting {
  /** For the author, and for the reader; they are never alive at the same time. */
  backends: [author: Backend, reader: Backend]
  name: string | null
  /** Lets whoever keeps the log get all of it before the author goes. */
  beforeDeath: (name: string) => Promise<void>
}

const settings: Record<Backend['kind'], () => Promise<Setting>> = {
  /** A folder that both can read. */
  async embedded() {
    const backend: Backend = { kind: 'embedded', folder: await folder() }
    return { backends: [backend, backend], name: 'telemetry', beforeDeath: async () => undefined }
  },
  /** A third process that serves. */
  async twirp() {
    const { url } = await ask(start(), { kind: 'serve', folder: await folder(), writeToken: WRITE_TOKEN })
    return {
      backends: [
        { kind: 'twirp', url, writeToken: WRITE_TOKEN },
        { kind: 'twirp', url },
      ],
      name: 'telemetry',
      beforeDeath: async () => undefined,
    }
  },
  /** A third node that has pinned. */
  async ipfs() {
    const keeper = start()
    const { multiaddrs: peers } = await ask(keeper, { kind: 'join', folder: await folder() })
    const backend: Backend = { kind: 'ipfs', peers }
    return {
      backends: [backend, backend],
      name: null,
      beforeDeath: async (name) => {
        expect(await ask(keeper, { kind: 'keep', name })).toEqual({ isComplete: true })
      },
    }
  },
}

describe.each(['embedded', 'twirp', 'ipfs'] as const)('a log kept by %s', (kind) => {
  it.each(MODES)(
    `of mode %s gives a reader all ${COUNT} messages, verified, when its author is gone`,
    async (mode) => {
      const { backends, name: givenName, beforeDeath } = await settings[kind]()
      const publisher = start()
      const published = await ask(publisher, {
        kind: 'author',
        folder: await folder(),
        backend: backends[0],
        part: author.part,
        messages,
        mode,
        name: givenName,
      })
      expect(published.messages).toBe(COUNT)
      await beforeDeath(published.name)
      await kill(publisher)
      const restored = await ask(start(), {
        kind: 'reader',
        folder: await folder(),
        backend: backends[1],
        name: published.name,
      })
      expect(restored).toEqual({ isComplete: true, verified: COUNT, findings: 0, newestFirst: true, digest })
    },
  )
})
