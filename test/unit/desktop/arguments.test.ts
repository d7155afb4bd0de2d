import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDeepLink } from '../../../electron/desktop/deep-link.ts'
import { readDesktopArguments } from '../../../electron/desktop/desktop-arguments.ts'

describe('a tidemark:// link', () => {
  it('leads to a place of the portal', () => {
    expect(readDeepLink('tidemark://open/workspace?stream=0xab%2Fx%230')).toEqual({
      kind: 'navigate',
      path: '/workspace?stream=0xab%2Fx%230',
    })
    expect(readDeepLink('tidemark://open/')).toEqual({ kind: 'navigate', path: '/' })
  })

  it.each(['https://open/workspace', 'nonsense', 'tidemark', ''])('is no other word: %s', (word) => {
    expect(readDeepLink(word)).toBeNull()
  })

  it.each([
    'tidemark://close/workspace',
    'tidemark:workspace',
    'tidemark://open/a/b',
    'tidemark://open//evil.example/',
    'tidemark://open/a%2fb',
    `tidemark://open/workspace?${'x'.repeat(5_000)}`,
    'TIDEMARK:',
  ])('that reads %s leads to the page that says so', (link) => {
    expect(readDeepLink(link)).toEqual({ kind: 'navigate', path: '/unknown-link' })
  })

  it('whatever it reads, the path begins with one slash and cannot leave the page', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string()), (text) => {
        const command = readDeepLink(text.replace(/^https?:\/\/[^/]*/, 'tidemark://open'))
        if (command === null) return
        expect(new URL(`app://tidemark${command.path}`).host).toBe('tidemark')
        expect(command.path).toMatch(/^\/[a-z-]*(\?|$)/)
      }),
    )
  })
})

describe('the words after the program', () => {
  it('name the data folder, relative to where they were typed', () => {
    expect(readDesktopArguments(['--data', 'here'], '/work').dataDir).toBe(resolve('/work', 'here'))
    expect(readDesktopArguments(['--data=/there'], '/work').dataDir).toBe('/there')
    expect(readDesktopArguments(['--data', '--hidden'], '/work')).toMatchObject({
      dataDir: undefined,
      isHidden: true,
    })
    expect(readDesktopArguments(['--data='], '/work').dataDir).toBeUndefined()
  })

  it('may hold a link and switches of the browser engine', () => {
    const words = ['/opt/tidemark', '--no-sandbox', '--enable-features=x', 'tidemark://open/settings']
    expect(readDesktopArguments(words, '/')).toEqual({
      dataDir: undefined,
      isHidden: false,
      link: { kind: 'navigate', path: '/settings' },
    })
  })
})
