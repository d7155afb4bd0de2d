import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeFileAtomically } from '../../../electron/files/atomic-file.ts'
import { anvilBinary } from '../../../electron/node/local-network/anvil-binary.ts'
import { pruneChainState } from '../../../electron/node/local-network/chain-state.ts'
import { findFreePort, isPortFree } from '../../../electron/node/local-network/free-port.ts'
import { type NetworkRecord, NetworkRecordFile } from '../../../electron/node/local-network/network-record.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-local-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('replacing a file', () => {
  test('the new content is there and nothing else is left', async () => {
    const path = join(folder, 'a.json')
    await writeFileAtomically(path, 'one')
    await writeFileAtomically(path, 'two')
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(readdirSync(folder)).toEqual(['a.json'])
  })

  test('where it fails the old content stays', async () => {
    const path = join(folder, 'a.json')
    await writeFileAtomically(path, 'one')
    const broken = { toString: () => 'x' } as unknown as string
    await expect(writeFileAtomically(path, broken)).rejects.toThrow()
    expect(readFileSync(path, 'utf8')).toBe('one')
    expect(readdirSync(folder)).toEqual(['a.json'])
  })
})

describe('the record of the local network', () => {
  const record: NetworkRecord = {
    version: 1,
    chain: { port: 4_000, pid: 7, genesisHash: `0x${'ab'.repeat(32)}` },
    contracts: null,
    entryPoint: { nodeId: 'ab'.repeat(20), port: 4_001 },
  }

  test('what was written is read at the next start', async () => {
    const path = join(folder, 'network.json')
    const first = await NetworkRecordFile.open(path)
    expect(first.current).toBeUndefined()
    await Promise.all([first.write(record), first.write({ ...record, entryPoint: null })])
    expect((await NetworkRecordFile.open(path)).current).toEqual({ ...record, entryPoint: null })
  })

  test.each([
    ['cut off', '{"version":1,'],
    ['of another version', JSON.stringify({ ...record, version: 2 })],
    ['with a port that is none', JSON.stringify({ ...record, chain: { ...record.chain, port: 0 } })],
    ['with an address that is none', JSON.stringify({ ...record, contracts: { streamRegistry: '0x1' } })],
  ])('a record %s is refused with a remedy', async (_name, text) => {
    const path = join(folder, 'network.json')
    writeFileSync(path, text)
    await expect(NetworkRecordFile.open(path)).rejects.toMatchObject({
      code: 'config-invalid',
      remedy: expect.stringContaining('Restore'),
    })
  })
})

describe('pruning a saved chain', () => {
  const block = fc.record({ empty: fc.boolean() })

  test('no block with transactions, no recent block, and nothing but blocks is touched', async () => {
    const path = join(folder, 'state.json')
    await fc.assert(
      fc.asyncProperty(fc.array(block, { minLength: 1, maxLength: 400, size: 'max' }), async (blocks) => {
        const state = {
          best_block_number: blocks.length - 1,
          accounts: { a: 1 },
          blocks: blocks.map(({ empty }, number) => ({
            header: { number: `0x${number.toString(16)}`, extra: 'x' },
            transactions: empty ? [] : [{ any: 'thing' }],
          })),
          transactions: [{ logs: ['kept'] }],
        }
        writeFileSync(path, JSON.stringify(state))
        expect(await pruneChainState(path)).toBe(true)
        const pruned = JSON.parse(readFileSync(path, 'utf8')) as typeof state
        const expected = state.blocks.filter(
          ({ transactions }, number) =>
            number === 0 || transactions.length > 0 || number > state.best_block_number - 256,
        )
        expect(pruned).toEqual({ ...state, blocks: expected })
      }),
      { numRuns: 50 },
    )
  })

  test('without a saved chain there is nothing to start from', async () => {
    expect(await pruneChainState(join(folder, 'none.json'))).toBe(false)
  })

  test('a damaged chain is refused with a remedy and left as it is', async () => {
    const path = join(folder, 'state.json')
    writeFileSync(path, '{"blocks": [')
    await expect(pruneChainState(path)).rejects.toMatchObject({ code: 'chain-unavailable' })
    expect(readFileSync(path, 'utf8')).toBe('{"blocks": [')
  })
})

describe('the chain’s binary', () => {
  test('is the one of this platform’s package, not the wrapper', () => {
    const path = anvilBinary()
    expect(existsSync(path)).toBe(true)
    expect(path).not.toContain('.bin')
  })

  test('a platform without one is told so', () => {
    expect(() => anvilBinary('aix', 'ppc64')).toThrow(/no chain for aix on ppc64/)
  })
})

describe('a free port', () => {
  test('is the preferred one while nobody has it, and another one when somebody has', async () => {
    const server = createServer()
    const taken = await findFreePort()
    expect(await findFreePort(taken)).toBe(taken)
    await new Promise<void>((resolve) => server.listen(taken, '127.0.0.1', resolve))
    expect(await isPortFree(taken)).toBe(false)
    expect(await findFreePort(taken)).not.toBe(taken)
    await new Promise((resolve) => server.close(resolve))
  })
})
