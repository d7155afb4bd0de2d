import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Clock } from '../ports.ts'
import { Unavailable } from './collector.ts'
import { MAX_SNTP_BYTES } from './limits.ts'

export const SNTP_PORT = 123
const PACKET_BYTES = 48
/** Leap indicator 0, version 4, mode 3: a client. */
const CLIENT_HEADER = 0x23
const MODE_SERVER = 4
const UNSYNCHRONISED = 3
/** Seconds from 1900, where NTP begins, to 1970. */
const NTP_TO_UNIX_S = 2_208_988_800
/** Seconds with the highest bit clear belong to the era that begins in 2036 (RFC 4330, section 3). */
const ERA_S = 2 ** 32

export interface SntpReading {
  /** What must be added to the local clock, ms. */
  offsetMs: number
  roundTripMs: number
  stratum: number
  /** Most the server says it may itself be off, ms. */
  rootMs: number
}

export interface SntpOptions {
  host: string
  port: number
  clock: Clock
  deadlineMs: number
  signal?: AbortSignal | undefined
}

/**
 * Asks an SNTP server once (RFC 4330). The question carries a random number in place of its time, which the answer
 * must repeat: nobody who did not see the question can answer it.
 * @throws Unavailable
 */
export async function askSntp({ host, port, clock, deadlineMs, signal }: SntpOptions): Promise<SntpReading> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  const { promise, resolve, reject } = Promise.withResolvers<SntpReading>()
  const timer = setTimeout(() => reject(new Unavailable('timeout')), deadlineMs)
  const onAbort = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const question = Buffer.alloc(PACKET_BYTES)
  question[0] = CLIENT_HEADER
  randomBytes(8).copy(question, 40)
  let sentAt = { wall: 0, monotonic: 0 }
  let isClosed = false
  socket.on('error', (cause) => reject(new Unavailable('unreachable', { cause })))
  socket.on('message', (answer) => {
    // The monotonic clock says how long it took, though the wall clock may have been set meanwhile.
    const roundTripMs = performance.now() - sentAt.monotonic
    if (answer.length < PACKET_BYTES || answer.length > MAX_SNTP_BYTES) return
    if (!answer.subarray(24, 32).equals(question.subarray(40, 48))) return
    try {
      resolve(readAnswer(answer, sentAt.wall, roundTripMs))
    } catch (error) {
      reject(error)
    }
  })
  const onConnect = (cause?: Error): void => {
    // The name may be found, or not, long after the deadline has closed the socket.
    if (cause !== undefined || isClosed) {
      reject(new Unavailable('unreachable', { cause }))
      return
    }
    sentAt = { wall: clock.now(), monotonic: performance.now() }
    socket.send(question)
  }
  try {
    // Connected: datagrams of other senders are dropped by the system. Node hands a failure to the callback alone.
    socket.connect(port, host, onConnect as () => void)
    return await promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    isClosed = true
    socket.close()
  }
}

/** @param sentAt local wall clock when the question was sent, ms */
function readAnswer(answer: Buffer, sentAt: number, roundTripMs: number): SntpReading {
  const header = answer.readUInt8(0)
  const stratum = answer.readUInt8(1)
  if ((header & 7) !== MODE_SERVER) throw new Unavailable('wrong-shape')
  // Stratum 0 is a "kiss of death": do not ask again so soon.
  if (stratum === 0 || stratum > 15 || header >> 6 === UNSYNCHRONISED) throw new Unavailable('refused')
  const received = readTime(answer, 32)
  const sent = readTime(answer, 40)
  if (received === null || sent === null) throw new Unavailable('wrong-shape')
  const arrivedAt = sentAt + roundTripMs
  return {
    offsetMs: (received - sentAt + (sent - arrivedAt)) / 2,
    roundTripMs: Math.max(0, roundTripMs - (sent - received)),
    stratum,
    rootMs: (answer.readInt32BE(4) / 2 + answer.readUInt32BE(8)) / 65.536,
  }
}

/** A 64-bit NTP time as ms since 1970; null when it is not set. */
function readTime(answer: Buffer, at: number): number | null {
  const seconds = answer.readUInt32BE(at)
  const fraction = answer.readUInt32BE(at + 4)
  if (seconds === 0 && fraction === 0) return null
  const era = seconds < 2 ** 31 ? ERA_S : 0
  return (seconds + era - NTP_TO_UNIX_S + fraction / 2 ** 32) * 1_000
}
