import { useCallback, useEffect, useRef, useState } from 'react'
import { isAbort } from '../../api/error-view.ts'
import { useApi } from '../../api/provider.tsx'

export interface QueryRun {
  isRunning: boolean
  error: unknown
  start(part: string, from: number | undefined): void
  stop(): void
}

/** Reads a query over all nodes to its end: what is read here sets the pace. It ends with the page. */
export function useQueryRun(): QueryRun {
  const { client } = useApi()
  const [isRunning, setIsRunning] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const ending = useRef<AbortController | null>(null)
  const stop = useCallback(() => ending.current?.abort(), [])
  useEffect(() => stop, [stop])

  async function read(part: string, from: number | undefined, signal: AbortSignal): Promise<void> {
    const { id } = await client.network.openQuery.mutate(from === undefined ? { part } : { part, from })
    let isOver = false
    try {
      while (!isOver) {
        signal.throwIfAborted()
        isOver = (await client.network.nextOfQuery.mutate({ id }, { signal })).report !== null
      }
    } finally {
      if (!isOver) await client.network.closeQuery.mutate({ id }).catch(() => undefined)
    }
  }

  function start(part: string, from: number | undefined): void {
    stop()
    const controller = new AbortController()
    ending.current = controller
    setIsRunning(true)
    setError(null)
    read(part, from, controller.signal)
      .catch((reason: unknown) => {
        if (!controller.signal.aborted && !isAbort(reason)) setError(reason)
      })
      .finally(() => {
        if (ending.current === controller) setIsRunning(false)
      })
  }

  return { isRunning, error, start, stop }
}
