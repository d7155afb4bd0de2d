import { isIP } from 'node:net'
import { RequestRefused } from './request-refused.ts'

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]'])

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/**
 * Names under which the interface answers. A server on loopback answers under loopback names and those it is
 * advertised under only: else any web page could read it in the user's browser by pointing a name of its own at
 * 127.0.0.1 (DNS rebinding). A server that listens to the world has nothing to hide from names.
 */
export class HostCheck {
  readonly #names: ReadonlySet<string> | undefined

  constructor(listenHost: string, advertisedUrls: readonly string[]) {
    if (!isLoopback(listenHost)) return
    this.#names = new Set([...LOOPBACK_NAMES, ...advertisedUrls.map((url) => new URL(url).hostname)])
  }

  /** @throws {RequestRefused} 421 */
  assertKnown(hostHeader: string | undefined): void {
    if (this.#names === undefined) return
    const name = (hostHeader ?? '').toLowerCase().replace(/:\d*$/, '')
    if (!this.#names.has(name)) throw new RequestRefused(421, 'This node does not answer under that name.')
  }
}
