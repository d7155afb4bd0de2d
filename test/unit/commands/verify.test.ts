import { mkdtempSync, rmSync } from 'node:fs'
import { open, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { verify } from '../../../electron/commands/verify.ts'
import { verifyEvidenceFile } from '../../../electron/node/provenance/verify-evidence.ts'

const SELECTION = new URL('../../fixtures/proof-range.json', import.meta.url)
const GIB = 1_073_741_824
const folder = mkdtempSync(join(tmpdir(), 'tidemark-verify-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function verifyFile(path: string): Promise<{ code: number; said: string }> {
  const output = new PassThrough()
  const code = await verify(path, false, output)
  output.end()
  return { code, said: await text(output) }
}

describe('`tidemark verify`', () => {
  it('refuses a file of many gigabytes after reading what evidence may have at most', async () => {
    const path = join(folder, 'huge.json')
    const file = await open(path, 'w')
    await file.write('{"kind":"tidemark-proof"')
    await file.truncate(8 * GIB)
    await file.close()
    const before = process.memoryUsage().arrayBuffers
    expect(await verifyFile(path)).toMatchObject({ code: 2, said: expect.stringMatching(/^not readable: /) })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(GIB / 4)
  })

  it('refuses a file that is empty, cut in the middle, or a folder', async () => {
    const path = join(folder, 'cut.json')
    const whole = await readFile(SELECTION)
    for (const length of [0, 1, whole.length >> 1]) {
      await writeFile(path, whole.subarray(0, length))
      expect((await verifyFile(path)).code).toBe(2)
    }
    expect((await verifyFile(folder)).code).toBe(2)
  })
})

describe('a proof of a selection', () => {
  it('is not good once a bit of any of its bytes is another', async () => {
    const bytes = Buffer.from(JSON.stringify(JSON.parse(await readFile(SELECTION, 'utf8'))))
    expect(verifyEvidenceFile(bytes).outcome).toBe('good')
    const accepted: number[] = []
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes)
      // One bit of each byte, and not always the same one.
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 7))
      if (verifyEvidenceFile(altered).outcome === 'good') accepted.push(at)
    }
    expect(accepted).toEqual([])
  }, 120_000)
})
