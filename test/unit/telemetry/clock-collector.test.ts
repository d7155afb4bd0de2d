import { createSocket, type Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createClockCollector } from '../../../electron/node/telemetry/clock-collector.ts'
import { clockSampleSchema } from '../../../electron/node/telemetry/clock-schema.ts'
import { closeEndpoints, endpoint } from './endpoint.ts'
import { createQuietLogger } from './quiet-logger.ts'

const NTP_TO_UNIX_S = 2_208_988_800
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) await new Promise<void>((closed) => socket.close(closed))
  await closeEndpoints()
})

function writeTime(packet: Buffer, at: number, ms: number): void {
  const seconds = Math.floor(ms / 1_000)
  packet.writeUInt32BE((seconds + NTP_TO_UNIX_S) % 2 ** 32, at)
  packet.writeUInt32BE(Math.floor(((ms - seconds * 1_000) / 1_000) * 2 ** 32), at + 4)
}

/** The answer of a server whose clock is `aheadMs` before this machine's. */
function answerTo(question: Buffer, aheadMs: number): Buffer {
  const packet = Buffer.alloc(48)
  packet[0] = 0x24
  packet[1] = 2
  packet.writeInt32BE(65, 4)
  packet.writeUInt32BE(65, 8)
  question.copy(packet, 24, 40, 48)
  writeTime(packet, 32, Date.now() + aheadMs)
  writeTime(packet, 40, Date.now() + aheadMs)
  return packet
}

/** A real UDP responder on loopback. */
async function responder(reply: (question: Buffer) => Buffer | null): Promise<string> {
  const socket = createSocket('udp4')
  sockets.push(socket)
  socket.on('message', (question, from) => {
    const answer = reply(question)
    if (answer !== null) socket.send(answer, from.port, from.address)
  })
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound))
  return `127.0.0.1:${(socket.address() as AddressInfo).port}`
}

const sampleOf = (server: string, now = () => Date.now()) =>
  createClockCollector({ server, logger: createQuietLogger(), clock: { now }, deadlineMs: 500 }).sample()

const nothing = (reason: string) => ({
  method: 'sntp',
  offset: null,
  uncertainty: null,
  roundTrip: null,
  stratum: null,
  health: null,
  unavailable: { offset: reason, uncertainty: reason, roundTrip: reason, health: reason, stratum: reason },
})

describe('the clock by SNTP', () => {
  it('tells the offset of this machine’s clock within its uncertainty', async () => {
    const sample = await sampleOf(await responder((question) => answerTo(question, 90_000)))
    expect(clockSampleSchema.parse(sample)).toEqual(sample)
    expect(sample).toMatchObject({ method: 'sntp', stratum: 2, health: 'off' })
    expect(Math.abs((sample.offset ?? 0) - 90_000)).toBeLessThanOrEqual((sample.uncertainty ?? 0) + 2)
    expect(sample.unavailable).toBeUndefined()
  })

  it('calls a clock that agrees ok', async () => {
    expect((await sampleOf(await responder((question) => answerTo(question, 0)))).health).toBe('ok')
  })

  it('reads times after the rollover of 2036', async () => {
    const later = Date.UTC(2040, 0, 1)
    const aheadMs = later - Date.now()
    const sample = await sampleOf(await responder((question) => answerTo(question, aheadMs)))
    expect(Math.abs((sample.offset ?? 0) - aheadMs)).toBeLessThan(5_000)
  })

  it('is not misled by a wall clock that is set while the question is under way', async () => {
    let set = 0
    const server = await responder((question) => {
      set = 3_600_000
      return answerTo(question, 0)
    })
    expect(Math.abs((await sampleOf(server, () => Date.now() + set)).offset ?? 9_999)).toBeLessThan(5_000)
  })

  it.each([
    ['says nothing', 'timeout', () => null],
    ['repeats another question', 'timeout', (question: Buffer) => answerTo(Buffer.alloc(question.length), 0)],
    ['answers a few bytes', 'timeout', () => Buffer.from('hi')],
    [
      'says it is not to be asked',
      'refused',
      (question: Buffer) => Object.assign(answerTo(question, 0), { 1: 0 }),
    ],
    [
      'has lost its own time',
      'refused',
      (question: Buffer) => Object.assign(answerTo(question, 0), { 0: 0xe4 }),
    ],
    [
      'answers as a client',
      'wrong-shape',
      (question: Buffer) => Object.assign(answerTo(question, 0), { 0: 0x23 }),
    ],
    ['has no times', 'wrong-shape', (question: Buffer) => answerTo(question, 0).fill(0, 32)],
  ] as const)('a server that %s leaves everything null as "%s"', async (_what, reason, reply) => {
    expect(await sampleOf(await responder(reply))).toEqual(nothing(reason))
  })

  it('a name that does not exist is unreachable', async () => {
    expect(await sampleOf('does-not-exist.invalid')).toMatchObject({ offset: null, method: 'sntp' })
  })
})

describe('the clock by the date of an HTTP answer', () => {
  it('tells the offset and that it is known to half a second only', async () => {
    const url = await endpoint((_request, response) => {
      response.setHeader('date', new Date(Date.now() - 60_000).toUTCString())
      response.end('whatever')
    })
    const sample = await sampleOf(url)
    expect(sample).toMatchObject({ method: 'http-date', health: 'off', stratum: null })
    expect(Math.abs((sample.offset ?? 0) + 60_000)).toBeLessThanOrEqual((sample.uncertainty ?? 0) + 1)
    expect(sample.unavailable).toEqual({ stratum: 'not-supported' })
  })

  it('an answer without a date says nothing of the clock', async () => {
    const url = await endpoint((_request, response) => {
      response.sendDate = false
      response.end('whatever')
    })
    expect(await sampleOf(url)).toMatchObject({
      offset: null,
      health: null,
      unavailable: { offset: 'absent' },
    })
  })
})
