import { convertBytesToStreamMessage, type StreamrClient } from '@streamr/sdk'
import { getBytes, Wallet } from 'ethers'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { type EncodableMessage, encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { signaturePayload } from '../../../electron/node/message/signature-payload.ts'
import { SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import { type MessageRef, parseStreamPartId } from '../../../shared/message.ts'

/** What a message says of itself; what is left out is as an honest publisher would have it. */
export interface Claims {
  publisher?: string
  chain?: string
  ref?: MessageRef
  previous?: MessageRef | undefined
  content?: object
}

/**
 * A publisher that makes its messages itself and hands them to the Streamr network through the SDK's node, which
 * does not ask whether they are right: so it can do what the SDK keeps honest publishers from.
 */
export class MisbehavingPublisher {
  readonly address: string
  readonly #wallet: Wallet
  readonly #part: string
  readonly #chain: string
  #last: MessageRef | undefined

  constructor(part: string, options: { privateKey?: string; chain?: string; last?: MessageRef } = {}) {
    this.#wallet = new Wallet(options.privateKey ?? Wallet.createRandom().privateKey)
    this.address = this.#wallet.address.toLowerCase()
    this.#part = part
    this.#chain = options.chain ?? `chain-of-${this.address.slice(2, 8)}`
    this.#last = options.last
  }

  /** The next message of its chain, which names the one before, whether that is sent or not. */
  async next(content: object): Promise<Uint8Array> {
    const previous = this.#last
    this.#last = this.#nextRef()
    return this.make({ ref: this.#last, previous, content })
  }

  /** A message that does not move the chain. */
  async make({ publisher = this.address, chain = this.#chain, ...rest }: Claims): Promise<Uint8Array> {
    const { ref = this.#nextRef(), previous, content = {} } = rest
    const unsigned: EncodableMessage = {
      id: { ...parseStreamPartId(this.#part), ...ref, publisher, chain },
      previous,
      signature: new Uint8Array(0),
      signatureType: SIGNATURE_TYPE.secp256k1Evm,
      body: {
        kind: 'content',
        content: new TextEncoder().encode(JSON.stringify(content)),
        contentType: 0,
        encryptionType: 0,
        groupKeyId: undefined,
        newGroupKey: undefined,
      },
    }
    const payload = signaturePayload(decodeStreamMessage(encodeStreamMessage(unsigned)))
    const signature = getBytes(await this.#wallet.signMessage(payload))
    return encodeStreamMessage({ ...unsigned, signature })
  }

  #nextRef(): MessageRef {
    return { timestamp: Math.max(Date.now(), (this.#last?.timestamp ?? 0) + 1), sequence: 0 }
  }
}

/** Hands a message to the network as it is. */
export async function broadcast(client: StreamrClient, message: Uint8Array): Promise<void> {
  await client.getNode().broadcast(convertBytesToStreamMessage(message))
}
