import { PEER_FAULTS, PeerFault, type PeerFaultCode } from '../peer-fault.ts'
import type { DigestColumns } from '../ports.ts'
import type { GolombSet } from '../riblt/golomb-set.ts'
import type { SessionKey } from '../riblt/short-ids.ts'
import type { Naming } from './digest-set.ts'

/** What the digest-set thread is asked to do; `set` names a set from `begin` until `close`. */
export type SetRequest =
  | { do: 'begin'; set: number; part: string; levelMs: number; keys: readonly string[] }
  | { do: 'append'; set: number; columns: DigestColumns }
  | { do: 'finish'; set: number; key: SessionKey }
  | { do: 'cellsTo'; set: number; total: number }
  | { do: 'addCells'; set: number; bytes: Uint8Array; total: number; remoteSize: number }
  | { do: 'list'; set: number; bits: number }
  | { do: 'matchList'; set: number; list: GolombSet }
  | { do: 'select'; set: number; naming: Naming }
  | { do: 'close'; set: number }

export interface SetCall {
  call: number
  request: SetRequest
}

export type SetAnswer =
  | { call: number; value: unknown }
  | { call: number; error: { code: string; message: string } }

export function toErrorShape(error: unknown): { code: string; message: string } {
  if (error instanceof PeerFault) return { code: error.code, message: error.message }
  return { code: '', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

export function fromErrorShape({ code, message }: { code: string; message: string }): Error {
  return code in PEER_FAULTS ? new PeerFault(code as PeerFaultCode, message) : new Error(message)
}
