import type { AlertNotice, NoticeAlert } from '../../../../shared/rules/channel.ts'

/** First line: what it is about. */
export function noticeTitle({
  isTest,
  isReminder,
  severity,
  rule,
  firing,
  resolved,
  more,
}: AlertNotice): string {
  if (isTest) return `Tidemark: test of “${rule}”`
  const parts = [
    ...(firing.length > 0 ? [`${firing.length + more} ${isReminder ? 'still firing' : 'firing'}`] : []),
    ...(resolved.length > 0 ? [`${resolved.length + (firing.length > 0 ? 0 : more)} resolved`] : []),
  ]
  return `[${severity}] ${rule}: ${parts.join(', ')}`
}

/** The notice as plain lines, for whoever reads words. */
export function noticeText(notice: AlertNotice): string {
  const { part, note, firing, resolved, more, isTest } = notice
  if (isTest) return `${noticeTitle(notice)}\nIf you read this, the channel works.`
  return [
    noticeTitle(notice),
    ...firing.map((alert) => `▲ ${lineOf(alert)}`),
    ...resolved.map((alert) => `✓ ${lineOf(alert)}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    `Stream: ${part}`,
    ...(note === '' ? [] : [note]),
  ].join('\n')
}

function lineOf({ publisher, sentence, since }: NoticeAlert): string {
  const who = publisher === null ? '' : `${publisher.slice(0, 12)}…${publisher.slice(-4)}: `
  return `${who}${sentence} (since ${new Date(since).toISOString()})`
}
