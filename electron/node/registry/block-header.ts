import { encodeRlp } from 'ethers'
import { z } from 'zod'

const MAX_EXTRA_CHARS = 2_050

const hash = z.string().regex(/^0x[0-9a-fA-F]{64}$/)
const number = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/)

/** A block's header as JSON-RPC gives it; each fork of Ethereum has put fields behind the others. */
export const headerSchema = z.object({
  parentHash: hash,
  sha3Uncles: hash,
  miner: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  stateRoot: hash,
  transactionsRoot: hash,
  receiptsRoot: hash,
  logsBloom: z.string().regex(/^0x[0-9a-fA-F]{512}$/),
  difficulty: number,
  number,
  gasLimit: number,
  gasUsed: number,
  timestamp: number,
  extraData: z
    .string()
    .max(MAX_EXTRA_CHARS)
    .regex(/^0x(?:[0-9a-fA-F]{2})*$/),
  mixHash: hash,
  nonce: z.string().regex(/^0x[0-9a-fA-F]{16}$/),
  baseFeePerGas: number.nullish(),
  withdrawalsRoot: hash.nullish(),
  blobGasUsed: number.nullish(),
  excessBlobGas: number.nullish(),
  parentBeaconBlockRoot: hash.nullish(),
  requestsHash: hash.nullish(),
})
/** With the hash that the endpoint states, which is no part of it. */
export const statedHeaderSchema = headerSchema.extend({ hash })
export type JsonHeader = z.infer<typeof headerSchema>

const NUMBERS: ReadonlySet<string> = new Set([
  'difficulty',
  'number',
  'gasLimit',
  'gasUsed',
  'timestamp',
  'baseFeePerGas',
  'blobGasUsed',
  'excessBlobGas',
])

/** The header in RLP, in hex without 0x. Its Keccak-256 is the block's hash, unless the chain has a form of its own. */
export function encodeHeader(header: JsonHeader): string {
  const fields: string[] = []
  for (const name of Object.keys(headerSchema.shape) as (keyof JsonHeader)[]) {
    const value = header[name]
    if (value === null || value === undefined) break
    fields.push(NUMBERS.has(name) ? shortest(value) : value.toLowerCase())
  }
  return encodeRlp(fields).slice(2)
}

/** A number without leading zeros; zero has no bytes. */
function shortest(value: string): string {
  const digits = value.slice(2).replace(/^0+/, '').toLowerCase()
  return `0x${digits.length % 2 === 0 ? '' : '0'}${digits}`
}
