import { z } from 'zod'

/**
 * Evidence for a right to publish that rests on no RPC endpoint's word: the way from a block's header through the
 * chain's state to the storage of the stream registry. All that is left to ask of anybody is whether the block with
 * that hash is one of the chain.
 */

/** A header has up to about 700 bytes with all the fields of today's forks. */
const MAX_HEADER_BYTES = 4_096
/** A branch node has at most 17 hashes; a leaf of an account fewer bytes. */
const MAX_NODE_BYTES = 1_024
/** Nodes from the root to a key of 64 nibbles. */
const MAX_NODES = 65

/** Different rights one file brings proofs for. */
export const MAX_STORAGE_PROOFS = 64

const hexUpTo = (bytes: number) =>
  z
    .string()
    .max(bytes * 2)
    .regex(/^(?:[0-9a-f]{2})+$/)
const nodes = z.array(hexUpTo(MAX_NODE_BYTES)).min(1).max(MAX_NODES)

export const storageProofSchema = z.strictObject({
  streamId: z.string().min(1).max(1_024),
  /** The publisher, or the zero address when everyone may publish. */
  grantee: z.string().regex(/^0x[0-9a-f]{2,5184}$/),
  /** Number, hash and time (ms) of the block; they follow from `header`. */
  block: z.int().min(0),
  blockHash: z.string().regex(/^0x[0-9a-f]{64}$/),
  blockTimestamp: z.int().min(0).max(8_640_000_000_000_000),
  /** Seconds since the epoch until which the right holds in that block's state; follows from the nodes. */
  publishExpiration: z.string().regex(/^\d{1,78}$/),
  /** The block's header in RLP. */
  header: hexUpTo(MAX_HEADER_BYTES),
  /** Trie nodes in RLP, each from its root: to the registry's account, to the stream's version, to the right. */
  account: nodes,
  version: nodes,
  expiration: nodes,
})
export type StorageProof = z.infer<typeof storageProofSchema>

/** Why there is no proof from the chain's state. */
export const STORAGE_ABSENCES = {
  'not-offered': 'No RPC endpoint of the node offers storage proofs (eth_getProof).',
  'state-gone': 'No RPC endpoint of the node has the chain’s state of that time any more.',
  unreachable: 'No RPC endpoint of the node answered.',
  'not-fitting': 'The storage proofs that the node was given do not fit the block or the registry it knows.',
} as const
export type StorageAbsence = keyof typeof STORAGE_ABSENCES
