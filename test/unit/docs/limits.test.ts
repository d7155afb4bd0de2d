import { describe, expect, it } from 'vitest'
import {
  exportedConstants,
  readStatedValue,
  type StatedBound,
  statedBounds,
  valueInCode,
} from './limits-page.ts'

const bounds = statedBounds()
const named = bounds.filter(
  (bound): bound is StatedBound & { constant: string } => bound.constant !== undefined,
)

/** Files that hold nothing but bounds: each of their constants has its row. */
const FILES_OF_BOUNDS = [
  'electron/node/message/limits.ts',
  'electron/node/provenance/verifier-limits.ts',
  'electron/node/provenance/audit/limits.ts',
  'electron/node/store/limits.ts',
  'electron/node/postgres/limits.ts',
  'electron/node/sink/limits.ts',
  'electron/node/rows/limits.ts',
  'electron/node/gap-fill/limits.ts',
  'electron/node/layouts/limits.ts',
  'renderer/features/workspace/expression/limits.ts',
  'electron/node/storage-presence/limits.ts',
  'electron/node/registry/limits.ts',
  'electron/node/gossip/limits.ts',
  'electron/node/remote-log/bounds.ts',
  'electron/node/telemetry/limits.ts',
  'electron/node/rules/limits.ts',
  'electron/node/rules/channels/limits.ts',
  'shared/rules/limits.ts',
  'electron/node/remote-log/local-log/limits.ts',
  'electron/node/remote-log/ipfs/limits.ts',
  'electron/node/remote-log/logs/limits.ts',
]

describe('docs/LIMITS.md', () => {
  it('has four filled cells in every row', () => {
    expect(bounds.length).toBeGreaterThan(250)
    const broken = bounds.filter(({ cells }) => cells.length !== 4 || cells.includes(''))
    expect(broken.map(({ cells }) => cells[0])).toEqual([])
  })

  it.each(named)('states $constant as the code has it', ({ files, constant, value }) => {
    const found = files.flatMap((file) => {
      const inCode = valueInCode(file, constant)
      return inCode === undefined ? [] : [inCode]
    })
    expect(found, `${constant} in ${files.join(', ')}`).toEqual([readStatedValue(value)])
  })

  it.each(FILES_OF_BOUNDS)('leaves out no bound of %s', (file) => {
    const stated = new Set(named.filter(({ files }) => files.includes(file)).map(({ constant }) => constant))
    expect(exportedConstants(file).filter((name) => !stated.has(name))).toEqual([])
  })

  it('names no constant twice', () => {
    const seen = named.map(({ files, constant }) => `${files[0]} ${constant}`)
    expect(seen.filter((key, index) => seen.indexOf(key) !== index)).toEqual([])
  })
})

describe('reading the page', () => {
  it('tells sizes, times, lists and shares apart', () => {
    expect(readStatedValue('1,536 KiB')).toEqual([1_572_864])
    expect(readStatedValue('500 ms, 1 s, 1 min')).toEqual([500, 1_000, 60_000])
    expect(readStatedValue('1/8')).toEqual([0.125])
    expect(readStatedValue('-80')).toEqual([-80])
    expect(() => readStatedValue('a few')).toThrow('not a value')
    expect(() => readStatedValue('3 parsecs')).toThrow('not a unit')
  })
})
