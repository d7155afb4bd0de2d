import { z } from 'zod'
import { SIGNATURE_TYPES } from './message.ts'
import {
  MAX_STORAGE_PROOFS,
  STORAGE_ABSENCES,
  type StorageAbsence,
  storageProofSchema,
} from './storage-proof.ts'
import { VERDICT_REASONS, VERDICTS } from './verdict.ts'

/**
 * A proof file: messages with everything needed to check them on a machine that has no node and no network. It is
 * JSON with the keys below in this order, each once, and nothing else; white space between them is free. `bodyDigest`
 * is the SHA-256 of the same JSON without white space and without what stands from `bodyDigest` on.
 *
 * Digest, signature, signer and ids follow from `raw` and stand beside it for people to read; a checker computes
 * them again and refuses the file where they differ. `verdict`, `permission`, `chain` and `firstSeen` are what the
 * node that made the file says; a checker tests that they agree with each other and with the message.
 *
 * Version 2 adds the place of the messages in the Merkle tree of a range, proofs of rights from the chain's state, and
 * the signature of the node that made the file. Version 1 is read as before.
 */
export const PROOF_KIND = 'tidemark-proof'
export const PROOF_VERSION = 2

/** Most messages in one file, and its most bytes: what a checker reads into memory at once. */
export const MAX_PROOF_MESSAGES = 10_000
export const MAX_PROOF_BYTES = 67_108_864

/** Longest message (1 MiB) in base64, and longest signature (16 KiB) in hex. */
const MAX_RAW_LENGTH = 1_398_104
const MAX_SIGNATURE_LENGTH = 32_768

/** Longest name of where a message came from. */
export const MAX_SOURCE_LENGTH = 1_024

/** Remote logs a proof names for one message. */
export const MAX_PROOF_CITATIONS = 16

/** Hashes that lead from the messages of a file to one root: each message needs at most as many as the tree is deep. */
export const MAX_PROOF_HASHES = 400_000

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
const address = z.string().regex(/^0x[0-9a-f]{40}$/)
const whole = z.int().min(0)
/** Ms since the epoch, as far as a `Date` reaches. */
const time = z.int().min(0).max(8_640_000_000_000_000)
const ref = z.strictObject({ timestamp: time, sequence: whole })

export const proofPermissionSchema = z.strictObject({
  state: z.enum(['permitted', 'denied', 'expired', 'unknown', 'no-stream']),
  /** Number of partitions of the stream, as far as it is known. */
  partitions: whole.nullable(),
  /** The event of the stream registry that the right rests on. */
  evidence: z
    .strictObject({
      chainId: whole,
      contract: address,
      block: whole,
      blockTimestamp: time,
      transaction: z.string().regex(/^0x[0-9a-f]{64}$/),
      /** The publisher, or the zero address when everyone may publish. */
      grantee: z.string().regex(/^0x[0-9a-f]{2,5184}$/),
      /** Seconds since the epoch until which the right was given. */
      publishExpiration: z.string().regex(/^\d{1,78}$/),
    })
    .nullable(),
})

export const provenMessageSchema = z.strictObject({
  id: z.strictObject({
    streamId: z.string().min(1),
    partition: whole,
    timestamp: time,
    sequence: whole,
    publisher: z.string().regex(/^0x(?:[0-9a-f]{2})+$/),
    chain: z.string(),
  }),
  /** The predecessor in the publisher's chain, as the message names it. */
  previous: ref.nullable(),
  /** SHA-256 of the signature payload. */
  digest: hex(32),
  signature: z.strictObject({
    type: z.enum(SIGNATURE_TYPES),
    value: z
      .string()
      .max(MAX_SIGNATURE_LENGTH)
      .regex(/^[0-9a-f]*$/),
    signer: z
      .string()
      .regex(/^0x(?:[0-9a-f]{2})+$/)
      .nullable(),
  }),
  verdict: z.enum(VERDICTS),
  reason: z.enum(VERDICT_REASONS),
  permission: proofPermissionSchema,
  chain: z.strictObject({
    /** Whether the maker holds the predecessor; null when the message names none. */
    previousHeld: z.boolean().nullable(),
    /** The message that names this one as predecessor, as far as the maker knows. */
    next: ref.nullable(),
    /** Digests of other contents under the same id: equivocation. */
    siblings: z.array(hex(32)).max(100),
  }),
  firstSeen: z.strictObject({ at: time, source: z.string().max(MAX_SOURCE_LENGTH) }),
  /** The remote logs it is part of, as far as the maker knows: from there the message can be had for good. */
  remoteLogs: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(512),
        keeper: z.string().min(1).max(4_200),
        /** MVDS id, which follows from the message. */
        message: hex(32),
        /** Address of the page; null while the message is on the head. */
        page: z.string().max(100).nullable(),
      }),
    )
    .min(1)
    .max(MAX_PROOF_CITATIONS)
    .optional(),
  /** The message as it was received, base64. */
  raw: z.string().min(1).max(MAX_RAW_LENGTH),
})

