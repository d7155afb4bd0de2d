import { describe, expect, it } from 'vitest'
import { wordsOfSearch } from '../../../renderer/features/streams/search-words.ts'

const hit = { id: '0x1/a', description: '', partitions: 1 }

describe('what a search for streams says', () => {
  it('says that nothing matches only when the whole registry was looked through', () => {
    expect(wordsOfSearch({ hits: [], limits: null }, 'done')).toBe('No stream in the registry matches.')
    expect(wordsOfSearch({ hits: [], limits: 'No endpoint answers.' }, 'done')).toMatch(/cannot be reached/)
  })

  it('tells apart what the registry has and what is known here while it is out of reach', () => {
    expect(wordsOfSearch({ hits: [hit], limits: null }, 'done')).toBe('1 in the registry')
    expect(wordsOfSearch({ hits: [hit], limits: 'x' }, 'done')).toMatch(/^1 of the streams known here/)
    expect(wordsOfSearch({ hits: Array(50).fill(hit), limits: null }, 'done')).toBe(
      'First 50 in the registry',
    )
  })
})
