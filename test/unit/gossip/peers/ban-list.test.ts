import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BanList } from '../../../../electron/node/gossip/peers/ban-list.ts'
import { silent } from './test-hosts.ts'

const ADDRESS = `0x${'ab'.repeat(20)}`
const PEER = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo'
const OTHER = '12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X'

let folder: string
let now: number

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-bans-'))
  now = 1_700_000_000_000
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const file = () => join(folder, 'banned-peers.json')
const open = () => BanList.open({ path: file(), clock: { now: () => now }, logger: silent })

describe('the list of bans', () => {
  it('keeps the peers of an address out with it, and tells of one ban', async () => {
    const bans = await open()
    await bans.ban(ADDRESS, 'by hand', null, [PEER, OTHER])
    expect([ADDRESS, PEER, OTHER].map((who) => bans.isBanned(who))).toEqual([true, true, true])
    expect(bans.list()).toEqual([
      { who: ADDRESS, reason: 'by hand', since: now, until: null, times: 1, tookAlong: [PEER, OTHER] },
    ])
  })

  it.each([ADDRESS, PEER])(
    'lifts the whole ban by any of its names, also after a restart: %s',
    async (who) => {
      await (await open()).ban(ADDRESS, 'by hand', null, [PEER])
      const bans = await open()
      expect(bans.list()).toMatchObject([{ who: ADDRESS, tookAlong: [PEER] }])
      expect((await bans.lift(who)).sort()).toEqual([ADDRESS, PEER].sort())
      expect([ADDRESS, PEER].some((name) => bans.isBanned(name))).toBe(false)
      expect((await open()).list()).toEqual([])
    },
  )

  it('leaves a peer banned that was banned on its own account before its address was', async () => {
    const bans = await open()
    await bans.ban(PEER, 'first', null)
    now += 1
    await bans.ban(ADDRESS, 'then', null, [PEER, OTHER])
    expect(bans.list()).toMatchObject([
      { who: ADDRESS, tookAlong: [OTHER] },
      { who: PEER, reason: 'first', tookAlong: [] },
    ])
    await bans.lift(ADDRESS)
    expect([ADDRESS, OTHER, PEER].map((who) => bans.isBanned(who))).toEqual([false, false, true])
  })

  it('makes a ban of its own of one that came with another, when the user bans that peer too', async () => {
    const bans = await open()
    await bans.ban(ADDRESS, 'then', now + 1_000, [PEER])
    await bans.ban(PEER, 'for good', null)
    now += 2_000
    expect(bans.list()).toMatchObject([{ who: PEER, reason: 'for good', tookAlong: [] }])
  })

  it('ends what came with a ban when that ends', async () => {
    const bans = await open()
    await bans.ban(ADDRESS, 'for a while', now + 1_000, [PEER])
    now += 1_000
    expect(bans.list()).toEqual([])
    expect(bans.isBanned(PEER)).toBe(false)
  })

  it('reads lists from before bans took others along, and writes what older nodes read', async () => {
    const before = { who: PEER, reason: 'old', since: now, until: null, times: 3 }
    await writeFile(file(), JSON.stringify({ version: 1, bans: [before] }), { mode: 0o600 })
    const bans = await open()
    expect(bans.list()).toEqual([{ ...before, tookAlong: [] }])
    await bans.ban(ADDRESS, 'new', null, [OTHER])
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({
      version: 1,
      bans: [before, { who: ADDRESS }, { who: OTHER, cameWith: ADDRESS }],
    })
  })

  it('begins anew when it cannot be read', async () => {
    await writeFile(file(), '{"version":1,"bans":[{"who":7}]}', { mode: 0o600 })
    expect((await open()).list()).toEqual([])
  })

  it('is closed once what was begun is on disk', async () => {
    const bans = await open()
    void bans.ban(ADDRESS, 'forged', null)
    await bans.close()
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ bans: [{ who: ADDRESS }] })
  })

  it('leaves its folder alone after it was closed, and holds bans all the same', async () => {
    const bans = await open()
    await bans.close()
    await bans.ban(ADDRESS, 'forged', null)
    expect(await readdir(folder)).toEqual([])
    expect(bans.isBanned(ADDRESS)).toBe(true)
  })
})
