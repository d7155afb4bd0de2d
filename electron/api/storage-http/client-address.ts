import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * What limits by address count under. An IPv6 client commands a whole /64, so that is what is counted.
 * @param trustForwardedFor set where a reverse proxy of the operator appends the client's address; its last entry
 * is then the client, since everything before it is the client's own claim.
 */
export function clientAddress(request: IncomingMessage, trustForwardedFor: boolean): string {
  const forwarded = trustForwardedFor ? lastForwarded(request.headers['x-forwarded-for']) : undefined
  const address = forwarded ?? request.socket.remoteAddress ?? 'unknown'
  if (address.startsWith('::ffff:') && isIP(address.slice(7)) === 4) return address.slice(7)
  return isIP(address) === 6 ? networkOf(address) : address
}

function lastForwarded(header: string | string[] | undefined): string | undefined {
  const last = [header ?? []].flat().join(',').split(',').at(-1)?.trim()
  return last !== undefined && isIP(last) !== 0 ? last : undefined
}

/** The first four of the eight groups of an IPv6 address. */
function networkOf(address: string): string {
  const [head = [], tail] = (address.split('%')[0] ?? '')
    .split('::')
    .map((half) => half.split(':').filter(Boolean))
  const zeros = new Array<string>(tail === undefined ? 0 : Math.max(0, 8 - head.length - tail.length)).fill(
    '0',
  )
  const groups = [...head, ...zeros, ...(tail ?? [])].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
