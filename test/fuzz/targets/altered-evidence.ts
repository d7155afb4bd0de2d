import { readFileSync } from 'node:fs'
import { verifyEvidenceFile } from '../../../electron/node/provenance/verify-evidence.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const BITS = 8

/** Proofs and a report that running portals made, without white space: there is no byte that means nothing. */
const files = ['proof.json', 'proof-range.json', 'proof-version-1.json', 'report.json'].map((name) => {
  const text = readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8')
  const bytes = Buffer.from(JSON.stringify(JSON.parse(text)))
  if (verifyEvidenceFile(bytes).outcome !== 'good') throw new Error(`${name} is not good as it is`)
  return bytes
})

/** Every bit of every byte of each file, flipped in turn: none of them is called good. */
export const alteredEvidenceTarget: FuzzTarget = {
  name: 'altered-evidence',
  inputs: files.reduce((sum, { length }) => sum + length * BITS, 0),

  generate(_random, index) {
    let left = index
    for (const file of files) {
      if (left >= file.length * BITS) {
        left -= file.length * BITS
        continue
      }
      const altered = Buffer.from(file)
      const at = Math.floor(left / BITS)
      altered[at] = (altered[at] ?? 0) ^ (1 << (left % BITS))
      return altered
    }
    throw new RangeError(`There is no input ${index}`)
  },

  check(input) {
    const verdict = verifyEvidenceFile(input)
    if (verdict.outcome === 'good') throw new Error('An altered file was called good')
    if (!verdict.sentence.endsWith('.')) throw new Error('The verdict is no sentence')
  },
}
