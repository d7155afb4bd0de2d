import { notifications } from '@mantine/notifications'
import { useEffect, useMemo, useRef } from 'react'
import { errorViewOf, isAbort } from '../../api/error-view.ts'
import { type Direction, type Flaw, findFlaw } from '../../api/find-flaw.ts'
import { useApi } from '../../api/provider.tsx'
import type { ChartAlert } from '../../ui/chart/frame.ts'
import type { Transport } from './transport.ts'

export type Landmark = Flaw | 'alert'

const WORDS: Record<Landmark, string> = { gap: 'gap', forged: 'forged message', alert: 'alert' }

export interface JumpOptions {
  part: string
  first: number | null
  marks: readonly ChartAlert[]
  transport: Transport
}

/** Goes to the next gap, forged message or alert, or to the one before. */
export function useJump({
  part,
  first,
  marks,
  transport,
}: JumpOptions): (what: Landmark, direction: Direction) => void {
  const { client } = useApi()
  const latest = useRef({ first, marks })
  useEffect(() => {
    latest.current = { first, marks }
  })
  const pending = useRef<AbortController | null>(null)
  useEffect(() => () => pending.current?.abort(), [])

  return useMemo(() => {
    async function find(
      what: Landmark,
      direction: Direction,
      at: number,
      signal: AbortSignal,
    ): Promise<number | null> {
      if (what === 'alert') {
        const times = latest.current.marks.map(({ from }) => from).sort((a, b) => a - b)
        const found =
          direction === 'forward' ? times.find((time) => time > at) : times.findLast((time) => time < at)
        return found ?? null
      }
      const now = Date.now()
      return findFlaw(
        client,
        { part, flaw: what, direction, at, first: latest.current.first ?? 0, now },
        signal,
      )
    }
    return (what, direction) => {
      pending.current?.abort()
      const controller = new AbortController()
      pending.current = controller
      const { playhead, from, to, mode } = transport.now()
      const at = playhead ?? (mode === 'live' || direction === 'back' ? to : from)
      find(what, direction, at, controller.signal).then(
        (found) => {
          if (controller.signal.aborted) return
          if (found === null) {
            notifications.show({
              message: `No ${WORDS[what]} ${direction === 'forward' ? 'after' : 'before'} this in what is stored.`,
            })
            return
          }
          transport.pause()
          transport.seek(found)
        },
        (error: unknown) => {
          if (isAbort(error) || controller.signal.aborted) return
          const { message, remedy } = errorViewOf(error)
          notifications.show({ color: 'danger', title: 'The search failed', message: `${message} ${remedy}` })
        },
      )
    }
  }, [client, part, transport])
}
