import { useEffect, useState } from 'react'
import type { ErrorView } from '../../../shared/errors.ts'
import type { PreviewReport } from '../../../shared/rules/preview.ts'
import type { Rule } from '../../../shared/rules/rule.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useApi } from '../../api/provider.tsx'

/** Typing goes on for a moment before history is looked through anew. */
const DELAY_MS = 500
const DAY_MS = 86_400_000

export interface Preview {
  report: PreviewReport | null
  error: ErrorView | null
}

/**
 * What a rule would have done over the last days, as it is written: looked through by the node, with what is found so
 * far while it goes on. Null looks through nothing.
 */
export function usePreview(rule: Rule | null, days: number): Preview {
  const { client } = useApi()
  const [preview, setPreview] = useState<Preview>({ report: null, error: null })
  const text = rule === null ? null : JSON.stringify(rule)
  useEffect(() => {
    setPreview({ report: null, error: null })
    if (text === null) return
    let subscription: { unsubscribe(): void } | undefined
    const timer = setTimeout(() => {
      const to = Date.now()
      subscription = client.alerts.preview.subscribe(
        { rule: JSON.parse(text), from: to - days * DAY_MS, to },
        {
          onData: (report) => setPreview({ report, error: null }),
          onError: (error) => setPreview({ report: null, error: errorViewOf(error) }),
        },
      )
    }, DELAY_MS)
    return () => {
      clearTimeout(timer)
      subscription?.unsubscribe()
    }
  }, [client, text, days])
  return preview
}
