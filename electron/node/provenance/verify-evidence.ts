import type { EvidenceVerdict } from '../../../shared/evidence.ts'
import { readEvidence } from './read-evidence.ts'
import { PROOF_FORM, verifyProofText } from './verify-proof.ts'
import { REPORT_FORM, verifyReportText } from './verify-report.ts'

/** Most bytes of a file that may be evidence. */
export const MAX_EVIDENCE_FILE_BYTES = Math.max(PROOF_FORM.maxBytes, REPORT_FORM.maxBytes)

/** Checks a proof or an audit report, whichever the file is, with no node and no network. */
export function verifyEvidenceFile(bytes: Uint8Array): EvidenceVerdict {
  const read = readEvidence(bytes, [PROOF_FORM, REPORT_FORM])
  if ('outcome' in read) return read
  return read.form === PROOF_FORM ? verifyProofText(read.text) : verifyReportText(read.text)
}
