import type { TRPCClient } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type { MessageRow } from '../../shared/message.ts'

/** The next stored message strictly after `at`, or strictly before it; null at the end of what is stored. */
export async function findStep(
  client: TRPCClient<AppRouter>,
  part: string,
  at: number,
  direction: 'forward' | 'back',
  signal?: AbortSignal,
): Promise<MessageRow | null> {
  const query =
    direction === 'forward'
      ? ({ part, from: at + 1, order: 'ascending', limit: 1 } as const)
      : ({ part, to: at - 1, order: 'descending', limit: 1 } as const)
  const page = await client.messages.page.query(query, signal ? { signal } : {})
  return page.rows[0] ?? null
}
