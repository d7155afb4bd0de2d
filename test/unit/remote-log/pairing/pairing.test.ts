import type { Libp2p } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  cpaceTag,
  createCpaceShare,
  deriveCpaceKey,
  isCpaceTag,
} from '../../../../electron/node/remote-log/pairing/cpace.ts'
import {
  createPairingCode,
  formatPairingCode,
  formatPairingLink,
  parsePairingCode,
  parsePairingLink,
} from '../../../../electron/node/remote-log/pairing/pairing-code.ts'
import {
  createPairingDesk,
  PAIRING_PROTOCOL,
  type PairingDesk,
} from '../../../../electron/node/remote-log/pairing/pairing-desk.ts'
import { errorCode, rejectionCode } from '../error-code.ts'
import { quietLogger } from '../quiet-logger.ts'
import { testHost } from '../test-host.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

interface Node {
  host: Libp2p
  desk: PairingDesk
  paired: { peer: string; label: string }[]
  clock: { ms: number }
}

async function startNode(label: string): Promise<Node> {
  const host = await testHost()
  const paired: Node['paired'] = []
  const clock = { ms: 0 }
  const desk = createPairingDesk({
    host,
    label,
    onPaired: async (peer, otherLabel) => void paired.push({ peer, label: otherLabel }),
    clock: { now: () => clock.ms },
    logger: quietLogger,
  })
  await desk.start()
  onTestFinished(() => desk.stop())
  return { host, desk, paired, clock }
}

const addressesOf = ({ host }: Node) => host.getMultiaddrs().map(String)
/** Another code, certainly. */
const wrong = (code: string) => parsePairingCode(code).replace(/^./, (first) => (first === '0' ? '1' : '0'))

describe('pairing two nodes', () => {
  it('by link lets each know the other', async () => {
    const [laptop, server] = [await startNode('Laptop'), await startNode('Server')]
    const { link } = server.desk.invite()
    const result = await laptop.desk.join(parsePairingLink(link))
    expect(result).toEqual({ peer: server.host.peerId.toString(), label: 'Server' })
    expect(laptop.paired).toEqual([result])
    expect(server.paired).toEqual([{ peer: laptop.host.peerId.toString(), label: 'Laptop' }])
  })

  it('by code, typed as people type', async () => {
    const [laptop, server] = [await startNode('Laptop'), await startNode('Server')]
    const { code } = server.desk.invite()
    await laptop.desk.join({
      code: parsePairingCode(` ${code.toLowerCase()} `),
      addresses: addressesOf(server),
    })
    expect(server.paired).toHaveLength(1)
  })

  it('works once a code', async () => {
    const [laptop, server, third] = [
      await startNode('Laptop'),
      await startNode('Server'),
      await startNode('Third'),
    ]
    const invitation = parsePairingLink(server.desk.invite().link)
    await laptop.desk.join(invitation)
    expect(await rejectionCode(third.desk.join(invitation))).toBe('unauthorised')
    expect(server.paired).toHaveLength(1)
    expect(third.paired).toEqual([])
  })

  it('fails with a wrong code, survives two of them, and not three', async () => {
    const [laptop, server] = [await startNode('Laptop'), await startNode('Server')]
    const { code, link } = server.desk.invite()
    const guess = { code: wrong(code), addresses: addressesOf(server) }
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await rejectionCode(laptop.desk.join(guess))).toBe('unauthorised')
    }
    expect(server.paired).toEqual([])
    await laptop.desk.join(parsePairingLink(link))
    const second = server.desk.invite()
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await rejectionCode(laptop.desk.join({ code: wrong(second.code), addresses: addressesOf(server) }))
    }
    expect(await rejectionCode(laptop.desk.join(parsePairingLink(second.link)))).toBe('unauthorised')
    expect(server.paired).toHaveLength(1)
  })

  it('counts an attempt that is broken off after the first answer', async () => {
    const [laptop, server] = [await startNode('Laptop'), await startNode('Server')]
    const { code, link } = server.desk.invite()
    const ends = { inviter: server.host.peerId.toString(), joiner: laptop.host.peerId.toString() }
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const stream = await laptop.host.dialProtocol(multiaddr(addressesOf(server)[0]), PAIRING_PROTOCOL)
      const frames = lpStream(stream)
      await frames.write(createCpaceShare(wrong(code), ends).share)
      await frames.read()
      stream.abort(new Error('thinking'))
    }
    expect(await rejectionCode(laptop.desk.join(parsePairingLink(link)))).toBe('unauthorised')
  })

  it('ends with the life of the code, and with its withdrawal', async () => {
    const [laptop, server] = [await startNode('Laptop'), await startNode('Server')]
    const late = parsePairingLink(server.desk.invite().link)
    server.clock.ms += 10 * 60_000 + 1
    expect(await rejectionCode(laptop.desk.join(late))).toBe('unauthorised')
    const withdrawn = parsePairingLink(server.desk.invite().link)
    server.desk.withdraw()
    expect(await rejectionCode(laptop.desk.join(withdrawn))).toBe('unauthorised')
  })

  it('is refused while no code is shown', async () => {
    const [laptop, server] = [await startNode('Laptop'), await startNode('Server')]
    const invitation = { code: createPairingCode(), addresses: addressesOf(server) }
    expect(await rejectionCode(laptop.desk.join(invitation))).toBe('unauthorised')
  })

  it('says that the other node cannot be reached', async () => {
    const [laptop, server] = [await startNode('Laptop'), await startNode('Server')]
    const invitation = parsePairingLink(server.desk.invite().link)
    await server.host.stop()
    expect(await rejectionCode(laptop.desk.join(invitation))).toBe('not-running')
  })

  it('keeps what the other calls itself short and on one line', async () => {
    const [laptop, server] = [await startNode(`evil\n\u202e${'x'.repeat(500)}`), await startNode('Server')]
    await laptop.desk.join(parsePairingLink(server.desk.invite().link))
    expect(server.paired[0]?.label).toMatch(/^evilx{1,60}$/)
  })
})

