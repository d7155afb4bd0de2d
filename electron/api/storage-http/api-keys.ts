import { hash, timingSafeEqual } from 'node:crypto'
import { RequestRefused } from './request-refused.ts'

/**
 * A key that an application sends as `Authorization: Bearer KEY`, or its SHA-256 in hex, and the name it is accounted
 * under.
 */
export type ApiKey = { name: string } & ({ key: string } | { sha256: string })

/** Shortest key accepted: 128 bits of hex, which nobody finds by trying. */
export const MIN_API_KEY_LENGTH = 32

const PREFIX = 'bearer '

/**
 * Tells applications apart by their keys. Only digests are kept.
 * @throws {RangeError} when a key is shorter than `MIN_API_KEY_LENGTH`.
 */
export class ApiKeys {
  readonly #names: readonly (readonly [digest: Buffer, name: string])[]

  constructor(keys: readonly ApiKey[]) {
    this.#names = keys.map((one) => {
      if ('sha256' in one) return [Buffer.from(one.sha256, 'hex'), one.name]
      if (one.key.length < MIN_API_KEY_LENGTH) {
        throw new RangeError(`The API key "${one.name}" has fewer than ${MIN_API_KEY_LENGTH} characters.`)
      }
      return [digestOf(one.key), one.name]
    })
  }

  /**
   * The name of the key in an `Authorization` header; `undefined` when there is none.
   * @throws {RequestRefused} 403 when there is one and it is not known.
   */
  nameOf(authorization: string | undefined): string | undefined {
    if (!authorization?.toLowerCase().startsWith(PREFIX)) return undefined
    const digest = digestOf(authorization.slice(PREFIX.length))
    const known = this.#names.find(([candidate]) => timingSafeEqual(candidate, digest))
    if (known === undefined) throw new RequestRefused(403, 'The API key is not known.')
    return known[1]
  }
}

function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
