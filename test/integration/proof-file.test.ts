import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runNode } from '../support/portal-process.ts'

const FIXTURE = 'test/fixtures/proof.json'
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-verify-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const verify = (...words: string[]) => runNode('electron/cli.ts', ['verify', ...words])

/** Writes the fixture as somebody changed it. */
async function altered(change: (text: string) => string): Promise<string> {
  const path = join(folder, 'altered.json')
  await writeFile(path, change(await readFile(FIXTURE, 'utf8')))
  return path
}

describe('`tidemark verify` without a node', () => {
  it('accepts a proof that a running portal once exported, and says whose word it rests on', async () => {
    const { code, stdout, stderr } = await verify(FIXTURE)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^good: The message of .* was signed by 0x[0-9a-f]{40}, who could publish there\.$/m,
    )
    expect(stdout).toMatch(/Computed here: The message is number \d+ of the \d+ verified messages/)
    expect(stdout).toMatch(/Computed here from the state of block \d+ of chain 31337/)
    expect(stdout).toMatch(/On the word of the node 0x[0-9a-f]{40}, which signed the file/)
  })

  it('accepts a selection of a range, and a proof of the first version', async () => {
    const selection = await verify('test/fixtures/proof-range.json')
    expect(selection).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/with none left out in between/),
    })
    const first = await verify('test/fixtures/proof-version-1.json')
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Not checked here: the right to publish/),
    })
  })

  it('answers as JSON when asked to', async () => {
    const { code, stdout } = await verify(FIXTURE, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'good', statements: expect.any(Array) })
  })

  it('exits 1 and says what is wrong when one character is another', async () => {
    const path = await altered((text) => text.replace('"verdict": "verified"', '"verdict": "forged"'))
    const { code, stdout } = await verify(path)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^not good: The file was altered/)
  })

  it('exits 2 for what is no proof, and for a file that is not there', async () => {
    const none = await verify(await altered((text) => text.slice(0, 100)))
    expect(none.code).toBe(2)
    expect(none.stdout).toMatch(/^not readable: /)
    expect(await verify(join(folder, 'nowhere.json'))).toMatchObject({ code: 2 })
  })
})
