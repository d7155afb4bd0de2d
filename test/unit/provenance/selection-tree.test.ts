import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DigestTree, leafHash } from '../../../electron/node/provenance/digest-tree.ts'
import { rootOfSelection, SelectionTree } from '../../../electron/node/provenance/selection-tree.ts'

const leafOf = (index: number) => leafHash(new Uint8Array(32).fill(index % 251).fill(index >> 8, 0, 4))

/** A number of leaves, and which of them are chosen: at least one. */
const selections = fc.integer({ min: 1, max: 300 }).chain((leaves) =>
  fc.record({
    leaves: fc.constant(leaves),
    chosen: fc.uniqueArray(fc.integer({ min: 0, max: leaves - 1 }), { minLength: 1, maxLength: 40 }),
  }),
)

function build(leaves: number, chosen: readonly number[]) {
  const wanted = new Set(chosen)
  const tree = new SelectionTree()
  const plain = new DigestTree()
  for (let index = 0; index < leaves; index++) {
    tree.append(leafOf(index), wanted.has(index))
    plain.append(leafOf(index))
  }
  const places = [...chosen].sort((a, b) => a - b).map((index) => ({ index, leaf: leafOf(index) }))
  return { ...tree.finish(), places, plainRoot: plain.root() }
}

describe('a selection of leaves', () => {
  it('leads to the root of the whole tree', () => {
    fc.assert(
      fc.property(selections, ({ leaves, chosen }) => {
        const { root, hashes, places, plainRoot } = build(leaves, chosen)
        expect(root).toEqual(plainRoot)
        expect(rootOfSelection(leaves, places, hashes)).toEqual(root)
      }),
      { numRuns: 200 },
    )
  })

  it('leads nowhere else when a leaf, a place, a hash or the number of leaves is another', () => {
    fc.assert(
      fc.property(selections, fc.nat(), ({ leaves, chosen }, pick) => {
        const { root, hashes, places } = build(leaves, chosen)
        const differs = (found: Uint8Array | undefined) =>
          expect(found === undefined || Buffer.compare(found, root) !== 0).toBe(true)
        const at = pick % places.length
        const swapped = places.map((place, index) => (index === at ? { ...place, leaf: leafOf(999) } : place))
        differs(rootOfSelection(leaves, swapped, hashes))
        const moved = places.map((place, index) =>
          index === at ? { ...place, index: place.index + 1 } : place,
        )
        differs(rootOfSelection(leaves, moved, hashes))
        differs(rootOfSelection(leaves, places, [...hashes, leafOf(1)]))
        differs(
          rootOfSelection(leaves, places, hashes.slice(1).concat(hashes.length === 0 ? [leafOf(2)] : [])),
        )
        differs(rootOfSelection(leaves, [...places, ...places.slice(-1)], hashes))
      }),
      { numRuns: 200 },
    )
  })

  it('of neighbours needs few hashes, however many leaves there are', () => {
    const { hashes } = build(
      10_000,
      Array.from({ length: 500 }, (_, n) => 4_000 + n),
    )
    expect(hashes.length).toBeLessThan(28)
  })

  it('of impossible size is refused without work', () => {
    for (const leaves of [0, -1, 1.5, 2 ** 53]) expect(rootOfSelection(leaves, [], [])).toBeUndefined()
    const last = [{ index: Number.MAX_SAFE_INTEGER - 1, leaf: leafOf(0) }]
    expect(rootOfSelection(Number.MAX_SAFE_INTEGER, last, [])).toBeUndefined()
  })
})
