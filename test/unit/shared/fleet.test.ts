import { describe, expect, it } from 'vitest'
import type { FieldSummary } from '../../../shared/chart.ts'
import { chooseFleetFields, type FleetMember, type FleetWindow } from '../../../shared/fleet.ts'
import { judgeFleet, latestFields, patienceOf } from '../../../shared/fleet-standing.ts'

const NOW = 1_000_000_000
const FIELDS = { height: 'block.height', version: 'version', health: 'health', resources: [] }

function member(
  name: string,
  quietMs: number,
  over: Partial<FleetMember> & { height?: number | null; health?: unknown } = {},
): FleetMember {
  const { height = 100, health = 'ok', ...rest } = over
  const said = (value: unknown) =>
    value === null ? null : { value: value as string, timestamp: NOW - quietMs }
  return {
    publisher: name,
    messages: { verified: 1, pending: 0, unauthorised: 0, gaps: 0 },
    newest: { timestamp: NOW - quietMs, verdict: 'verified' },
    pauseMs: 1_000,
    lagMs: 50,
    latest: [said(height), said('1.0'), said(health)],
    figures: [],
    ...rest,
  }
}

const windowOf = (members: FleetMember[]): FleetWindow => ({
  part: 'p#0',
  from: NOW - 300_000,
  to: NOW,
  bucketMs: 1_000,
  publishers: members.length,
  members,
  totals: [],
})
const judge = (...members: FleetMember[]) => judgeFleet(windowOf(members), FIELDS)
const states = (...members: FleetMember[]) =>
  judge(...members).members.map(({ publisher, state }) => [publisher, state])

describe('judging a fleet', () => {
  it('puts the silent first, the longest silent before all, then who is unwell, then who lags', () => {
    expect(
      states(
        member('well', 500),
        member('lagging', 500, { height: 80 }),
        member('stranger', 500, { newest: { timestamp: NOW, verdict: 'unauthorised' } }),
        member('unwell', 500, { health: 'catching-up' }),
        member('quiet', 20_000),
        member('gone', 900_000),
        member('never', 0, { newest: null }),
      ),
    ).toEqual([
      ['never', 'silent'],
      ['gone', 'silent'],
      ['quiet', 'silent'],
      ['unwell', 'unhealthy'],
      ['lagging', 'lagging'],
      ['well', 'well'],
      ['stranger', 'stranger'],
    ])
  })

  it('says of two nodes that the one behind lags, not the one ahead', () => {
    const view = judge(member('ahead', 500, { height: 200 }), member('behind', 500, { height: 100 }))
    expect(view.members.map(({ publisher, state }) => [publisher, state])).toEqual([
      ['behind', 'lagging'],
      ['ahead', 'well'],
    ])
  })

  it('measures how far each is behind against those who are there, not against the silent or strangers', () => {
    const view = judge(
      member('a', 500, { height: 100 }),
      member('b', 500, { height: 102 }),
      member('c', 500, { height: 90 }),
      member('silent', 60_000, { height: 7 }),
      member('liar', 500, { height: 9_999, newest: { timestamp: NOW, verdict: 'unauthorised' } }),
    )
    expect(view.height).toEqual({ max: 102, median: 100 })
    const behind = Object.fromEntries(
      view.members.map(({ publisher, behindMax, behindMedian }) => [publisher, [behindMax, behindMedian]]),
    )
    expect(behind).toMatchObject({ a: [2, 0], b: [0, 0], c: [12, 10], silent: [95, 93] })
    expect(view.states).toEqual({ silent: 1, unhealthy: 0, lagging: 1, well: 2, stranger: 1 })
  })

  it('bears with a publisher as long as it usually pauses, and longer with one that sends in batches', () => {
    expect(patienceOf({ pauseMs: 1_000, lagMs: 20 })).toBe(5_000)
    expect(patienceOf({ pauseMs: 60_000, lagMs: 20 })).toBe(180_000)
    expect(patienceOf({ pauseMs: 1_000, lagMs: 16_000 })).toBe(150_000)
    expect(patienceOf({ pauseMs: null, lagMs: null })).toBe(60_000)
    expect(states(member('minutely', 170_000, { pauseMs: 60_000 }))).toEqual([['minutely', 'well']])
  })

  it('reads flags by their names: syncing is bad when set, healthy is bad when not', () => {
    const judged = (path: string, value: string) =>
      judgeFleet(windowOf([member('a', 500, { health: value })]), { ...FIELDS, health: path }).members[0]
        ?.state
    expect(judged('chain.syncing', 'true')).toBe('unhealthy')
    expect(judged('chain.syncing', 'false')).toBe('well')
    expect(judged('health', 'false')).toBe('unhealthy')
    expect(judged('health', 'OK')).toBe('well')
    expect(judged('health', '<img src=x>')).toBe('unhealthy')
  })

  it('has no heights and no lag where nobody tells one', () => {
    const view = judge(member('a', 500, { height: null }))
    expect(view.height).toBeNull()
    expect(view.members[0]).toMatchObject({ behindMax: null, behindMedian: null, state: 'well' })
  })
})

describe('choosing what a fleet is looked at by', () => {
  const field = (path: string, kind: FieldSummary['kind'] = 'number', indexed = true): FieldSummary => ({
    path,
    kind,
    indexed,
    lastValue: null,
    lastTimestamp: 0,
  })

  it('finds height, version, health and resources of an agent’s stream', () => {
    const fields = chooseFleetFields([
      field('machine.cpu.total'),
      field('machine.memory.used'),
      field('machine.disk.free'),
      field('agent.version', 'text'),
      field('chain.block.time'),
      field('chain.block.height'),
      field('chain.version', 'text'),
      field('chain.syncing', 'boolean'),
      field('chain.peers'),
    ])
    expect(fields).toEqual({
      height: 'chain.block.height',
      version: 'chain.version',
      health: 'chain.syncing',
      resources: ['machine.cpu.total', 'machine.memory.used', 'machine.disk.free', 'chain.peers'],
    })
    expect(latestFields(fields)).toEqual(['chain.block.height', 'chain.version', 'chain.syncing'])
  })

  it('takes what the user chose, as far as the stream has it, and says nothing of what is not indexed', () => {
    const known = [field('a'), field('b'), field('c', 'number', false), field('agent.version', 'text')]
    expect(chooseFleetFields(known, ['b', 'c', 'zzz']).resources).toEqual(['b'])
    expect(chooseFleetFields(known)).toEqual({
      height: null,
      version: 'agent.version',
      health: null,
      resources: ['a', 'b'],
    })
  })
})
