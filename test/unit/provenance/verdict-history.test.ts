import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openVerdictHistory } from '../../../electron/node/provenance/verdict-history.ts'
import { MAX_HISTORY_FILE_BYTES } from '../../../electron/node/provenance/verifier-limits.ts'
import type { VerdictChange } from '../../../shared/verdict-history.ts'
import { silentLogger } from './fakes.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-history-'))
  file = join(folder, 'verdict-history.jsonl')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const DIGEST = 'ab'.repeat(32)
const id = { streamId: '0xaa/load', partition: 0, timestamp: 5, sequence: 0, publisher: '0xaa', chain: 'c' }

function change(at: number, rest: Partial<VerdictChange> = {}): VerdictChange {
  return {
    at,
    id,
    digest: DIGEST,
    from: { verdict: 'verified', reason: 'signed-and-permitted' },
    to: { verdict: 'unauthorised', reason: 'no-publish-permission' },
    because: { block: 77, blockTimestamp: 4_000, transaction: `0x${'12'.repeat(32)}` },
    ...rest,
  }
}

describe('the history of verdicts', () => {
  it('tells of one message what changed, when and by which block, over a restart', async () => {
    const history = await openVerdictHistory(file, silentLogger)
    history.add([change(1), change(2, { id: { ...id, sequence: 1 } })])
    history.add([change(3)])
    expect(history.of(id, DIGEST)).toEqual([change(1), change(3)])
    await history.stop()
    const again = await openVerdictHistory(file, silentLogger)
    expect(again.of(id, DIGEST)).toEqual([change(1), change(3)])
    expect(again.of(id, 'cd'.repeat(32))).toEqual([])
  })

  it('leaves out lines that a kill cut short, or somebody else wrote', async () => {
    const history = await openVerdictHistory(file, silentLogger)
    history.add([change(1)])
    await history.stop()
    await appendFile(file, '{"at":2}\nnull\n{"at":3,"id"')
    expect((await openVerdictHistory(file, silentLogger)).of(id, DIGEST)).toEqual([change(1)])
  })

  it('keeps two files of bounded size', async () => {
    const history = await openVerdictHistory(file, silentLogger)
    const batch = Array.from({ length: 5_000 }, (_, at) => change(at))
    for (let round = 0; round < 12; round++) history.add(batch)
    await history.stop()
    expect((await readdir(folder)).sort()).toEqual(['verdict-history.jsonl', 'verdict-history.jsonl.1'])
    expect((await stat(`${file}.1`)).size).toBeLessThan(2 * MAX_HISTORY_FILE_BYTES)
  })
})
