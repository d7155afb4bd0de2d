import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countByLicence, matchingParts, sourcePage } from '../../../renderer/features/settings/part-list.ts'

const part = (name: string, licence: string) => ({
  name,
  licence,
  version: '1.0.0',
  source: null,
  text: null,
})
const PARTS = [part('helia', 'MIT OR Apache-2.0'), part('libp2p', 'MIT'), part('ws', 'MIT')]

describe('the list of parts', () => {
  it('finds parts whose name or licence holds every word, in any letter case', () => {
    const names = (words: string) => matchingParts(PARTS, words).map(({ name }) => name)
    expect(names('')).toEqual(['helia', 'libp2p', 'ws'])
    expect(names(' apache ')).toEqual(['helia'])
    expect(names('mit LIB')).toEqual(['libp2p'])
    expect(names('gpl')).toEqual([])
  })

  it('counts licences, the most frequent first', () => {
    expect(countByLicence(PARTS)).toEqual([
      { licence: 'MIT', count: 2 },
      { licence: 'MIT OR Apache-2.0', count: 1 },
    ])
  })
})

describe('the page of a source', () => {
  it.each([
    ['git+https://github.com/libp2p/js-libp2p.git', 'https://github.com/libp2p/js-libp2p'],
    ['git://github.com/websockets/ws.git', 'https://github.com/websockets/ws'],
    ['git+ssh://git@github.com/a/b.git', 'https://github.com/a/b'],
    ['git@github.com:a/b.git', 'https://github.com/a/b'],
    ['github:a/b', 'https://github.com/a/b'],
    ['a/b', 'https://github.com/a/b'],
    ['http://example.org/x', 'https://example.org/x'],
    ['https://github.com/a/b/tree/main/packages/c', 'https://github.com/a/b/tree/main/packages/c'],
  ])('of %s is %s', (source, page) => {
    expect(sourcePage(source)).toBe(page)
  })

  it.each([
    null,
    '',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://user:word@example.org/',
    'no page',
  ])('of %s is none', (source) => {
    expect(sourcePage(source)).toBeNull()
  })

  it('is an https address or none, whatever a package file says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (source) => {
        const page = sourcePage(source)
        expect(page === null || new URL(page).protocol === 'https:').toBe(true)
      }),
    )
  })
})
