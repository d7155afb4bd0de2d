import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createSessionGuard } from '../../../electron/api/session-guard.ts'

const PORT = 4242
const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage
const codeOf = (work: () => unknown) => {
  try {
    work()
    return 'passed'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('the session guard', () => {
  it('answers under loopback names with its own port alone', () => {
    const guard = createSessionGuard(PORT)
    const check = (host: string) => codeOf(() => guard.checkHost(request({ host })))
    expect(check('127.0.0.1:4242')).toBe('passed')
    expect(check('LOCALHOST:4242')).toBe('passed')
    for (const host of [
      'evil.example:4242',
      '127.0.0.1',
      '127.0.0.1:4243',
      '',
      'localhost:4242.evil.example',
    ]) {
      expect(check(host)).toBe('forbidden-host')
    }
  })

  it('refuses every other origin and lets requests without one pass', () => {
    const guard = createSessionGuard(PORT)
    const check = (origin?: string) =>
      codeOf(() => guard.checkOrigin(request(origin === undefined ? {} : { origin })))
    expect(check()).toBe('passed')
    expect(check('http://127.0.0.1:4242')).toBe('passed')
    for (const origin of ['null', 'https://127.0.0.1:4242', 'http://127.0.0.1:80', 'http://evil.example']) {
      expect(check(origin)).toBe('forbidden-origin')
    }
  })

  it('lets a launch token be spent once', () => {
    const guard = createSessionGuard(PORT)
    const token = guard.issueLaunchToken()
    const session = guard.redeemLaunchToken(token)
    expect(codeOf(() => guard.redeemLaunchToken(token))).toBe('launch-token-invalid')
    expect(codeOf(() => guard.redeemLaunchToken(''))).toBe('launch-token-invalid')
    const cookie = `other=1; ${guard.cookieName}=${session}`
    expect(codeOf(() => guard.checkCredential(request({ cookie })))).toBe('passed')
  })

  it('refuses a wrong or missing credential', () => {
    const guard = createSessionGuard(PORT)
    expect(codeOf(() => guard.checkCredential(request({})))).toBe('unauthorised')
    expect(codeOf(() => guard.checkCredential(request({ cookie: `${guard.cookieName}=x` })))).toBe(
      'unauthorised',
    )
    expect(codeOf(() => guard.checkCredential(request({ authorization: 'Bearer x' })))).toBe('unauthorised')
    expect(codeOf(() => guard.checkCredential(request({ authorization: `Bearer ${guard.bearer}` })))).toBe(
      'passed',
    )
  })

  it('does not take a launch token for a session', () => {
    const guard = createSessionGuard(PORT)
    const token = guard.issueLaunchToken()
    expect(codeOf(() => guard.checkCredential(request({ cookie: `${guard.cookieName}=${token}` })))).toBe(
      'unauthorised',
    )
  })
})
