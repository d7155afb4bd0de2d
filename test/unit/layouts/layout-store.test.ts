import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeFileAtomically } from '../../../electron/files/atomic-file.ts'
import { createLayoutStore, type LayoutStore } from '../../../electron/node/layouts/layout-store.ts'
import { layoutText } from '../../../shared/layout.ts'
import { aLayout } from './layouts.ts'

let folder: string
let store: LayoutStore
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'tidemark-layouts-')), 'layouts')
  store = createLayoutStore({ folder, write: writeFileAtomically, clock: { now: () => 1_000 } })
})
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }))

describe('the layouts a node keeps', () => {
  it('are read back as they were saved, also by another start', async () => {
    const id = await store.save(aLayout())
    const other = createLayoutStore({ folder, write: writeFileAtomically, clock: { now: () => 2_000 } })
    expect(await other.get(id)).toEqual(aLayout())
    expect(await other.list()).toMatchObject([{ id, name: 'Engine room', panels: 2, problem: null }])
  })

  it('are replaced, renamed and deleted under their id, and leave no half-written file', async () => {
    const id = await store.save(aLayout())
    await Promise.all([store.rename(id, 'Bridge'), store.save({ ...aLayout(), name: 'Deck' })])
    expect((await store.get(id)).name).toBe('Bridge')
    expect(await readdir(folder)).toHaveLength(2)
    await store.remove(id)
    await expect(store.get(id)).rejects.toMatchObject({ code: 'layout-not-found' })
    await expect(store.save(aLayout(), id)).rejects.toMatchObject({ code: 'layout-not-found' })
  })

  it('that a newer version wrote are listed with their problem and never overwritten', async () => {
    const id = await store.save(aLayout())
    const newer = layoutText(aLayout()).replace('"version": 1', '"version": 7')
    await writeFile(join(folder, `${id}.json`), newer)
    expect(await store.list()).toMatchObject([{ id, problem: expect.stringContaining('version 7') }])
    await expect(store.save(aLayout(), id)).rejects.toMatchObject({ code: 'layout-newer' })
    await expect(store.rename(id, 'Mine')).rejects.toMatchObject({ code: 'layout-newer' })
    expect(await readFile(join(folder, `${id}.json`), 'utf8')).toBe(newer)
  })

  it('are refused unread when somebody has put something huge in their place', async () => {
    const id = await store.save(aLayout())
    await writeFile(join(folder, `${id}.json`), ' '.repeat(300_000))
    await expect(store.get(id)).rejects.toMatchObject({ code: 'layout-invalid' })
  })
})

describe('the library of expressions', () => {
  it('keeps one of each name', async () => {
    await store.expressions.keep({ name: 'Growth', text: 'rate(a)' })
    await store.expressions.keep({ name: 'Error', text: 'a - b' })
    await store.expressions.keep({ name: 'Growth', text: 'rate(a) * 60' })
    expect(await store.expressions.list()).toEqual([
      { name: 'Error', text: 'a - b' },
      { name: 'Growth', text: 'rate(a) * 60' },
    ])
    await store.expressions.remove('Error')
    expect(await store.expressions.list()).toHaveLength(1)
    expect(await store.list()).toEqual([])
  })

  it('that was broken by hand is told in words and left as it is', async () => {
    await store.expressions.keep({ name: 'Growth', text: 'rate(a)' })
    await writeFile(join(folder, 'expressions.json'), '{"version": 1, "expressions": [{}]}')
    await expect(store.expressions.keep({ name: 'x', text: 'a' })).rejects.toMatchObject({
      code: 'config-invalid',
    })
    expect(await readFile(join(folder, 'expressions.json'), 'utf8')).toContain('[{}]')
  })
})
