import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DigestTree,
  EMPTY_ROOT,
  leafHash,
  nodeHash,
  rootOfPath,
} from '../../../electron/node/provenance/digest-tree.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, at) => leafHash(Buffer.from(`digest ${at}`)))

/** RFC 6962, section 2.1, word by word. */
function recursiveRoot(leaves: Uint8Array[]): Uint8Array {
  const [first] = leaves
  if (first === undefined) return EMPTY_ROOT
  if (leaves.length === 1) return first
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeHash(recursiveRoot(leaves.slice(0, split)), recursiveRoot(leaves.slice(split)))
}

describe('the digest tree', () => {
  it('has the roots that certificate transparency publishes as vectors', () => {
    const inputs = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ]
    const tree = new DigestTree()
    const roots = inputs.map((input) => {
      tree.append(leafHash(Buffer.from(input, 'hex')))
      return hex(tree.root())
    })
    expect(roots).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ])
  })

  it('has the root of nothing without leaves', () => {
    expect(hex(new DigestTree().root())).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
  })

  it('agrees with the definition for any number of leaves, also when it was interrupted and gone on with', () => {
    fc.assert(
      fc.property(fc.nat(70), fc.nat(70), (count, pause) => {
        const leaves = leavesOf(count)
        let tree = new DigestTree()
        leaves.forEach((leaf, at) => {
          if (at === pause) tree = DigestTree.resume(JSON.parse(JSON.stringify(tree.state())))
          tree.append(leaf)
        })
        expect(hex(tree.root())).toBe(hex(recursiveRoot(leaves)))
        expect(tree.leaves).toBe(count)
        expect(hex(tree.finish())).toBe(hex(recursiveRoot(leaves)))
      }),
    )
  })

  it('gives paths that lead every followed leaf to the root, and to no other root from another place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), (count) => {
        const leaves = leavesOf(count)
        const tree = new DigestTree()
        const paths = leaves.map((leaf) => tree.appendFollowed(leaf))
        const root = hex(tree.finish())
        leaves.forEach((leaf, at) => {
          const path = paths[at] ?? []
          expect(hex(rootOfPath(leaf, at, count, path) ?? new Uint8Array())).toBe(root)
          const other = rootOfPath(leaf, (at + 1) % count, count, path)
          if (count > 1) expect(other && hex(other)).not.toBe(root)
          expect(rootOfPath(leaf, at, count, [...path, leaf])).toBeUndefined()
          expect(rootOfPath(leaf, count, count, path)).toBeUndefined()
        })
      }),
    )
  })
})
