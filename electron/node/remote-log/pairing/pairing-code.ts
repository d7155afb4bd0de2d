import { randomInt } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { TidemarkError } from '../../../../shared/errors.ts'

/** Digits and letters without those that are taken for others (Crockford's base 32). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** 40 bits: with three tries a code, guessing is hopeless; and it can be read out. */
const CODE_LENGTH = 8
const LINK_PREFIX = 'tidemark://pair'
const MAX_LINK_LENGTH = 2_048
const MAX_ADDRESSES = 8

/** What somebody needs to pair with a node: where it is, and the code it shows. */
export interface Invitation {
  code: string
  /** Multiaddrs that end in `/p2p/` and the inviter's peer id. */
  addresses: readonly string[]
}

export function createPairingCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}

/** As people read and write it: two groups of four. */
export function formatPairingCode(code: string): string {
  return `${code.slice(0, CODE_LENGTH / 2)}-${code.slice(CODE_LENGTH / 2)}`
}

/** @throws TidemarkError `invalid-input` */
export function parsePairingCode(text: string): string {
  const code = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  if (code.length !== CODE_LENGTH || [...code].some((symbol) => !ALPHABET.includes(symbol))) {
    throw new TidemarkError(
      'invalid-input',
      'This is not a pairing code.',
      `A code has ${CODE_LENGTH} letters and digits, such as 7K3Q-9XTF. Read it again from the other node.`,
    )
  }
  return code
}

export function formatPairingLink({ code, addresses }: Invitation): string {
  const query = new URLSearchParams([['code', formatPairingCode(code)]])
  for (const address of addresses.slice(0, MAX_ADDRESSES)) query.append('at', address)
  return `${LINK_PREFIX}?${query}`
}

/** @throws TidemarkError `invalid-input` */
export function parsePairingLink(link: string): Invitation {
  const [prefix, query] = link.slice(0, MAX_LINK_LENGTH + 1).split('?', 2)
  const parameters = new URLSearchParams(query ?? '')
  const addresses = parameters.getAll('at').slice(0, MAX_ADDRESSES)
  if (
    link.length > MAX_LINK_LENGTH ||
    prefix !== LINK_PREFIX ||
    addresses.length === 0 ||
    !addresses.every(isPeerAddress)
  ) {
    throw new TidemarkError(
      'invalid-input',
      'This is not a pairing link.',
      `A link begins with ${LINK_PREFIX} and names the other node. Copy it whole from there.`,
    )
  }
  return { code: parsePairingCode(parameters.get('code') ?? ''), addresses }
}

function isPeerAddress(text: string): boolean {
  try {
    return multiaddr(text).getComponents().at(-1)?.name === 'p2p'
  } catch {
    return false
  }
}
