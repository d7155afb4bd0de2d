import type { StoredMessage } from '../ports.ts'

/**
 * Whether `other` is evidence of equivocation beside `message`: another content, and both are signed by whom they
 * name. Anybody can forge a content under somebody's id, which says nothing about them.
 */
export function isOtherSigned(message: StoredMessage, other: StoredMessage): boolean {
  const isOther = Buffer.compare(other.digest, message.digest) !== 0
  return isOther && message.verdict !== 'forged' && other.verdict !== 'forged'
}
