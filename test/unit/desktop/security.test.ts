import { beforeEach, describe, expect, it } from 'vitest'
import { isExternalLink, setupSecurity } from '../../../electron/desktop/setup-security.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'
import { FakeElectron, FakeSession, FakeWebContents, fakeEvent } from './fake-electron.ts'

let electron: FakeElectron
let page: FakeWebContents
let now = 0

beforeEach(async () => {
  now = 0
  electron = new FakeElectron()
  setupSecurity({
    electron: electron.api,
    openPortal: () => undefined,
    logger: createQuietLogger(),
    monotonic: () => now,
  })
  electron.app.becomeReady()
  await electron.app.whenReady()
  page = new FakeWebContents()
  electron.app.emit('web-contents-created', fakeEvent(), page)
  page.navigate('app://tidemark/')
})

function attempt(kind: string, url: string): boolean {
  const event = fakeEvent({ url })
  page.emit(kind, event, url)
  return event.defaultPrevented
}

describe('every page, from the first', () => {
  it('runs in the sandbox', () => {
    expect(electron.app.isSandboxed).toBe(true)
  })

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])('is refused to leave by %s', (kind) => {
    for (const url of [
      'https://example.com/',
      'http://127.0.0.1:1234/',
      'file:///etc/passwd',
      'app://other/',
      'app://tidemark/assets/x.svg',
      'javascript:alert(1)',
      'data:text/html,x',
      'blob:app://tidemark/1',
      'nonsense',
    ]) {
      expect(attempt(kind, url), url).toBe(true)
    }
    expect(attempt(kind, 'app://tidemark/')).toBe(false)
    expect(attempt(kind, 'app://tidemark/index.html#/workspace')).toBe(false)
    expect(electron.opened).toEqual([])
  })

  it('is refused web views', () => {
    expect(attempt('will-attach-webview', '')).toBe(true)
  })

  it('never gets a new window; a link to https goes to the system’s browser, any other nowhere', () => {
    for (const url of [
      'https://example.com/a?b=c',
      'http://example.com/',
      'file:///etc/passwd',
      'smb://host/share',
      'ms-msdt:/id',
      'tidemark://open/settings',
      'app://tidemark/',
      'javascript:alert(1)',
      'https://user:secret@example.com/',
      `https://example.com/${'x'.repeat(3_000)}`,
      'https:///',
      '',
    ]) {
      expect(page.windowOpenHandler?.({ url }), url).toEqual({ action: 'deny' })
    }
    expect(electron.opened).toEqual(['https://example.com/a?b=c'])
  })

  it('cannot flood the user with browser windows', () => {
    for (let n = 0; n < 50; n += 1) page.windowOpenHandler?.({ url: `https://example.com/${n}` })
    expect(electron.opened).toHaveLength(5)
    now += 10_001
    page.windowOpenHandler?.({ url: 'https://example.com/later' })
    expect(electron.opened).toHaveLength(6)
  })
})

describe.each([
  ['the default session', () => electron.defaultSession],
  [
    'a session that is made later',
    () => {
      const session = new FakeSession()
      electron.app.emit('session-created', session)
      return session
    },
  ],
])('%s', (_name, getSession) => {
  const permissions = [
    'media',
    'geolocation',
    'notifications',
    'midi',
    'hid',
    'usb',
    'clipboard-read',
    'openExternal',
  ]

  function request(permission: string, requestingUrl = 'app://tidemark/', isMainFrame = true): boolean {
    let answer = true
    getSession().permissionRequest?.(page, permission, (isAllowed) => (answer = isAllowed), {
      requestingUrl,
      isMainFrame,
    })
    return answer
  }

  it('refuses every permission a page may ask for, and every device', () => {
    for (const permission of [...permissions, 'unknown', 'fileSystem']) {
      expect(request(permission), permission).toBe(false)
      expect(getSession().permissionCheck?.(page, permission, 'app://tidemark', { isMainFrame: true })).toBe(
        false,
      )
    }
    expect(getSession().devicePermission?.()).toBe(false)
  })

  it('lets the portal’s own page write to the clipboard, for its copy buttons, and no other', () => {
    const permission = 'clipboard-sanitized-write'
    expect(request(permission)).toBe(true)
    expect(request(permission, 'https://example.com/')).toBe(false)
    expect(request(permission, 'app://tidemark/', false)).toBe(false)
    expect(getSession().permissionCheck?.(null, permission, 'app://tidemark/', { isMainFrame: true })).toBe(
      true,
    )
    expect(getSession().permissionCheck?.(null, permission, 'null', { isMainFrame: true })).toBe(false)
  })

  it('loads nothing from a network', () => {
    const isCancelled = (url: string): boolean => {
      let cancelled = false
      getSession().beforeRequest?.({ url }, ({ cancel }) => (cancelled = cancel))
      return cancelled
    }
    for (const url of [
      'https://example.com/',
      'http://127.0.0.1/',
      'ws://127.0.0.1/',
      'file:///etc/passwd',
      'app://other/',
    ]) {
      expect(isCancelled(url), url).toBe(true)
    }
    expect(isCancelled('app://tidemark/assets/index.js')).toBe(false)
    expect(isCancelled('blob:app://tidemark/7')).toBe(false)
  })

  it('downloads what the page made itself, such as a proof, and nothing else', () => {
    const isRefused = (url: string): boolean => {
      const event = fakeEvent()
      getSession().emit('will-download', event, { getURL: () => url }, page)
      return event.defaultPrevented
    }
    expect(isRefused('blob:app://tidemark/b6e1')).toBe(false)
    expect(isRefused('app://tidemark/export/6f1c')).toBe(false)
    for (const url of [
      'https://example.com/x.exe',
      'blob:https://example.com/1',
      'data:text/plain,x',
      'app://tidemark/x.js',
    ]) {
      expect(isRefused(url), url).toBe(true)
    }
  })
})

describe('an external link', () => {
  it('is https with a host and without credentials', () => {
    expect(isExternalLink('https://streamr.network/')).toBe(true)
    expect(isExternalLink('HTTPS://example.com')).toBe(true)
    expect(isExternalLink('https://u@example.com')).toBe(false)
    expect(isExternalLink('ftp://example.com')).toBe(false)
  })
})