describe('CPace', () => {
  const ends = { inviter: 'a', joiner: 'b' }
  const exchange = (left: string, right: string, leftEnds = ends, rightEnds = ends) => {
    const joiner = createCpaceShare(left, leftEnds)
    const inviter = createCpaceShare(right, rightEnds)
    const shares = { joiner: joiner.share, inviter: inviter.share }
    return [
      deriveCpaceKey(joiner, inviter.share, shares),
      deriveCpaceKey(inviter, joiner.share, shares),
    ] as const
  }

  it('gives both ends one key for one code, another each time', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (code) => {
        const [left, right] = exchange(code, code)
        expect(hex(left)).toBe(hex(right))
        expect(hex(exchange(code, code)[0])).not.toBe(hex(left))
      }),
      { numRuns: 20 },
    )
  })

  it('gives different keys for different codes, and for different ends', () => {
    const [left, right] = exchange('7K3Q9XTF', '7K3Q9XTG')
    expect(hex(left)).not.toBe(hex(right))
    const [one, other] = exchange('7K3Q9XTF', '7K3Q9XTF', ends, { inviter: 'mallory', joiner: 'b' })
    expect(hex(one)).not.toBe(hex(other))
  })

  it('has tags that neither end can send back', () => {
    const [key] = exchange('x', 'x')
    expect(isCpaceTag(key, 'joiner', cpaceTag(key, 'joiner'))).toBe(true)
    expect(isCpaceTag(key, 'joiner', cpaceTag(key, 'inviter'))).toBe(false)
    expect(isCpaceTag(key, 'joiner', new Uint8Array(3))).toBe(false)
  })

  it('refuses shares that are no points, and the neutral element', () => {
    const own = createCpaceShare('x', ends)
    for (const bad of [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(5)]) {
      expect(() => deriveCpaceKey(own, bad, { joiner: own.share, inviter: bad })).toThrow()
    }
  })
})

describe('codes and links', () => {
  it('have 40 bits of chance, in letters that are not confused', () => {
    const codes = Array.from({ length: 200 }, createPairingCode)
    expect(new Set(codes).size).toBe(200)
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
  })

  it('come back from how they are written', () => {
    const code = createPairingCode()
    expect(parsePairingCode(formatPairingCode(code))).toBe(code)
    expect(parsePairingCode('oil0-1234')).toBe('01101234')
    const addresses = ['/ip4/192.168.1.2/tcp/4001/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA']
    expect(parsePairingLink(formatPairingLink({ code, addresses }))).toEqual({ code, addresses })
  })

  it.each([
    '',
    'https://example.com/?code=AAAA-AAAA',
    'tidemark://pair',
    'tidemark://pair?code=7K3Q-9XTF',
    'tidemark://pair?code=7K3Q-9XTF&at=/ip4/1.2.3.4/tcp/1',
    'tidemark://pair?code=short&at=/ip4/1.2.3.4/tcp/1/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA',
    `tidemark://pair?code=7K3Q-9XTF&at=${'x'.repeat(3_000)}`,
  ])('that are none are refused: %s', (link) => {
    expect(errorCode(() => parsePairingLink(link))).toBe('invalid-input')
  })
})
