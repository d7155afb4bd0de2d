/**
 * One of the actors of `remote-log.test.ts`, in a process of its own: an author, a keeper, or a reader. It is told
 * what to do by messages of its parent and ends when it is killed.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RawMessage } from '../../electron/node/ports.ts'
import { type RemoteLogNode, startRemoteLogNode } from './remote-log-node.ts'
import { type Answers, digestOf, type Place, type Task } from './remote-log-tasks.ts'

const LOOK_MS = 20

let node: Promise<RemoteLogNode> | undefined

function nodeAt({ folder, peers }: Place): Promise<RemoteLogNode> {
  node ??= startRemoteLogNode(folder, peers)
  return node
}

/** Messages one after the other, each with its length before it. */
async function readMessages(path: string): Promise<RawMessage[]> {
  const file = await readFile(path)
  const messages: RawMessage[] = []
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32BE(at)
    messages.push({
      bytes: Uint8Array.from(file.subarray(at + 4, at + 4 + length)),
      source: 'live',
      receivedAt: Date.now(),
    })
    at += 4 + length
  }
  return messages
}

const tasks: { [Kind in Task['kind']]: (task: Extract<Task, { kind: Kind }>) => Promise<Answers[Kind]> } = {
  async store({ place, messages }) {
    const { pool } = await nodeAt(place)
    const { verdicts } = await pool.ingestAll(await readMessages(messages))
    return { verified: verdicts.verified }
  },

  async publish({ place, keeper, part, mode, writeToken, count }) {
    const { remoteLog } = await nodeAt(place)
    const { name } = await remoteLog.publish({
      ...{ part, keeper, mode, pageSize: 512, embedNewest: 16 },
      ...(writeToken === null ? {} : { writeToken }),
    })
    for (;;) {
      const log = (await remoteLog.list()).published.find((published) => published.name === name)
      if (log?.problem) throw new Error(log.problem.message)
      if (log?.isCurrent && log.messages >= count) return { name, messages: log.messages }
      await sleep(LOOK_MS)
    }
  },

  async serve({ place }) {
    const { remoteLog } = await nodeAt(place)
    const { url, settings } = await remoteLog.server.change({
      host: '127.0.0.1',
      port: 0,
      allowWriting: true,
    })
    return { url: url ?? '', writeToken: settings?.writeToken ?? null }
  },

  async join({ place }) {
    const host = await (await nodeAt(place)).host()
    return { multiaddrs: host.getMultiaddrs().map(String) }
  },

  async restore({ place, keeper, name }) {
    const { remoteLog, store } = await nodeAt(place)
    const reached: number[] = []
    const report = await remoteLog.restore({ name, keeper }, ({ reachedBack }) => {
      if (reachedBack !== null) reached.push(reachedBack)
    })
    const stored: string[] = []
    const query = { part: report.part ?? '', verdicts: ['verified'] as const }
    for await (const messages of store.query(query)) {
      for (const { raw } of messages) stored.push(Buffer.from(raw).toString('hex'))
    }
    return {
      isComplete: report.isComplete,
      verified: report.restored.verified,
      findings: report.findings.map(({ sentence }) => sentence),
      newestFirst: reached.length > 1 && reached.every((at, index) => at <= (reached[index - 1] ?? at)),
      digest: digestOf(stored),
    }
  },
}

process.on('message', (task: Task) => {
  const run = tasks[task.kind] as (task: Task) => Promise<unknown>
  run(task).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})

// No actor outlives the test, however that ends.
process.on('disconnect', () => process.exit(0))
