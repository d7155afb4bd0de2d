import { hash } from 'node:crypto'
import type { AuditBody } from '../../../../shared/audit-report.ts'

/** SHA-256, in hex, of the body as JSON without white space. */
export function reportBodyDigest(body: AuditBody): string {
  return hash('sha256', JSON.stringify(body), 'hex')
}
