import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { signaturePayload } from '../../../electron/node/message/signature-payload.ts'
import type { RawMessage } from '../../../electron/node/ports.ts'
import { SignatureVerifier } from '../../../electron/node/provenance/signature.ts'
import type { Ingest, IngestOutcome } from '../../../electron/node/remote-log/ports.ts'

/** A store in memory that really checks signatures. Who signs for himself may publish. */
export interface MemoryIngest {
  ingest: Ingest
  /** Messages that were stored, by hex of their bytes, in the order of their coming. */
  stored: Map<string, RawMessage>
}

export function createMemoryIngest(): MemoryIngest {
  const verifier = new SignatureVerifier()
  const stored = new Map<string, RawMessage>()
  const take = (message: RawMessage): IngestOutcome => {
    const key = Buffer.from(message.bytes).toString('hex')
    const duplicate = stored.has(key)
    const decoded = decodeStreamMessage(message.bytes)
    const check = verifier.check(decoded, signaturePayload(decoded))
    if (!duplicate) stored.set(key, message)
    if (check !== 'valid') return { verdict: 'forged', reason: 'signature-invalid', duplicate }
    const isPermitted = decoded.id.streamId.startsWith(decoded.id.publisher)
    return isPermitted
      ? { verdict: 'verified', reason: 'signed-and-permitted', duplicate }
      : { verdict: 'unauthorised', reason: 'no-publish-permission', duplicate }
  }
  return { stored, ingest: async (messages) => messages.map(take) }
}
