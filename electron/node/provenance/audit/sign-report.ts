import {
  AUDIT_REPORT_KIND,
  AUDIT_REPORT_VERSION,
  type AuditBody,
  type AuditReport,
  reportStatement,
} from '../../../../shared/audit-report.ts'
import { reportBodyDigest } from './report-digest.ts'

/** Makes an Ethereum-style signature of a text; answers r, s and v in hex without 0x. */
export type SignText = (text: string) => Promise<string>

/** A whole report as text, signed by the node. */
export async function signReport(
  body: AuditBody,
  { made, beside }: Pick<AuditReport, 'made' | 'beside'>,
  sign: SignText,
): Promise<string> {
  const heading = { kind: AUDIT_REPORT_KIND, version: AUDIT_REPORT_VERSION } as const
  const bodyDigest = reportBodyDigest(body)
  const signature = await sign(reportStatement({ ...heading, bodyDigest, made, beside }))
  return `${JSON.stringify({ ...heading, body, bodyDigest, made, beside, signature }, null, 2)}\n`
}
