import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TidemarkError } from '../../shared/errors.ts'

const TOKEN_BYTES = 32
/** Browsers that opened a link at the same time; a new one drops the oldest. */
const MAX_SESSIONS = 64

/**
 * Who may talk to the headless host. Checked in this order: Host (against DNS rebinding), Origin (against other
 * pages in the same browser), then the credential: a session cookie, earned once with a launch token, or the bearer
 * secret of the command line.
 */
export interface SessionGuard {
  /** @throws TidemarkError `forbidden-host` */
  checkHost(request: IncomingMessage): void
  /** @throws TidemarkError `forbidden-origin`; a request without Origin passes. */
  checkOrigin(request: IncomingMessage): void
  /** @throws TidemarkError `unauthorised` */
  checkCredential(request: IncomingMessage): void
  /** A fresh single-use token. */
  issueLaunchToken(): string
  /** Spends a launch token and answers the value of the session cookie. @throws TidemarkError `launch-token-invalid` */
  redeemLaunchToken(token: string): string
  readonly bearer: string
  readonly cookieName: string
}

const digest = (secret: string) => createHash('sha256').update(secret).digest()
const newSecret = () => randomBytes(TOKEN_BYTES).toString('base64url')

function cookieOf(request: IncomingMessage, cookieName: string): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === cookieName && value) return value
  }
  return null
}

class LoopbackGuard implements SessionGuard {
  readonly bearer = newSecret()
  readonly cookieName: string
  readonly #hosts: ReadonlySet<string>
  /** Digests only, in order of issue: a memory dump of the set opens nothing. */
  readonly #sessions: Buffer[] = []
  readonly #launchTokens: Buffer[] = []

  constructor(port: number) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])
    this.cookieName = `tidemark_session_${port}`
  }

  checkHost(request: IncomingMessage): void {
    if (this.#hosts.has((request.headers.host ?? '').toLowerCase())) return
    throw new TidemarkError(
      'forbidden-host',
      'This portal answers under its loopback address only.',
      'Open the link that was printed at the start.',
    )
  }

  checkOrigin(request: IncomingMessage): void {
    const origin = request.headers.origin
    if (origin === undefined) return
    if (origin.startsWith('http://') && this.#hosts.has(origin.slice('http://'.length).toLowerCase())) return
    throw new TidemarkError(
      'forbidden-origin',
      'Another page tried to reach this portal and was refused.',
      'Use the portal in its own tab.',
    )
  }

  checkCredential(request: IncomingMessage): void {
    const authorization = request.headers.authorization
    const session = cookieOf(request, this.cookieName)
    if (
      authorization?.startsWith('Bearer ') &&
      matches(authorization.slice('Bearer '.length), [digest(this.bearer)])
    )
      return
    if (session && matches(session, this.#sessions)) return
    throw new TidemarkError(
      'unauthorised',
      'This browser has not been let in.',
      'Open the link that was printed at the start, or print a new one with "npm run -s tidemark -- open".',
    )
  }

  issueLaunchToken(): string {
    const token = newSecret()
    remember(this.#launchTokens, digest(token))
    return token
  }

  redeemLaunchToken(token: string): string {
    const hashed = digest(token)
    const index = this.#launchTokens.findIndex((known) => timingSafeEqual(known, hashed))
    if (index === -1) {
      throw new TidemarkError(
        'launch-token-invalid',
        'This link was used before, or is not of this run.',
        'Print a new link with "npm run -s tidemark -- open".',
      )
    }
    this.#launchTokens.splice(index, 1)
    const session = newSecret()
    remember(this.#sessions, digest(session))
    return session
  }
}

function remember(list: Buffer[], entry: Buffer): void {
  list.push(entry)
  if (list.length > MAX_SESSIONS) list.shift()
}

function matches(secret: string, known: readonly Buffer[]): boolean {
  const hashed = digest(secret)
  return known.some((entry) => timingSafeEqual(entry, hashed))
}

/** Browsers share cookies among the ports of a host, so the cookie is named after `port`. */
export function createSessionGuard(port: number): SessionGuard {
  return new LoopbackGuard(port)
}
