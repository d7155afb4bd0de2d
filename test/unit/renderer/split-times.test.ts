import { describe, expect, it } from 'vitest'
import { splitTimes } from '../../../renderer/ui/split-times.ts'

describe('a sentence of the node', () => {
  it('is cut at its times, which are told in the zone of the portal', () => {
    const since = Date.UTC(2026, 10, 29, 1, 2, 3, 4)
    expect(splitTimes('It has been away since 2026-11-29T01:02:03.004Z; nothing can be shown.')).toEqual([
      'It has been away since ',
      since,
      '; nothing can be shown.',
    ])
  })

  it('may begin and end with a time, and have several', () => {
    const times = ['2026-11-29T01:02:03.004Z', '1970-01-01T00:00:00.000Z']
    expect(splitTimes(times.join(' to '))).toEqual([Date.parse(times[0] as string), ' to ', 0])
  })

  it('stays whole where there is none, or what looks like one is none', () => {
    for (const sentence of ['Nothing is wrong.', 'since 2026-13-41T25:61:61.000Z', 'since 2026-11-29']) {
      expect(splitTimes(sentence)).toEqual([sentence])
    }
    expect(splitTimes('')).toEqual([])
  })
})