const head = {
  made: z.strictObject({
    /** Streamr address of the node that made the file. */
    by: address,
    at: time,
  }),
  network: z.strictObject({
    chainId: whole,
    contracts: z.strictObject({
      streamRegistry: address,
      streamStorageRegistry: address,
      storageNodeRegistry: address,
    }),
  }),
}

export const proofSchemaV1 = z.strictObject({
  kind: z.literal(PROOF_KIND),
  version: z.literal(1),
  ...head,
  messages: z.array(provenMessageSchema).min(1).max(MAX_PROOF_MESSAGES),
  bodyDigest: hex(32),
})

/** The tree that the messages are leaves of. */
export const proofRangeSchema = z.strictObject({
  streamId: z.string().min(1).max(1_024),
  partition: z.int().min(0).max(99),
  /** First and last moment, ms, both included. */
  from: time,
  to: time,
  /** Verified messages that the maker holds of the range, and the root over their digests in order. */
  leaves: whole.min(1),
  root: hex(32),
  /** Roots of the largest subtrees without a message of the file, from left to right. */
  hashes: z.array(hex(32)).max(MAX_PROOF_HASHES),
})

export const provenMessageSchemaV2 = provenMessageSchema.extend({
  permission: proofPermissionSchema.extend({
    /** Place in `storage` of the proof that gives the right; null when there is none. */
    storage: whole.nullable(),
  }),
  /** Its place among the leaves of the range, from 0; null when the file names no range. */
  leaf: whole.nullable(),
})

export const proofSchema = z.strictObject({
  kind: z.literal(PROOF_KIND),
  version: z.literal(PROOF_VERSION),
  ...head,
  range: proofRangeSchema.nullable(),
  /** Rights as the chain's state has them, each once. */
  storage: z.array(storageProofSchema).max(MAX_STORAGE_PROOFS),
  /** Why rights have no such proof, as far as they have none. */
  storageAbsent: z.enum(Object.keys(STORAGE_ABSENCES) as [StorageAbsence, ...StorageAbsence[]]).nullable(),
  messages: z.array(provenMessageSchemaV2).min(1).max(MAX_PROOF_MESSAGES),
  bodyDigest: hex(32),
  /** Hex of r, s and v: the node's signature (EIP-191) over the text that `proofStatement` makes. */
  signature: hex(65),
})

export type ProofV1 = z.infer<typeof proofSchemaV1>
export type Proof = z.infer<typeof proofSchema>
export type ProofRange = z.infer<typeof proofRangeSchema>
export type ProvenMessage = z.infer<typeof provenMessageSchemaV2>
export type ProofCitation = NonNullable<ProvenMessage['remoteLogs']>[number]
export type ProofPermission = ProvenMessage['permission']

/** What the node signs, as UTF-8. */
export function proofStatement(bodyDigest: string): string {
  return JSON.stringify({ kind: PROOF_KIND, version: PROOF_VERSION, bodyDigest })
}

/** What is known of a proof file once it was found good; what version 1 has not is null or empty. */
export type CheckedProof = Omit<Proof, 'version' | 'signature'> & { version: 1 | 2; signature: string | null }

/** What a check of a proof file came to. */
export type ProofVerdict =
  | {
      outcome: 'good'
      /** What is proven, in one sentence. */
      sentence: string
      /** What was checked here, and what rests on somebody's word. */
      statements: string[]
      proof: CheckedProof
    }
  /** The file can be read, and it does not prove what it says. */
  | { outcome: 'not-good'; sentence: string }
  /** The file is no proof that this version can read. */
  | { outcome: 'not-readable'; sentence: string }
