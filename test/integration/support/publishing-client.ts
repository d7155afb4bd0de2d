import { convertStreamMessageToBytes, type StreamMessage, type StreamrClient } from '@streamr/sdk'
import { Wallet } from 'ethers'
import { vi } from 'vitest'
import type { NetworkDescription } from '../../../shared/node-status.ts'
import { createSecondClient } from '../../support/second-client.ts'
import { fund } from './joined-tidemark.ts'

/** A client of the real SDK that keeps the bytes of everything it publishes, in order. */
export interface PublishingClient {
  readonly client: StreamrClient
  readonly address: string
  /** Bytes of its messages by stream part, as they went to the network. */
  published(part: string): Uint8Array[]
  /** Waits until the part has a neighbour, so that nothing published is missed. */
  joined(part: string): Promise<void>
}

type SdkPart = Parameters<ReturnType<StreamrClient['getNode']>['join']>[0]

export async function createPublishingClient(
  network: NetworkDescription,
  options: { privateKey?: string; funded?: boolean } = {},
): Promise<PublishingClient> {
  const privateKey = options.privateKey ?? Wallet.createRandom().privateKey
  const address = new Wallet(privateKey).address.toLowerCase()
  if (options.funded) await fund(network, address)
  const client = await createSecondClient(network, privateKey)
  await client.connect()
  const published = new Map<string, Uint8Array[]>()
  // Own messages come back here once, as they are broadcast.
  client.getNode().addMessageListener((message: StreamMessage) => {
    if (message.getPublisherId() !== address || message.messageType !== 0) return
    const part = message.getStreamPartID()
    published.set(part, [...(published.get(part) ?? []), convertStreamMessageToBytes(message)])
  })
  return {
    client,
    address,
    published: (part) => published.get(part) ?? [],
    async joined(part) {
      await client.getNode().join(part as SdkPart, { minCount: 1, timeout: 60_000 })
      const node = await client.getNode().getNode()
      await vi.waitFor(
        () => {
          if (node.getNeighbors(part as SdkPart).length === 0) throw new Error(`nobody else is on ${part}`)
        },
        { timeout: 60_000 },
      )
    },
  }
}

/** The bytes of messages an SDK client was given, in the order it was given them. */
export async function collect(messages: AsyncIterable<unknown>): Promise<Uint8Array[]> {
  const bytes: Uint8Array[] = []
  // The SDK's messages have the message of the wire with them, which its types leave out.
  for await (const message of messages as AsyncIterable<{ streamMessage: StreamMessage }>) {
    bytes.push(convertStreamMessageToBytes(message.streamMessage))
  }
  return bytes
}

export const hex = (messages: readonly Uint8Array[]): string[] =>
  messages.map((bytes) => Buffer.from(bytes).toString('hex'))
