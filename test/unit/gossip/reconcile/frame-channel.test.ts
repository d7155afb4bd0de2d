import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_FRAME_BYTES } from '../../../../electron/node/gossip/limits.ts'
import { PeerFault } from '../../../../electron/node/gossip/peer-fault.ts'
import type { PeerStream } from '../../../../electron/node/gossip/ports.ts'
import { FrameChannel } from '../../../../electron/node/gossip/reconcile/frame-channel.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../../../electron/node/gossip/reconcile/frames.ts'
import { encodeLength } from '../../../../electron/node/gossip/wire/length.ts'
import { streamPair } from '../stream-pair.ts'

const never = new AbortController().signal

function channelOver(stream: PeerStream, frameTimeoutMs = 5_000, sessionTimeoutMs = 10_000, signal = never) {
  return new FrameChannel({ stream, frameTimeoutMs, sessionTimeoutMs, signal })
}

async function faultOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof PeerFault ? error.code : `no fault: ${String(error)}`
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
const number = fc.nat({ max: 100_000 })
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    kind: fc.constant('opening' as const),
    part: fc.string({ maxLength: 100 }),
    start: fc.nat({ max: 8.64e15 }),
    widthMs: number,
    nonce: bytes(16),
    counts: fc
      .array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { maxLength: 512 })
      .map((all) => Float64Array.from(all)),
    fingerprints: bytes(64),
  }),
  fc.record({
    kind: fc.constant('differences' as const),
    nonce: bytes(16),
    differing: bytes(64),
    counts: fc.array(number, { maxLength: 512 }).map((all) => Float64Array.from(all)),
    cells: number,
    listed: fc.nat(1),
    healing: fc.nat(1),
  }),
  fc.record({ kind: fc.constant('cells' as const), cells: bytes(500) }),
  fc.record({ kind: fc.constant('more' as const), total: number }),
  fc.constant({ kind: 'listRequest' as const }),
  fc.record({ kind: fc.constant('list' as const), count: number, bits: fc.nat(32), bytes: bytes(500) }),
  fc.record({
    kind: fc.constant('want' as const),
    whole: bytes(64),
    count: number,
    bits: fc.nat(32),
    names: bytes(500),
    positions: bytes(500),
  }),
  fc.record({ kind: fc.constant('messages' as const), raw: fc.array(bytes(50), { maxLength: 20 }) }),
  fc.record({ kind: fc.constant('end' as const), count: number }),
  fc.record({ kind: fc.constant('receipt' as const), stored: number, refused: number }),
  fc.record({ kind: fc.constant('refusal' as const), code: fc.nat(255) }),
)

describe('frames', () => {
  it('read back as they were written, whatever the chunks they come in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFrame, { maxLength: 6 }),
        fc.integer({ min: 1, max: 2_000 }),
        async (frames, size) => {
          const [here, there] = streamPair()
          const encoded = frames.map(encodeFrame)
          const wire = Buffer.concat(encoded.flatMap((frame) => [encodeLength(frame.length), frame]))
          const written = (async () => {
            for (let at = 0; at < wire.length; at += size) await here.write(wire.subarray(at, at + size))
            await here.close()
          })()
          const channel = channelOver(there)
          for (const frame of frames) expect(await channel.receive()).toEqual(frame)
          expect(await channel.receive()).toBeUndefined()
          await written
          expect(channel.traffic.receivedBytes).toBe(wire.length)
          await channel.close()
        },
      ),
    )
  })

  it('are refused as malformed or too large, and never anything else, when they are not frames', () => {
    fc.assert(
      fc.property(
        fc.oneof(bytes(200), anyFrame.map(encodeFrame)),
        fc.nat(199),
        fc.nat(255),
        (input, at, byte) => {
          const mutant = Uint8Array.from(input)
          if (at < mutant.length) mutant[at] = byte
          try {
            decodeFrame(mutant)
          } catch (error) {
            expect(error).toBeInstanceOf(PeerFault)
            expect(['malformed', 'too-large']).toContain((error as PeerFault).code)
          }
        },
      ),
    )
  })

  it('skip fields of a newer version, up to a bound', () => {
    const unknown = Uint8Array.of(0x78, 0x01)
    const more = (times: number): Uint8Array => {
      const body = Buffer.concat([Uint8Array.of(0x08, 0x05), ...Array.from({ length: times }, () => unknown)])
      return Buffer.concat([Uint8Array.of((4 << 3) | 2), encodeLength(body.length), body])
    }
    expect(decodeFrame(more(16))).toEqual({ kind: 'more', total: 5 })
    expect(() => decodeFrame(more(17))).toThrow(PeerFault)
  })

  it('refuse a field that occurs twice and a number above its bound', () => {
    const frame = (...body: number[]): Uint8Array => Uint8Array.of((4 << 3) | 2, body.length, ...body)
    expect(() => decodeFrame(frame(0x08, 0x05, 0x08, 0x06))).toThrow('occurs twice')
    expect(() => decodeFrame(frame(0x08, 0x81, 0x80, 0x08))).toThrow('where at most')
  })
})

