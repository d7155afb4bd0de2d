import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createAppRequestHandler,
  registerAppScheme,
  setupAppProtocol,
} from '../../../electron/desktop/setup-app-protocol.ts'
import { FakeElectron } from './fake-electron.ts'

let folder = ''
let ask: (url: string, init?: RequestInit) => Promise<Response>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-page-'))
  const renderer = join(folder, 'renderer')
  await mkdir(join(renderer, 'assets'), { recursive: true })
  await writeFile(join(renderer, 'index.html'), '<!doctype html><title>Tidemark</title>')
  await writeFile(join(renderer, 'assets', 'a b.js'), 'export {}')
  await writeFile(join(renderer, 'assets', 'notes.txt'), 'not part of a build')
  await writeFile(join(folder, 'secret.js'), 'secret')
  await mkdir(join(folder, 'renderer-other'))
  await writeFile(join(folder, 'renderer-other', 'secret.js'), 'secret')
  const handle = createAppRequestHandler(renderer, async (id) =>
    id === 'known'
      ? {
          headers: { 'content-type': 'text/csv', 'content-disposition': 'attachment; filename="x.csv"' },
          bytes: (async function* () {
            yield Buffer.from('a,b\r\n')
            yield Buffer.from('1,2\r\n')
          })(),
        }
      : null,
  )
  ask = (url, init) => handle(new Request(url, init))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the app’s own scheme', () => {
  it('has an origin and the rules of https, and is registered before the app is ready', () => {
    const electron = new FakeElectron()
    registerAppScheme(electron.api)
    expect(electron.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ])
    setupAppProtocol({ electron: electron.api, rendererDir: folder, openDownload: async () => null })
    expect([...electron.schemeHandlers.keys()]).toEqual(['app'])
  })

  it('serves the portal with a policy that runs no inline script and loads nothing from elsewhere', async () => {
    const page = await ask('app://tidemark/')
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<title>Tidemark</title>')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    const policy = new Map(
      (page.headers.get('content-security-policy') ?? '').split(';').map((directive): [string, string] => {
        const [name = '', ...sources] = directive.trim().split(' ')
        return [name, sources.join(' ')]
      }),
    )
    expect(Object.fromEntries(policy)).toMatchObject({
      'default-src': "'self'",
      'script-src': "'self'",
      'style-src': "'self' 'unsafe-inline'",
      'img-src': "'self' data:",
      'connect-src': "'self'",
      'font-src': "'self'",
      'object-src': "'none'",
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
    })
  })

  it('hands out what the node makes as a file, once asked for by its id', async () => {
    const answer = await ask('app://tidemark/export/known')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="x.csv"')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await answer.text()).toBe('a,b\r\n1,2\r\n')
    expect((await ask('app://tidemark/export/other')).status).toBe(404)
    expect((await ask('app://tidemark/export/known', { method: 'HEAD' })).status).toBe(404)
  })

  it('serves the build’s files by their kind', async () => {
    const script = await ask('app://tidemark/assets/a%20b.js')
    expect(script.status).toBe(200)
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect((await ask('app://tidemark/index.html', { method: 'HEAD' })).status).toBe(200)
  })

  it.each([
    'app://tidemark/assets',
    'app://tidemark/assets/',
    'app://tidemark/missing.js',
    'app://tidemark/index.html/x.js',
    'app://tidemark/assets/notes.txt',
    'app://tidemark/..%2fsecret.js',
    'app://tidemark/..%2frenderer-other/secret.js',
    'app://tidemark/assets/..%2f..%2fsecret.js',
    'app://tidemark/%2e%2e/secret.js',
    'app://tidemark/..%5csecret.js',
    'app://tidemark/c:%5csecret.js',
    'app://tidemark/%00.js',
    'app://tidemark/%ff.js',
    'app://other/index.html',
    'app://tidemark:99/index.html',
  ])('answers 404 to %s', async (url) => {
    const response = await ask(url)
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
  })

  it('answers no other method', async () => {
    expect((await ask('app://tidemark/', { method: 'POST', body: 'x' })).status).toBe(405)
  })

  it('whatever the address, never shows what lies outside of the build', async () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '/',
      '\\',
      '%5c',
      'renderer-other',
      'secret.js',
      'assets',
      '%00',
      'a',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const url = URL.parse(`app://tidemark/${pieces.join('/')}`)
        if (url === null) return
        expect(await (await ask(url.href)).text()).not.toBe('secret')
      }),
      { numRuns: 500 },
    )
  })
})
