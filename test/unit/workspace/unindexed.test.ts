import { describe, expect, it } from 'vitest'
import { unindexedWords } from '../../../renderer/features/workspace/unindexed-words.ts'

describe('what of a stream cannot be drawn', () => {
  it('is nothing to speak of where everything can', () => {
    expect(unindexedWords(0, { looked: 16, most: 0, unread: 0 })).toBeNull()
  })

  it('is told with its number: values of a message, fields of the stream, messages that are not read', () => {
    expect(unindexedWords(0, { looked: 16, most: 9_744, unread: 0 })).toContain(
      '9,744 values of one message are not indexed',
    )
    expect(unindexedWords(1, { looked: 16, most: 0, unread: 0 })).toContain('1 field is not indexed')
    expect(unindexedWords(0, { looked: 16, most: 0, unread: 3 })).toContain('3 of the newest 16 messages')
    expect(unindexedWords(0, { looked: 2, most: 0, unread: 2 })).toContain('The newest messages are not read')
  })
})
