import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  MAX_MESSAGE_BYTES,
  MessageOutbox,
  type Refusals,
} from '../../../electron/node/streamr/message-outbox.ts'

function outbox() {
  const batches: Uint8Array[][] = []
  const refusals: Refusals[] = []
  const box = new MessageOutbox(
    (messages) => batches.push(messages),
    (refused) => refusals.push(refused),
  )
  return { box, batches, refusals }
}

describe('messages on their way out of the client’s thread', () => {
  test('all of one turn go together, each once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 10 }), { maxLength: 10 }),
        async (turns) => {
          const { box, batches } = outbox()
          for (const messages of turns) {
            for (const message of messages) box.add(message)
            await turn()
            await turn()
          }
          expect(batches).toEqual(turns.filter((messages) => messages.length > 0))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('a message above the network’s own limit is refused and counted', async () => {
    const { box, batches, refusals } = outbox()
    box.add(new Uint8Array(MAX_MESSAGE_BYTES + 1))
    box.add(new Uint8Array(MAX_MESSAGE_BYTES))
    await turn()
    expect(batches.map((batch) => batch.map(({ byteLength }) => byteLength))).toEqual([[MAX_MESSAGE_BYTES]])
    expect(refusals).toEqual([{ oversized: 1, unreadable: 0, overflowed: 0 }])
  })

  test('memory has an end: what nobody takes is refused, and taken again when there is room', async () => {
    const { box, batches, refusals } = outbox()
    for (let count = 0; count < 70; count++) box.add(new Uint8Array(MAX_MESSAGE_BYTES))
    await turn()
    expect(batches[0]).toHaveLength(64)
    expect(refusals).toEqual([{ oversized: 0, unreadable: 0, overflowed: 6 }])
    box.add(new Uint8Array(1))
    await turn()
    expect(batches).toHaveLength(1)
    box.taken(MAX_MESSAGE_BYTES)
    box.add(new Uint8Array(1))
    await turn()
    expect(batches).toHaveLength(2)
  })
})
