import { isIP } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { RemoteLogError } from '../errors.ts'

/** The multiaddr of an HTTP service: `/ip4/…/tcp/…/http`, `/dns/…/tcp/…/https`, with `/http-path/…` where it has one. */
export function toMultiaddr(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url)
  const scheme = protocol === 'https:' ? 'https' : 'http'
  const host = hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host) === 0 ? 'dns' : `ip${isIP(host)}`
  const path = pathname.replace(/^\/+|\/+$/g, '')
  const base = `/${family}/${host}/tcp/${port || (scheme === 'https' ? 443 : 80)}/${scheme}`
  return path === '' ? base : `${base}/http-path/${encodeURIComponent(path)}`
}

/**
 * The base URL an HTTP multiaddr stands for.
 * @throws {RemoteLogError} `address-invalid` when it is not one of HTTP.
 */
export function toUrl(address: string): string {
  const parts = componentsOf(address)
  const value = (...names: string[]) => parts.find((part) => names.includes(part.name))?.value
  const host = value('ip4', 'ip6', 'dns', 'dns4', 'dns6')
  const port = value('tcp')
  const isSecure = parts.some(({ name }) => name === 'https' || name === 'tls')
  const isHttp = parts.some(({ name }) => name === 'http' || name === 'https')
  if (host === undefined || port === undefined || !isHttp) {
    throw new RemoteLogError('address-invalid', 'The multiaddr does not name an HTTP service.')
  }
  const path = (value('http-path') ?? '').replace(/^\/+/, '')
  const url = new URL(
    `${isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}/${path}`,
  )
  return url.href.replace(/\/+$/, '')
}

function componentsOf(address: string): ReturnType<Multiaddr['getComponents']> {
  try {
    return multiaddr(address).getComponents()
  } catch (cause) {
    throw new RemoteLogError('address-invalid', 'This is not a multiaddr.', { cause })
  }
}
