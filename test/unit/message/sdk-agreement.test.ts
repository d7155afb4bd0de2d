import {
  convertBytesToStreamMessage,
  convertStreamMessageToBytes,
  type Identity,
  MessageSigner,
} from '@streamr/sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { signaturePayload } from '../../../electron/node/message/signature-payload.ts'
import { anySdkMessage } from './arbitraries.ts'

/** The SDK as an independent reader, writer and signer of the same format. */
describe('the StreamMessage codec beside Streamr’s SDK', () => {
  it('writes the same bytes as the SDK for every message', () => {
    fc.assert(
      fc.property(anySdkMessage, (message) => {
        const ours = encodeStreamMessage(message)
        const theirs = convertStreamMessageToBytes(convertBytesToStreamMessage(ours))
        expect(Buffer.from(ours).equals(theirs)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('reads the same message as the SDK from the same bytes', () => {
    fc.assert(
      fc.property(anySdkMessage, (message) => {
        const bytes = encodeStreamMessage(message)
        const theirs = convertBytesToStreamMessage(bytes)
        const ours = decodeStreamMessage(bytes)
        expect(ours.id).toStrictEqual({
          streamId: theirs.getStreamId(),
          partition: theirs.getStreamPartition(),
          timestamp: theirs.getTimestamp(),
          sequence: theirs.getSequenceNumber(),
          publisher: theirs.getPublisherId(),
          chain: theirs.getMsgChainId(),
        })
        expect(ours.previous?.timestamp).toBe(theirs.prevMsgRef?.timestamp)
        expect(ours.previous?.sequence).toBe(theirs.prevMsgRef?.sequenceNumber)
        expect(Buffer.from(ours.signature).equals(theirs.signature)).toBe(true)
        expect(ours.signatureType).toBe(theirs.signatureType)
        if (ours.body.kind === 'content') {
          expect(Buffer.from(ours.body.content).equals(theirs.content)).toBe(true)
          expect(ours.body.contentType).toBe(theirs.contentType)
          expect(ours.body.encryptionType).toBe(theirs.encryptionType)
          expect(ours.body.groupKeyId).toBe(theirs.groupKeyId)
          expect(ours.body.newGroupKey?.id).toBe(theirs.newGroupKey?.id)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('forms the same signature payload as the SDK for every kind of message', async () => {
    await fc.assert(
      fc.asyncProperty(anySdkMessage, async (message) => {
        const bytes = encodeStreamMessage({ ...message, signatureType: 1 })
        const signed: Uint8Array[] = []
        const identity = {
          createMessageSignature: async (payload: Uint8Array) => {
            signed.push(payload)
            return new Uint8Array(65)
          },
        } as unknown as Identity
        await new MessageSigner(identity).createSignedMessage(convertBytesToStreamMessage(bytes), 1)
        expect(Buffer.from(signed[0] ?? []).equals(signaturePayload(decodeStreamMessage(bytes)))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
