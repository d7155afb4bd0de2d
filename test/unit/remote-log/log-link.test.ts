import { describe, expect, it } from 'vitest'
import { readDeepLink } from '../../../electron/desktop/deep-link.ts'
import { addressOf, formatAddress } from '../../../electron/node/remote-log/address.ts'
import { isLogLinkDamaged, type LogPlace, logLink, logPath, readLogPlace } from '../../../shared/log-link.ts'
import { type Keeper, keeperText, parseKeeper } from '../../../shared/remote-log.ts'

const KEEPERS: Keeper[] = [
  { kind: 'embedded' },
  { kind: 'ipfs' },
  { kind: 'folder', path: '/srv/logs of ours' },
  { kind: 'twirp', url: 'https://log.example/base' },
]
const page = formatAddress(addressOf(Buffer.from('page')))
const entry = 'ab'.repeat(32)

describe('links into a remote log', () => {
  it.each(KEEPERS)('lead to the log, the page and the message they were made of, kept by $kind', (keeper) => {
    const places: LogPlace[] = [
      { ref: { name: '0xabc/telemetry/0', keeper }, page: null, entry: null },
      { ref: { name: '0xabc/telemetry/0', keeper }, page, entry },
    ]
    for (const place of places) {
      const opened = readDeepLink(logLink(place))
      expect(opened).toEqual({ kind: 'navigate', path: logPath(place) })
      const { search } = new URL(opened?.path ?? '', 'http://portal')
      expect(readLogPlace(search)).toEqual(place)
      expect(isLogLinkDamaged(search)).toBe(false)
    }
    expect(parseKeeper(keeperText(keeper))).toEqual(keeper)
  })

  it('lead nowhere without a name or with a keeper that is none; what else is wrong is left out', () => {
    expect(readLogPlace('?keeper=embedded')).toBeNull()
    expect(readLogPlace('?log=a%20b')).toBeNull()
    expect(readLogPlace('?log=a&keeper=ftp://x')).toBeNull()
    expect(readLogPlace(`?log=${'a'.repeat(513)}`)).toBeNull()
    expect(readLogPlace('?log=a&page=../..&entry=xyz')).toMatchObject({ page: null, entry: null })
  })

  it.each([
    '?log=a%20b',
    '?keeper=embedded',
    '?log=a&keeper=ftp://x',
    `?log=a&page=${page.slice(0, -1)}`,
    '?log=a&entry=xyz',
  ])('are known to be damaged: %s', (search) => {
    expect(isLogLinkDamaged(search)).toBe(true)
  })

  it('are not looked for on a page that has none', () => {
    expect(isLogLinkDamaged('')).toBe(false)
    expect(isLogLinkDamaged('?pair=tidemark')).toBe(false)
  })

  it('of a pairing open the page that asks, and pair nothing', () => {
    const link = 'tidemark://pair?code=7K3Q-9XTF&at=%2Fip4%2F127.0.0.1%2Ftcp%2F1%2Fp2p%2Fx'
    const opened = readDeepLink(link)
    expect(opened?.path.startsWith('/remote-log?')).toBe(true)
    expect(new URL(opened?.path ?? '', 'http://portal').searchParams.get('pair')).toBe(link)
  })
})
