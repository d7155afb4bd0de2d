import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { BanList } from '../../../../electron/node/gossip/peers/ban-list.ts'
import { silent, TestHosts } from './test-hosts.ts'

const hosts = new TestHosts()
afterEach(() => hosts.stop())

const open = async () => {
  const path = join(await hosts.folder(), 'banned-peers.json')
  return { path, bans: await BanList.open({ path, clock: Date, logger: silent }) }
}

describe('the list of banned peers', () => {
  it('is closed once what was begun is on disk', async () => {
    const { path, bans } = await open()
    void bans.ban('0xaa', 'forged', null)
    await bans.close()
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ bans: [{ who: '0xaa' }] })
  })

  it('leaves its folder alone after it was closed, and holds bans all the same', async () => {
    const { path, bans } = await open()
    await bans.close()
    await bans.ban('0xbb', 'forged', null)
    expect(await readdir(join(path, '..'))).toEqual([])
    expect(bans.isBanned('0xbb')).toBe(true)
  })
})
