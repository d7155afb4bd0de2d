import { createHash } from 'node:crypto'
import type { LogMode } from '../../electron/node/remote-log/publisher/layout.ts'

/** Where CAS and NS are for an actor. */
export type Backend =
  | { kind: 'embedded'; folder: string }
  | { kind: 'twirp'; url: string; writeToken?: string }
  | { kind: 'ipfs'; peers: readonly string[] }

export type Task =
  /** Publishes the local log in `messages`, and goes on living. */
  | {
      kind: 'author'
      folder: string
      backend: Backend
      part: string
      messages: string
      mode: LogMode
      name: string | null
    }
  /** Serves CAS and NS over HTTP. */
  | { kind: 'serve'; folder: string; writeToken: string }
  /** Runs an IPFS node that keeps what it is told to. */
  | { kind: 'join'; folder: string }
  | { kind: 'keep'; name: string }
  /** Restores a log, checking every message. */
  | { kind: 'reader'; folder: string; backend: Backend; name: string }

export interface Answers {
  author: { name: string; messages: number }
  serve: { url: string }
  join: { multiaddrs: readonly string[] }
  keep: { isComplete: boolean }
  reader: { isComplete: boolean; verified: number; findings: number; newestFirst: boolean; digest: string }
}

/** Order does not matter to it: what two nodes hold is the same when it is. */
export function digestOf(messages: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const message of [...messages].sort()) hash.update(message)
  return hash.digest('hex')
}
