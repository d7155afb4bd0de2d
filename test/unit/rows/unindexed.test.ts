import { afterAll, beforeAll, expect, it } from 'vitest'
import { MAX_FIELDS_PER_MESSAGE } from '../../../electron/node/message/limits.ts'
import { UNINDEXED_LOOKS } from '../../../electron/node/rows/limits.ts'
import { PART, syntheticMessage } from '../store/synthetic-messages.ts'
import { type ExportHouse, openExports } from './exports.ts'

let house: ExportHouse
beforeAll(async () => {
  house = await openExports()
})
afterAll(() => house.dispose())

it('counts what the newest messages hold that no chart draws, ten thousand fields as well, and no older ones', async () => {
  expect(await house.messages.unindexed(PART)).toEqual({ looked: 0, most: 0, unread: 0 })

  const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, index]))
  await house.add([
    syntheticMessage({ at: 0, content: fields }),
    // More values than are read.
    syntheticMessage({ at: 1, content: Array.from({ length: 20_000 }, () => 0) }),
    syntheticMessage({ at: 2, content: { load: 1 } }),
  ])
  const most = 10_000 - MAX_FIELDS_PER_MESSAGE
  expect(await house.messages.unindexed(PART)).toEqual({ looked: 3, most, unread: 1 })

  await house.add(Array.from({ length: UNINDEXED_LOOKS }, (_, index) => syntheticMessage({ at: 10 + index })))
  expect(await house.messages.unindexed(PART)).toEqual({ looked: UNINDEXED_LOOKS, most: 0, unread: 0 })
})
