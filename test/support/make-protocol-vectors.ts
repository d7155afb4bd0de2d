// Writes test/fixtures/protocol-vectors.json anew, for docs/PROTOCOL.md, with fresh keys. Run by hand when a format is
// added: node test/support/make-protocol-vectors.ts. The vectors that stood have to pass until the moment they are
// replaced, because what they fix is on disks.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { fingerprintsOf } from '../../electron/node/gossip/reconcile/bucket-sums.ts'
import { decodeStreamMessage } from '../../electron/node/message/decode.ts'
import { type EncodableMessage, encodeStreamMessage } from '../../electron/node/message/encode.ts'
import { signaturePayload } from '../../electron/node/message/signature-payload.ts'
import { type MessageBody, SIGNATURE_TYPE } from '../../electron/node/message/stream-message.ts'
import { examineMessage } from '../../electron/node/provenance/examine.ts'
import { DigestSum } from '../../electron/node/store/pyramid/fingerprint.ts'
import { bucketOf } from '../../electron/node/store/pyramid/levels.ts'
import { PYRAMID_LEVELS_MS } from '../../shared/chart.ts'
import { CONTENT, createSigner, type Signer } from '../unit/provenance/signers.ts'

const TIME = 1_700_000_000_000
const text = (value: string) => new TextEncoder().encode(value)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const evm = createSigner(SIGNATURE_TYPE.secp256k1Evm)
const legacy = createSigner(SIGNATURE_TYPE.secp256k1Legacy)
const contract: Signer = { ...createSigner(SIGNATURE_TYPE.erc1271), publisher: `0x${'c0'.repeat(20)}` }
const mlDsa = createSigner(SIGNATURE_TYPE.mlDsa87)
const p256 = createSigner(SIGNATURE_TYPE.secp256r1)

const newGroupKey = { id: 'key-2', data: Uint8Array.of(1, 254, 255) }
const encrypted: MessageBody = {
  ...CONTENT,
  content: Uint8Array.of(0, 127, 128, 255),
  encryptionType: 1,
  groupKeyId: 'key-1',
  newGroupKey,
}
const request: MessageBody = {
  kind: 'group-key-request',
  requestId: 'request-1',
  recipientId: new Uint8Array(20).fill(0xab),
  publicKey: text('public key'),
  groupKeyIds: ['key-1', 'key-2'],
  encryptionType: 0,
}
const response: MessageBody = {
  kind: 'group-key-response',
  requestId: 'request-1',
  recipientId: new Uint8Array(20).fill(0xab),
  groupKeys: [{ id: 'key-1', data: Uint8Array.of(9, 8, 7) }, newGroupKey],
  encryptionType: 0,
}

/** The malleable twin of an Ethereum-style signature: s becomes n - s, and v the other one. */
function twin(signature: Uint8Array): Uint8Array {
  const order = BigInt('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141')
  const s = order - BigInt(`0x${hex(signature.subarray(32, 64))}`)
  const v = signature[64] === 27 ? 28 : 27
  return Buffer.concat([
    signature.subarray(0, 32),
    Buffer.from(s.toString(16).padStart(64, '0'), 'hex'),
    Buffer.of(v),
  ])
}
const withTwin: Signer = { ...evm, sign: async (payload) => twin(await evm.sign(payload)) }
const withAnother: Signer = { ...evm, sign: (payload) => legacy.sign(payload) }

const CASES: [name: string, signer: Signer, body: MessageBody, hasPredecessor: boolean][] = [
  ['content with a predecessor', evm, CONTENT, true],
  ['first content of a chain', evm, CONTENT, false],
  ['encrypted content with a new group key', evm, encrypted, true],
  ['content of the legacy type', legacy, CONTENT, true],
  ['encrypted content of the legacy type with a new group key', legacy, encrypted, true],
  ['content signed for a contract', contract, CONTENT, true],
  ['content signed with ML-DSA-87', mlDsa, CONTENT, true],
  ['content signed with P-256', p256, CONTENT, true],
  ['content with the high-s twin of its signature', withTwin, CONTENT, true],
  ['content signed by another', withAnother, CONTENT, true],
  ['request for group keys', evm, request, false],
  ['answer with group keys', evm, response, false],
]

async function messageVector([name, signer, body, hasPredecessor]: (typeof CASES)[number]) {
  const unsigned: EncodableMessage = {
    id: {
      streamId: `${evm.publisher}/lörrach/load`,
      partition: 7,
      timestamp: TIME,
      sequence: 3,
      publisher: signer.publisher,
      chain: 'chain-1',
    },
    previous: hasPredecessor ? { timestamp: TIME - 1_000, sequence: 12 } : undefined,
    signature: new Uint8Array(0),
    signatureType: signer.signatureType,
    body,
  }
  const payload = signaturePayload(decodeStreamMessage(encodeStreamMessage(unsigned)))
  const raw = encodeStreamMessage({ ...unsigned, signature: await signer.sign(payload) })
  const { decoded, digest, signature, signer: recovered } = examineMessage(raw)
  return {
    name,
    raw: hex(raw),
    id: decoded.id,
    previous: decoded.previous ?? null,
    signatureType: decoded.signatureType,
    body: JSON.parse(JSON.stringify(body, (_, value) => (value instanceof Uint8Array ? hex(value) : value))),
    payload: hex(payload),
    digest: hex(digest),
    signature: hex(decoded.signature),
    check: signature,
    signer: recovered,
  }
}