describe('a frame channel', () => {
  it('gives up on a peer that stalls after one byte', async () => {
    const [here, there] = streamPair()
    await here.write(Uint8Array.of(9))
    expect(await faultOf(channelOver(there, 30).receive())).toBe('late')
  })

  it('gives up on a peer that does not read', async () => {
    const [here] = streamPair()
    const channel = channelOver(here, 30)
    const flood = async (): Promise<void> => {
      for (;;) await channel.send({ kind: 'cells', cells: new Uint8Array(20_000) })
    }
    expect(await faultOf(flood())).toBe('late')
  })

  it('gives up on a peer that stays lively for too long', async () => {
    const [here, there] = streamPair()
    const channel = channelOver(there, 5_000, 60)
    const drip = setInterval(() => void here.write(Uint8Array.of(2, (4 << 3) | 2, 0)), 5)
    const receiveAll = async (): Promise<void> => {
      for (;;) await channel.receive()
    }
    expect(await faultOf(receiveAll())).toBe('late')
    clearInterval(drip)
  })

  it('refuses a frame that is announced too large before reading it', async () => {
    const [here, there] = streamPair()
    await here.write(encodeLength(MAX_FRAME_BYTES + 1))
    expect(await faultOf(channelOver(there).receive())).toBe('too-large')
  })

  it('refuses a length that never ends or is padded', async () => {
    for (const length of [Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80), Uint8Array.of(0x81, 0x00)]) {
      const [here, there] = streamPair()
      await here.write(length)
      expect(await faultOf(channelOver(there).receive())).toBe('malformed')
    }
  })

  it('says that a peer died within a frame, or broke the stream', async () => {
    const [cut, there] = streamPair()
    await cut.write(Uint8Array.of(9, 1))
    await cut.close()
    expect(await faultOf(channelOver(there).receive())).toBe('died')
    const [broken, other] = streamPair()
    broken.abort(new Error('reset'))
    expect(await faultOf(channelOver(other).receive())).toBe('died')
  })

  it('says so when another frame comes than was due, or none', async () => {
    const [here, there] = streamPair()
    await channelOver(here).send({ kind: 'end', count: 0 })
    const channel = channelOver(there)
    expect(await faultOf(channel.expect('cells'))).toBe('unexpected')
    await here.close()
    expect(await faultOf(channel.expect('cells'))).toBe('died')
  })

  it('throws the reason of its signal when that aborts', async () => {
    const [, there] = streamPair()
    const abort = new AbortController()
    const receiving = channelOver(there, 5_000, 10_000, abort.signal).receive()
    abort.abort(new Error('the reader left'))
    await expect(receiving).rejects.toThrow('the reader left')
  })
})
