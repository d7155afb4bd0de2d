import type { AuditView } from '../../../shared/audit.ts'

export function countFindings(findings: AuditView['findings']): number {
  return Object.values(findings).reduce((sum, count) => sum + count, 0)
}

export function statusWords({ status, checked, expected }: AuditView): string {
  switch (status) {
    case 'running':
      return expected === 0 ? 'Running' : `${percent(checked, expected)} %`
    case 'paused':
      return 'Paused'
    case 'failed':
      return 'Failed'
    case 'finished':
      return 'Done'
  }
}

/** The range may have grown since it was counted. */
export function percent(checked: number, expected: number): number {
  return expected === 0 ? 0 : Math.min(99, Math.floor((checked / expected) * 100))
}
