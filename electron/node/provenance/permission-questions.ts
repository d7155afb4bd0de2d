import type { MessageId } from '../../../shared/message.ts'
import type { PermissionAnswer } from '../ports.ts'
import { MAX_QUESTIONS_PER_BATCH } from './verifier-limits.ts'
import type { PermissionQuestion } from './verifier-protocol.ts'

type AskPermissions = (questions: PermissionQuestion[]) => Promise<(PermissionAnswer | undefined)[]>

/**
 * The registry's answer for each id; undefined where it has none. Each round asks one question per publisher and
 * stream, about the first of its messages; messages outside the span that the answer holds for wait for the next.
 */
export async function askPermissions(
  ids: readonly MessageId[],
  ask: AskPermissions,
): Promise<(PermissionAnswer | undefined)[]> {
  const found: (PermissionAnswer | undefined)[] = ids.map(() => undefined)
  let open = ids.map((_, index) => index)
  for (let asked = 0; open.length > 0 && asked < MAX_QUESTIONS_PER_BATCH; ) {
    const questions = groupByPublisher(ids, open)
    asked += questions.size
    const answers = await ask([...questions.values()].map(({ question }) => question))
    const next: number[] = []
    let at = 0
    for (const { members } of questions.values()) {
      const answer = answers[at++]
      if (answer === undefined) continue
      for (const index of members) {
        const timestamp = ids[index]?.timestamp ?? 0
        if (timestamp >= answer.validFrom && timestamp < answer.validTo) found[index] = answer
        else next.push(index)
      }
    }
    open = next
  }
  return found
}

interface Group {
  question: PermissionQuestion
  members: number[]
}

function groupByPublisher(ids: readonly MessageId[], open: readonly number[]): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const index of open) {
    const id = ids[index]
    if (id === undefined) continue
    const { streamId, publisher, timestamp } = id
    // A publisher is hex and cannot hold a space, so that two pairs never share a key.
    const key = `${publisher} ${streamId}`
    const group = groups.get(key)
    if (group !== undefined) group.members.push(index)
    else if (groups.size < MAX_QUESTIONS_PER_BATCH) {
      groups.set(key, { question: { kind: 'permission', streamId, publisher, timestamp }, members: [index] })
    }
  }
  return groups
}
