import type { StreamrClient } from '@streamr/sdk'
import { z } from 'zod'

/**
 * The part of the SDK that asks publishers for group keys. It is not exported: applications get plain content only.
 * A storage node has messages from other sources than a subscription, so it needs the keys themselves. The version
 * of the SDK is pinned, and what is taken from inside it is checked before it is used.
 */
interface SdkKeyManager {
  fetchKey(part: string, keyId: string, publisher: string): Promise<unknown>
}

const keySchema = z.object({ data: z.instanceof(Uint8Array) })

/** The SDK changed inside: keys cannot be asked for with this version. */
export class KeyExchangeUnavailable extends Error {
  override readonly name = 'KeyExchangeUnavailable'
}

/** Asks publishers for the keys their messages are encrypted with, in the name of this node's identity. */
export class GroupKeyExchange {
  readonly #keys: SdkKeyManager

  /** @throws {KeyExchangeUnavailable} */
  constructor(client: StreamrClient) {
    this.#keys = findKeyManager(client)
  }

  /**
   * The part must be joined, since requests and answers travel on it. Resolves with null when the publisher does not
   * answer within the SDK's deadline (30 s), be it that it is away or that this identity may not subscribe.
   */
  async fetch(part: string, publisher: string, keyId: string): Promise<Uint8Array | null> {
    try {
      const key = keySchema.parse(await this.#keys.fetchKey(part, keyId, publisher))
      return new Uint8Array(key.data)
    } catch (error) {
      if (isNoAnswer(error)) return null
      throw error
    }
  }
}

function findKeyManager(client: StreamrClient): SdkKeyManager {
  const inner = client as unknown as {
    resends?: { messagePipelineFactory?: { groupKeyManager?: SdkKeyManager } }
  }
  const manager = inner.resends?.messagePipelineFactory?.groupKeyManager
  if (typeof manager?.fetchKey !== 'function') {
    throw new KeyExchangeUnavailable('This version of Streamr’s SDK keeps its key exchange elsewhere')
  }
  return manager
}

function isNoAnswer(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'TimeoutError'
}
