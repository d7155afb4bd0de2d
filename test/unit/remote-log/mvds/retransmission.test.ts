import { describe, expect, it } from 'vitest'
import { waitAfterSend } from '../../../../electron/node/remote-log/mvds/retransmission.ts'

describe('the wait before a record is sent again', () => {
  it('doubles with each time it was sent, up to a bound, and begins anew there', () => {
    const waits = Array.from({ length: 11 }, (_, at) => waitAfterSend(at + 1))
    expect(waits).toEqual([4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4, 8])
  })
})
