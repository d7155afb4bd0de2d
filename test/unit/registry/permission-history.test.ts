import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  FOREVER_MS,
  type PublishChange,
  publishRightAt,
  type StreamLife,
} from '../../../electron/node/registry/permission-history.ts'
import { ALICE, BOB, PUBLIC } from './fixtures.ts'
import { MAX_UINT } from './scripted-chain.ts'

const LEAD_MS = 15_000

type Step =
  | { kind: 'create' | 'delete'; timestamp: number }
  | { kind: 'permit'; timestamp: number; grantee: string; publishExpiration: bigint }

function moment(block: number, timestamp: number) {
  return { block, timestamp, transaction: `0x${block}` }
}

/** What the index would read from the chain for these steps, one block each. */
function livesOf(steps: readonly Step[]): StreamLife[] {
  const lives: { life: StreamLife; changes: PublishChange[] }[] = []
  for (const [block, step] of steps.entries()) {
    const last = lives.at(-1)
    if (step.kind === 'create') {
      const changes: PublishChange[] = []
      lives.push({ life: { created: moment(block, step.timestamp), deleted: null, changes }, changes })
    } else if (step.kind === 'delete' && last !== undefined) {
      last.life.deleted ??= moment(block, step.timestamp)
    } else if (step.kind === 'permit') {
      const { grantee, publishExpiration } = step
      last?.changes.push({ ...moment(block, step.timestamp), grantee, publishExpiration })
    }
  }
  return lives.map(({ life }) => life)
}

/** The contract's own rule at a second: all blocks up to and including it have happened. */
function contractAllows(steps: readonly Step[], user: string, second: number): boolean {
  let exists = false
  let expirations = new Map<string, bigint>()
  for (const step of steps) {
    if (step.timestamp > second) break
    if (step.kind === 'delete') exists = false
    if (step.kind === 'create') {
      exists = true
      expirations = new Map()
    }
    if (step.kind === 'permit') expirations.set(step.grantee, step.publishExpiration)
  }
  const best = [user, PUBLIC].some((grantee) => (expirations.get(grantee) ?? 0n) >= BigInt(second))
  return exists && best
}

const seconds = fc.integer({ min: 1, max: 200 })
const expiration = fc.oneof(fc.constant(0n), fc.constant(MAX_UINT), fc.bigInt({ min: 1n, max: 260n }))
/** Steps as a chain could have them: created before deleted, by turns, times never going back. */
const history = fc
  .array(
    fc.record({ gap: fc.integer({ min: 0, max: 30 }), kind: fc.nat(9), grantee: fc.nat(2), expiration }),
    { maxLength: 20 },
  )
  .map((raw) => {
    const steps: Step[] = []
    let timestamp = 20
    let exists = false
    for (const { gap, kind, grantee, expiration: publishExpiration } of raw) {
      timestamp += gap
      if (!exists) {
        steps.push({ kind: 'create', timestamp })
        exists = true
      } else if (kind === 0) {
        steps.push({ kind: 'delete', timestamp })
        exists = false
      } else {
        const name = [ALICE, BOB, PUBLIC][grantee] ?? ALICE
        steps.push({ kind: 'permit', timestamp, grantee: name, publishExpiration })
      }
    }
    return steps
  })
const atMs = fc.integer({ min: 0, max: 700_000 })

