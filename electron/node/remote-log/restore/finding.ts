/** What was found out about a log while it was read: it is said, not thrown, and reading goes on where it can. */
export type LogFinding =
  /** The name leads to an older state than was seen before. */
  | { kind: 'head-went-back'; newest: string; expected: string }
  /** The name leads to a log that shares its past with what was seen before, and not what came after. */
  | { kind: 'head-forked'; newest: string; expected: string }
  /** The name leads to a log that has nothing to do with what was seen before. */
  | { kind: 'head-replaced'; newest: string; expected: string }
  /** Nobody handed out the page; everything before it is out of reach for now. */
  | { kind: 'page-missing'; page: string; reason: string }
  /** The page was handed out and is none; everything before it is out of reach. */
  | { kind: 'page-unreadable'; page: string; reason: string }
  /** Page after page names nothing new. */
  | { kind: 'log-loops'; page: string }
  /** The log has more pages than are read. */
  | { kind: 'log-too-long'; page: string; pages: number }
  /** Nobody handed out the message. */
  | { kind: 'message-missing'; message: string; page: string | null; reason: string }
  /** The content named is no message, not the one named, or not of this log's stream part. */
  | { kind: 'message-unreadable'; message: string; page: string | null; reason: string }
  | { kind: 'message-id-mismatch'; message: string; page: string | null }
  | { kind: 'message-out-of-place'; message: string; page: string | null; reason: string }
  /** The message was read and its signature or its signer's right is not good. */
  | { kind: 'message-forged'; message: string; page: string | null; reason: string }
  | { kind: 'message-unauthorised'; message: string; page: string | null; reason: string }
  | { kind: 'message-refused'; message: string; page: string | null; reason: string }
  /** Too much failed in a row; the rest is left for the next time. */
  | { kind: 'gave-up'; failures: number; reason: string }

export type LogFindingKind = LogFinding['kind']

const on = (page: string | null) => (page === null ? 'the head' : `page ${page}`)

/** One sentence a reader of the log understands. */
export function describeFinding(finding: LogFinding): string {
  switch (finding.kind) {
    case 'head-went-back':
      return `The name leads to an older state of the log (${finding.newest}) than it did before (${finding.expected}).`
    case 'head-forked':
      return `The log has been continued from an earlier point: it no longer contains ${finding.expected}.`
    case 'head-replaced':
      return `The name leads to a different log: nothing of it was seen before, and ${finding.expected} is not in it.`
    case 'page-missing':
      return `Page ${finding.page} cannot be had now, and with it everything older: ${finding.reason}`
    case 'page-unreadable':
      return `Page ${finding.page} is not a page of a log, and nothing older can be reached: ${finding.reason}`
    case 'log-loops':
      return `The log goes round in circles: thousands of pages before ${finding.page} named nothing new.`
    case 'log-too-long':
      return `The log has more than ${finding.pages} pages; reading stopped at ${finding.page}.`
    case 'message-missing':
      return `Message ${finding.message} on ${on(finding.page)} cannot be had now: ${finding.reason}`
    case 'message-unreadable':
      return `What ${on(finding.page)} names as message ${finding.message} is none: ${finding.reason}`
    case 'message-id-mismatch':
      return `What ${on(finding.page)} names as message ${finding.message} is another message.`
    case 'message-out-of-place':
      return `Message ${finding.message} on ${on(finding.page)} does not belong there: ${finding.reason}`
    case 'message-forged':
      return `Message ${finding.message} on ${on(finding.page)} is forged: ${finding.reason}`
    case 'message-unauthorised':
      return `Message ${finding.message} on ${on(finding.page)} is by someone without the right to publish: ${finding.reason}`
    case 'message-refused':
      return `Message ${finding.message} on ${on(finding.page)} was refused: ${finding.reason}`
    case 'gave-up':
      return `${finding.failures} requests in a row failed; the rest is left for the next time. ${finding.reason}`
  }
}
