import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamPermission } from '@streamr/sdk'
import { Wallet } from 'ethers'
import secp256k1 from 'secp256k1'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeStreamMessage } from '../../electron/node/message/decode.ts'
import { encodeStreamMessage } from '../../electron/node/message/encode.ts'
import { signaturePayload } from '../../electron/node/message/signature-payload.ts'
import { SIGNATURE_TYPE } from '../../electron/node/message/stream-message.ts'
import { ethereumMessageHash } from '../../electron/node/provenance/keccak256.ts'
import type { MessageRef } from '../../shared/message.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { fund, type JoinedTidemark, joinTidemark } from './support/joined-tidemark.ts'
import { createPublishingClient, type PublishingClient } from './support/publishing-client.ts'

const MESSAGES = 100_000
const NODE_KEY = Wallet.createRandom().privateKey

let folder: string
let network: PortalProcess
let node: JoinedTidemark
let owner: PublishingClient

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-many-'))
  await mkdir(join(folder, 'node'))
  network = await startPortal(join(folder, 'first'), join(folder, 'state'))
  await fund(network.ready.network, new Wallet(NODE_KEY).address)
  node = await joinTidemark({
    network: network.ready.network,
    privateKey: NODE_KEY,
    dataDir: join(folder, 'node'),
  })
  const { fundedPrivateKey = '' } = network.ready.network
  owner = await createPublishingClient(network.ready.network, { privateKey: fundedPrivateKey })
})
afterAll(async () => {
  await owner?.client.destroy()
  await node?.stop()
  await network?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A chain of messages signed by `privateKey`, fifty a millisecond: the network would take minutes for them. */
function* signedChain(streamId: string, privateKey: string): Generator<Uint8Array> {
  const key = Buffer.from(privateKey.slice(2), 'hex')
  const publisher = new Wallet(privateKey).address.toLowerCase()
  const start = Date.now()
  let previous: MessageRef | undefined
  for (let at = 0; at < MESSAGES; at++) {
    const ref = { timestamp: start + Math.floor(at / 50), sequence: at % 50 }
    const unsigned = encodeStreamMessage({
      id: { streamId, partition: 0, ...ref, publisher, chain: 'a-long-chain' },
      previous,
      signature: new Uint8Array(0),
      signatureType: SIGNATURE_TYPE.secp256k1Evm,
      body: {
        kind: 'content',
        content: Buffer.from(JSON.stringify({ n: at })),
        contentType: 0,
        encryptionType: 0,
        groupKeyId: undefined,
        newGroupKey: undefined,
      },
    })
    previous = ref
    const message = decodeStreamMessage(unsigned)
    const { signature, recid } = secp256k1.ecdsaSign(ethereumMessageHash(signaturePayload(message)), key)
    yield encodeStreamMessage({
      ...message,
      signature: Buffer.concat([signature, Buffer.from([27 + recid])]),
    })
  }
}

describe('a hundred thousand messages', () => {
  it('come back to the SDK through one range, all of them, in order, none twice', async () => {
    const stream = await owner.client.createStream('/a-hundred-thousand')
    await stream.grantPermissions({ public: true, permissions: [StreamPermission.SUBSCRIBE] })
    await stream.addToStorageNode(node.address, { wait: true, timeout: 60_000 })
    const stored = await node.ingest(signedChain(stream.id, network.ready.network.fundedPrivateKey ?? ''))
    expect(stored.append.stored).toBe(MESSAGES)
    expect(stored.verdicts.verified + stored.verdicts.pending).toBe(MESSAGES)

    const messages = await owner.client.resend(stream.id, {
      from: { timestamp: 0 },
      to: { timestamp: Date.now() + 60_000 },
    })
    let next = 0
    for await (const { content } of messages) {
      if ((content as { n: number }).n !== next) throw new Error(`message ${next} did not come in its turn`)
      next += 1
    }
    expect(next).toBe(MESSAGES)
  }, 600_000)
})
