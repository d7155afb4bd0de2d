import { describe, expect, it } from 'vitest'
import { createPartMembership } from '../../../electron/node/subscriptions/part-membership.ts'

const PART = 'stream#0'

/** Records what the network is asked for. */
function recordingSource() {
  const calls: string[] = []
  return {
    calls,
    subscribe: async (part: string) => void calls.push(`join ${part}`),
    unsubscribe: async (part: string) => void calls.push(`leave ${part}`),
  }
}

describe('membership of stream parts', () => {
  it('leaves a part with its last member, not with its first', async () => {
    const source = recordingSource()
    const membership = createPartMembership(source)
    const user = membership.member()
    const assignment = membership.member()
    await user.subscribe(PART)
    await assignment.subscribe(PART)
    await user.unsubscribe(PART)
    expect(source.calls).not.toContain(`leave ${PART}`)
    await assignment.unsubscribe(PART)
    expect(source.calls.at(-1)).toBe(`leave ${PART}`)
  })

  it('does not leave a part for one who never wanted it', async () => {
    const source = recordingSource()
    const membership = createPartMembership(source)
    await membership.member().subscribe(PART)
    await membership.member().unsubscribe(PART)
    expect(source.calls).toEqual([`join ${PART}`])
  })

  it('stays joined when one wants the part while another is leaving it', async () => {
    const source = recordingSource()
    const membership = createPartMembership(source)
    const [one, other] = [membership.member(), membership.member()]
    await one.subscribe(PART)
    await Promise.all([one.unsubscribe(PART), other.subscribe(PART)])
    expect(source.calls.at(-1)).toBe(`join ${PART}`)
  })

  it('joins again for a member whose attempt failed', async () => {
    let attempts = 0
    const membership = createPartMembership({
      subscribe: () => (attempts++ === 0 ? Promise.reject(new Error('no network')) : Promise.resolve()),
      unsubscribe: async () => undefined,
    })
    const member = membership.member()
    await expect(member.subscribe(PART)).rejects.toThrow('no network')
    await member.subscribe(PART)
    expect(attempts).toBe(2)
  })
})
