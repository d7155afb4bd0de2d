import type { NodeStatus } from '../../shared/node-status.ts'

export interface TraySummary {
  /** Shown when the pointer rests on the icon. */
  tooltip: string
  /** Lines at the top of the menu. */
  lines: string[]
  isAlarming: boolean
}

const counted = new Intl.NumberFormat('en')

/** What the tray says of the node, in the order of what matters: what is wrong, what comes in, what there is. */
export function summarise(status: NodeStatus, ratePerSecond: number | null): TraySummary {
  const { messages, problems, alertsFiring } = status
  const alarms = [
    ...(alertsFiring > 0
      ? [`${counted.format(alertsFiring)} ${alertsFiring === 1 ? 'alert' : 'alerts'} firing`]
      : []),
    ...(messages.forged > 0 ? [`${counted.format(messages.forged)} forged`] : []),
    ...problems.map((problem) => problem.message),
  ]
  const rate = ratePerSecond === null ? [] : [`${ratePerSecond.toFixed(1)} msg/s`]
  const lines = [
    ...alarms,
    [...rate, `${counted.format(messages.verified)} verified of ${counted.format(messages.stored)}`].join(
      ' · ',
    ),
    `${status.environment} · ${status.peers} ${status.peers === 1 ? 'peer' : 'peers'}`,
  ]
  return { tooltip: ['Tidemark', ...lines].join('\n'), lines, isAlarming: alarms.length > 0 }
}

/** Messages a second between two looks at the count; `null` at the first look. */
export function createRateOfStored(monotonic: () => number): (stored: number) => number | null {
  let last: { stored: number; at: number } | undefined
  return (stored) => {
    const at = monotonic()
    const before = last
    last = { stored, at }
    if (before === undefined || at <= before.at || stored < before.stored) return null
    return ((stored - before.stored) * 1_000) / (at - before.at)
  }
}
