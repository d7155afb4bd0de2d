import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import secp256k1 from 'secp256k1'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { type EncodableMessage, encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { signaturePayload } from '../../../electron/node/message/signature-payload.ts'
import { SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import { ethereumMessageHash, keccak256 } from '../../../electron/node/provenance/keccak256.ts'

const PUBLISHERS = 20
export const STREAM_ID = '0x7d275c79eaed6b00eb1fe0e1174c1c6f2e711283/node/telemetry'

/** The fleet's first second; long past, so that no message lies in the future. */
const START = 1_750_000_000_000

/** Part of the file's name: messages made by other code than this are not used. */
const VERSION = 1

/**
 * Signed telemetry of a fleet: twenty publishers, one message a second each, eight numeric fields, some 300 bytes.
 * Signing takes longer than verifying, so the messages are kept in the system's folder for temporary files.
 */
export async function signedTelemetry(count: number): Promise<Uint8Array[]> {
  const folder = join(tmpdir(), 'tidemark-bench')
  const file = join(folder, `telemetry-v${VERSION}-${count}.bin`)
  const kept = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (kept !== undefined) return unframe(kept)
  const messages = makeTelemetry(count)
  await mkdir(folder, { recursive: true })
  await writeFile(`${file}.part`, frame(messages))
  await rename(`${file}.part`, file)
  return messages
}

/** Timestamp of a message of the corpus by its index. */
export function timeOf(at: number): number {
  return START + Math.floor(at / PUBLISHERS) * 1_000 + (at % PUBLISHERS) * 7
}

interface Publisher {
  key: Uint8Array
  address: string
  previous: EncodableMessage['previous']
}

function makeTelemetry(count: number): Uint8Array[] {
  const publishers = Array.from({ length: PUBLISHERS }, (_, n) => makePublisher(n))
  return Array.from({ length: count }, (_, at) => {
    const publisher = publishers[at % PUBLISHERS] as Publisher
    const second = Math.floor(at / PUBLISHERS)
    const timestamp = timeOf(at)
    const unsigned: EncodableMessage = {
      id: {
        streamId: STREAM_ID,
        partition: 0,
        timestamp,
        sequence: 0,
        publisher: publisher.address,
        chain: 'kq1mzbqhz4o8dx0ya2rk',
      },
      previous: publisher.previous,
      signature: new Uint8Array(0),
      signatureType: SIGNATURE_TYPE.secp256k1Evm,
      body: {
        kind: 'content',
        content: Buffer.from(JSON.stringify(measure(at, second))),
        contentType: 0,
        encryptionType: 0,
        groupKeyId: undefined,
        newGroupKey: undefined,
      },
    }
    publisher.previous = { timestamp, sequence: 0 }
    return encodeStreamMessage({ ...unsigned, signature: sign(unsigned, publisher.key) })
  })
}

function makePublisher(n: number): Publisher {
  const key = createHash('sha256').update(`publisher ${n}`).digest()
  const publicKey = secp256k1.publicKeyCreate(key, false)
  const address = Buffer.from(keccak256(publicKey.subarray(1)).subarray(12)).toString('hex')
  return { key, address: `0x${address}`, previous: undefined }
}

/** Slow waves with a little noise, as machines have. */
function measure(at: number, second: number): Record<string, number> {
  const wave = (period: number) => 0.5 + 0.5 * Math.sin((second + (at % PUBLISHERS) * 31) / period)
  const noise = ((at * 2_654_435_761) % 1_000) / 1_000
  const rounded = (value: number) => Math.round(value * 1_000) / 1_000
  return {
    cpu: rounded(wave(60) * 80 + noise * 5),
    load1: rounded(wave(300) * 4 + noise),
    memoryUsed: Math.round(8e9 + wave(3_600) * 4e9 + noise * 1e7),
    diskUsed: Math.round(2.1e11 + second * 1_024),
    netIn: Math.round(wave(30) * 1.2e6 + noise * 1e4),
    netOut: Math.round(wave(45) * 9e5 + noise * 1e4),
    blockHeight: 4_000_000 + Math.floor(second / 2),
    peers: 40 + Math.round(noise * 10),
  }
}

function sign(unsigned: EncodableMessage, key: Uint8Array): Uint8Array {
  const hash = ethereumMessageHash(signaturePayload(decodeStreamMessage(encodeStreamMessage(unsigned))))
  const { signature, recid } = secp256k1.ecdsaSign(hash, key)
  return Buffer.concat([signature, Uint8Array.from([27 + recid])])
}

function frame(messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    messages.flatMap((bytes) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}

function unframe(file: Buffer): Uint8Array[] {
  const messages: Uint8Array[] = []
  for (let at = 0; at < file.length; ) {
    const end = at + 4 + file.readUInt32BE(at)
    messages.push(Uint8Array.from(file.subarray(at + 4, end)))
    at = end
  }
  return messages
}