describe('the right to publish at a time', () => {
  const since = (timestamp: number, steps: Step[]): Step[] => [{ kind: 'create', timestamp }, ...steps]
  const grant = (timestamp: number, publishExpiration = MAX_UINT, grantee = ALICE): Step => {
    return { kind: 'permit', timestamp, grantee, publishExpiration }
  }
  const at = (steps: Step[], time: number) => publishRightAt(livesOf(steps), ALICE, time, LEAD_MS)

  test('a grant counts from the grant lead before its block', () => {
    const steps = since(100, [grant(200)])
    expect(at(steps, 184_999).state).toBe('denied')
    expect(at(steps, 185_000)).toMatchObject({ state: 'permitted', validFrom: 185_000, validTo: FOREVER_MS })
  })

  test('a revocation counts from its block’s time on', () => {
    const steps = since(100, [grant(200), grant(300, 0n)])
    expect(at(steps, 299_999)).toMatchObject({ state: 'permitted', validTo: 300_000 })
    expect(at(steps, 300_000)).toMatchObject({ state: 'denied', change: { publishExpiration: 0n } })
  })

  test('a right that was taken and given again counts in both stretches, by the block that gave it', () => {
    const steps = since(100, [grant(200), grant(300, 0n), grant(400)])
    expect(at(steps, 250_000)).toMatchObject({ state: 'permitted', validTo: 300_000 })
    expect(at(steps, 300_000)).toMatchObject({ state: 'denied', validTo: 385_000 })
    expect(at(steps, 385_000)).toMatchObject({ state: 'permitted', validFrom: 385_000, validTo: FOREVER_MS })
    const [first, again] = [250_000, 390_000].map((time) => at(steps, time).change?.block)
    expect(again).toBeGreaterThan(first ?? 0)
  })

  test('an expiration includes its own second, and is told apart from a missing right', () => {
    const steps = since(100, [grant(200, 250n)])
    expect(at(steps, 250_999).state).toBe('permitted')
    expect(at(steps, 251_000)).toMatchObject({ state: 'expired', validFrom: 251_000, validTo: FOREVER_MS })
  })

  test('everybody’s right stands in for the publisher’s own', () => {
    const steps = since(100, [grant(200, MAX_UINT, PUBLIC), grant(210, 0n)])
    expect(at(steps, 400_000)).toMatchObject({ state: 'permitted', change: { grantee: PUBLIC } })
  })

  test('a grant taken back in the same block was never there', () => {
    const life: StreamLife = {
      created: moment(1, 100),
      deleted: null,
      changes: [MAX_UINT, 0n].map((publishExpiration) => ({
        ...moment(2, 200),
        grantee: ALICE,
        publishExpiration,
      })),
    }
    expect(publishRightAt([life], ALICE, 190_000, LEAD_MS).state).toBe('denied')
  })

  test('a stream made anew does not bring back the rights of the old one', () => {
    const steps: Step[] = [...since(100, [grant(110)]), { kind: 'delete', timestamp: 200 }, ...since(300, [])]
    expect(at(steps, 199_999).state).toBe('permitted')
    expect(at(steps, 250_000)).toMatchObject({ state: 'no-stream', validFrom: 200_000, validTo: 285_000 })
    expect(at(steps, 350_000).state).toBe('denied')
  })

  test('without a lead it is what the contract would have answered in that second', () => {
    fc.assert(
      fc.property(history, seconds, fc.integer({ min: 0, max: 999 }), (steps, second, ms) => {
        const { state } = publishRightAt(livesOf(steps), ALICE, second * 1_000 + ms, 0)
        expect(state === 'permitted').toBe(contractAllows(steps, ALICE, second))
      }),
      { numRuns: 2_000 },
    )
  })

  test('the lead only ever adds rights', () => {
    fc.assert(
      fc.property(history, atMs, (steps, time) => {
        const lives = livesOf(steps)
        fc.pre(publishRightAt(lives, ALICE, time, 0).state === 'permitted')
        expect(publishRightAt(lives, ALICE, time, LEAD_MS).state).toBe('permitted')
      }),
      { numRuns: 2_000 },
    )
  })

  test('the lead never reaches past a block by more than itself', () => {
    fc.assert(
      fc.property(history, atMs, (steps, time) => {
        const lives = livesOf(steps)
        fc.pre(publishRightAt(lives, ALICE, time, LEAD_MS).state === 'permitted')
        const later = Array.from({ length: LEAD_MS / 1_000 + 1 }, (_, index) => time + index * 1_000)
        expect(later.some((moment) => contractAllows(steps, ALICE, Math.floor(moment / 1_000)))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test('the answer is the same within its stretch, and the stretches cover all of time', () => {
    fc.assert(
      fc.property(
        history,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
        (steps, points) => {
          const lives = livesOf(steps)
          let from = 0
          for (let count = 0; from < FOREVER_MS; count++) {
            expect(count).toBeLessThan(500)
            const answer = publishRightAt(lives, ALICE, from, LEAD_MS)
            expect(answer.validFrom).toBe(from)
            expect(answer.validTo).toBeGreaterThan(from)
            for (const point of points) {
              const inside = from + Math.floor(point * (answer.validTo - from - 1))
              expect(publishRightAt(lives, ALICE, inside, LEAD_MS)).toEqual(answer)
            }
            from = answer.validTo
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
