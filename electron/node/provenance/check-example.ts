import type { Finding, FindingExample } from '../../../shared/audit-report.ts'
import { MessageRefused } from '../message/message-refused.ts'
import { compareMessageRefs } from '../message/order.ts'
import { type Examination, examineMessage } from './examine.ts'

/**
 * Whether a message that a report carries as evidence shows what the report says of it; the sentence says why it does
 * not. What rests on the store or on a clock cannot be seen in the message and is left alone.
 */
export function checkExample(
  finding: Pick<Finding, 'kind' | 'publisher'>,
  example: FindingExample,
  stream: { id: string; partition: number },
): string | undefined {
  if (finding.publisher !== null && example.publisher !== finding.publisher)
    return 'it is of another publisher'
  if (example.raw === null || finding.kind === 'store-damaged') return undefined
  const raw = Buffer.from(example.raw, 'base64')
  if (raw.toString('base64') !== example.raw) return 'the raw message is not in plain base64'
  let examination: Examination
  try {
    examination = examineMessage(raw)
  } catch (error) {
    if (error instanceof MessageRefused) return `the raw bytes are no message: ${error.message}`
    throw error
  }
  return (
    findOtherMessage(example, examination, stream) ?? findOtherMeaning(finding.kind, example, examination)
  )
}

function findOtherMessage(
  example: FindingExample,
  { decoded, digest }: Examination,
  stream: { id: string; partition: number },
): string | undefined {
  const { id } = decoded
  const isSame =
    id.streamId === stream.id &&
    id.partition === stream.partition &&
    compareMessageRefs(id, example) === 0 &&
    id.publisher === example.publisher &&
    id.chain === example.chain
  if (!isSame) return 'the raw message has another id'
  return Buffer.from(digest).toString('hex') === example.digest
    ? undefined
    : 'the raw message has another digest'
}

function findOtherMeaning(
  kind: Finding['kind'],
  { detail, digest }: FindingExample,
  { decoded, signature, signer }: Examination,
): string | undefined {
  const isGood = signature === 'valid' || signature === 'ask-contract'
  switch (kind) {
    case 'forged':
      if (signature === 'valid') return 'the signature is good'
      if (detail.signer !== undefined && detail.signer !== signer) return 'it was signed by another'
      return undefined
    case 'equivocation':
      if (detail.other === digest) return 'both contents are the same'
      return isGood ? undefined : 'the signature is not the publisher’s'
    case 'gap': {
      const { previous } = decoded
      const names =
        previous?.timestamp === detail.missingTimestamp && previous?.sequence === detail.missingSequence
      if (!names) return 'the message does not name what is said to be missing'
      return isGood ? undefined : 'the signature is not the publisher’s'
    }
    case 'unauthorised':
    case 'chain-fork':
      return isGood ? undefined : 'the signature is not the publisher’s'
    default:
      return undefined
  }
}
