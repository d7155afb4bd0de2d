import type { FuzzTarget } from '../fuzz-target.ts'
import { alteredEvidenceTarget } from './altered-evidence.ts'
import { decodeTarget } from './decode.ts'
import { fieldsTarget } from './fields.ts'
import { proofTarget } from './proof.ts'
import { blockRequestTarget, mvdsTarget, pageTarget } from './remote-log.ts'

/** Every parser of outside input that is fuzzed. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  decodeTarget,
  fieldsTarget,
  proofTarget,
  alteredEvidenceTarget,
  pageTarget,
  mvdsTarget,
  blockRequestTarget,
]
