import { notifications } from '@mantine/notifications'
import { useEffect, useMemo, useRef } from 'react'
import type { MessageRow } from '../../../shared/message.ts'
import { errorViewOf, isAbort } from '../../api/error-view.ts'
import { findStep } from '../../api/find-message.ts'
import { messageKeyOf } from '../../api/message-key.ts'
import { useApi } from '../../api/provider.tsx'
import type { ChartPoint } from '../../ui/chart/pick.ts'
import { useView } from '../../ui/use-view.ts'
import type { Transport } from './transport.ts'

export interface MessageWalk {
  /** Opens the message behind a point. */
  pick(point: ChartPoint): void
  /** Goes to the message after the playhead, or to the one before it. */
  step(direction: 'forward' | 'back'): void
}

/** Questions to the node for single messages; a later one takes the place of one under way. */
export function useMessageWalk(part: string, transport: Transport): MessageWalk {
  const { client } = useApi()
  const { update } = useView()
  const pending = useRef<AbortController | null>(null)
  useEffect(() => () => pending.current?.abort(), [])
  const latestUpdate = useRef(update)
  useEffect(() => {
    latestUpdate.current = update
  })

  return useMemo(() => {
    async function ask(
      question: (signal: AbortSignal) => Promise<MessageRow | null>,
      found: (row: MessageRow) => void,
    ): Promise<void> {
      pending.current?.abort()
      const controller = new AbortController()
      pending.current = controller
      try {
        const row = await question(controller.signal)
        if (row !== null && !controller.signal.aborted) found(row)
      } catch (error) {
        if (isAbort(error) || controller.signal.aborted) return
        const { message, remedy } = errorViewOf(error)
        notifications.show({
          color: 'danger',
          title: 'The message could not be found',
          message: `${message} ${remedy}`,
        })
      }
    }
    return {
      pick({ at, line }) {
        const question = { part: line.part, at: Math.round(at - line.shiftMs), publisher: line.publisher }
        void ask(
          (signal) => client.chart.nearest.query(question, { signal }),
          (row) => latestUpdate.current({ message: messageKeyOf(row) }),
        )
      },
      step(direction) {
        const { playhead, to } = transport.now()
        void ask(
          (signal) => findStep(client, part, Math.round(playhead ?? to), direction, signal),
          (row) => {
            transport.pause()
            transport.seek(row.id.timestamp)
          },
        )
      },
    }
  }, [client, part, transport])
}