/** Bytes that are no message: a whole one in hex, changed, or made by hand. */
function refusedVectors() {
  const whole = '0a1d0a017310011880d095ffbc3120032a0201023a0163'
  const header = (id: string) => `0a${(id.length / 2).toString(16).padStart(2, '0')}${id}`
  const id = '0a01731880d095ffbc312a020102'
  const body = '2a030a0131'
  return [
    { name: 'no bytes', raw: '', reason: 'empty' },
    { name: 'an id that reaches beyond the message', raw: whole, reason: 'malformed' },
    { name: 'no id', raw: body, reason: 'message-id-missing' },
    { name: 'no body', raw: header(id), reason: 'body-missing' },
    { name: 'two bodies', raw: `${header(id)}${body}${body}`, reason: 'duplicate-field' },
    { name: 'two timestamps', raw: `${header(`${id}1801`)}${body}`, reason: 'duplicate-field' },
    { name: 'partition 100', raw: `${header(`${id}1064`)}${body}`, reason: 'partition-invalid' },
    {
      name: 'a partition of 2^32',
      raw: `${header(`${id}108080808010`)}${body}`,
      reason: 'partition-invalid',
    },
    {
      name: 'a negative sequence number',
      raw: `${header(`${id}20ffffffffffffffffff01`)}${body}`,
      reason: 'sequence-invalid',
    },
    { name: 'no stream', raw: `${header(id.slice(6))}${body}`, reason: 'stream-id-invalid' },
    {
      name: 'a stream id that is not UTF-8',
      raw: `${header(`0a01ff${id.slice(6)}`)}${body}`,
      reason: 'not-utf8',
    },
    { name: 'no publisher', raw: `${header(id.slice(0, -8))}${body}`, reason: 'publisher-invalid' },
    {
      name: 'itself as predecessor',
      raw: `${header(id)}12070880d095ffbc31${body}`,
      reason: 'previous-not-before',
    },
    { name: 'AES without a key id', raw: `${header(id)}2a0518010a0131`, reason: 'content-invalid' },
    { name: 'a group', raw: `${header(id)}434444${body}`, reason: 'malformed' },
    {
      name: 'a wire type that is not the schema’s',
      raw: `${header(id)}2001${body.replace('2a', '2d')}`,
      reason: 'malformed',
    },
  ]
}

const ref = (timestamp: number, sequence: number, publisher: string, chain: string, digest: string) => ({
  id: { streamId: 's', partition: 0, timestamp, sequence, publisher, chain },
  digest: digest.repeat(32),
})
const ORDER = [
  ref(999, 5, '0xff', 'z', 'ff'),
  ref(1_000, 0, '0x0a', 'a', '00'),
  ref(1_000, 0, '0x0a', 'a', '01'),
  ref(1_000, 0, '0x0a', 'b', '00'),
  ref(1_000, 0, '0x0a', '\uff5e', '00'),
  ref(1_000, 0, '0x0a', '\u{1f600}', '00'),
  ref(1_000, 0, '0x0a00', 'a', '00'),
  ref(1_000, 0, '0x0b', '', '00'),
  ref(1_000, 1, '0x01', '', '00'),
  ref(1_001, 0, '0x01', '', '00'),
]

function fingerprintVector() {
  const digests = ['ff'.repeat(32), `02${'00'.repeat(31)}`, `${'00'.repeat(31)}80`, 'a5'.repeat(32)]
  const sum = new DigestSum()
  for (const digest of digests) sum.addDigest(Buffer.from(digest, 'hex'), 1)
  const sumBytes = sum.toBytes()
  const nonce = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')
  const words = new Uint32Array(8)
  for (let word = 0; word < 8; word++) words[word] = sumBytes.readUInt32LE(word * 4)
  const sums = { counts: Float64Array.of(digests.length), words }
  return {
    digests,
    sum: hex(sumBytes),
    count: digests.length,
    nonce: hex(nonce),
    wire: hex(fingerprintsOf(sums, nonce)),
  }
}

const vectors = {
  messages: await Promise.all(CASES.map(messageVector)),
  refused: refusedVectors(),
  order: ORDER,
  buckets: [0, 999, 1_000, TIME + 999, TIME + 86_399_999].map((timestamp) => ({
    timestamp,
    buckets: PYRAMID_LEVELS_MS.map((_, level) => bucketOf(timestamp, level)),
  })),
  fingerprint: fingerprintVector(),
}
const file = fileURLToPath(new URL('../fixtures/protocol-vectors.json', import.meta.url))
await writeFile(file, `${JSON.stringify(vectors, null, 2)}\n`)
