import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readFrames } from '../../../electron/node/gap-fill/frame-reader.ts'

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    yield bytes.subarray(at, at + size)
    at += size
  }
}

function frame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(4)
  prefix.writeUInt32BE(message.length)
  return Buffer.concat([prefix, message])
}

async function collect(frames: AsyncIterable<Uint8Array[]>): Promise<string[]> {
  const all: string[] = []
  for await (const batch of frames) all.push(...batch.map((bytes) => Buffer.from(bytes).toString('hex')))
  return all
}

describe('the reader of length-prefixed frames', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 })
  const sizes = fc.array(fc.nat(30), { maxLength: 60 })

  it('reads back what was framed, however it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(messages, sizes, async (bodies, pieces) => {
        const bytes = Buffer.concat(bodies.map(frame))
        expect(await collect(readFrames(inPieces(bytes, pieces), 40))).toEqual(
          bodies.map((body) => Buffer.from(body).toString('hex')),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('delivers what was whole and then says that the rest broke off', async () => {
    await fc.assert(
      fc.asyncProperty(messages, sizes, fc.nat(), async (bodies, pieces, cut) => {
        const bytes = Buffer.concat(bodies.map(frame))
        const whole = bytes.subarray(0, bytes.length === 0 ? 0 : cut % bytes.length)
        const ends = bodies.map((_, at) => Buffer.concat(bodies.slice(0, at + 1).map(frame)).length)
        const delivered: string[] = []
        const read = async () => {
          for await (const batch of readFrames(inPieces(whole, pieces), 40)) {
            delivered.push(...batch.map((body) => Buffer.from(body).toString('hex')))
          }
        }
        if (whole.length === 0 || ends.includes(whole.length)) await read()
        else await expect(read()).rejects.toMatchObject({ failure: 'broken' })
        expect(delivered).toHaveLength(ends.filter((end) => end <= whole.length).length)
      }),
    )
  })

  it('refuses a length above the bound without waiting for its bytes', async () => {
    const endless = (async function* () {
      yield Buffer.from('ffffffff00', 'hex')
      throw new Error('was read on')
    })()
    await expect(collect(readFrames(endless, 1_048_576))).rejects.toMatchObject({ failure: 'wrong' })
  })

  it('takes time in proportion to what it reads, also for a large message in tiny pieces', async () => {
    const body = new Uint8Array(1_000_000).fill(7)
    const pieces = new Array<number>(100_000).fill(10)
    expect((await collect(readFrames(inPieces(frame(body), pieces), 1_048_576)))[0]).toHaveLength(2_000_000)
  })
})
