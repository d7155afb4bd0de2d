import { keeperText, type LogRef, logNameInput, parseKeeper } from './remote-log.ts'

/** Where a link into a remote log leads: the log, one of its pages, one message. */
export interface LogPlace {
  ref: LogRef
  /** Address of a page; null: the head. */
  page: string | null
  /** MVDS id of a message, lower-case hex. */
  entry: string | null
}

const PAGE = /^b[a-z2-7]{58}$/
const ENTRY = /^[0-9a-f]{64}$/

/** The path of the portal that shows a place. */
export function logPath({ ref, page, entry }: LogPlace): string {
  const query = new URLSearchParams({ log: ref.name, keeper: keeperText(ref.keeper) })
  if (page !== null) query.set('page', page)
  if (entry !== null) query.set('entry', entry)
  return `/remote-log?${query}`
}

/** The same as a link that other programs open. */
export function logLink(place: LogPlace): string {
  return `tidemark://open${logPath(place)}`
}

/** Whether a path was meant to lead to more than can be read of it: it was cut, or is none of ours. */
export function isLogLinkDamaged(search: string): boolean {
  const query = new URLSearchParams(search)
  const place = readLogPlace(search)
  if (place === null) return ['log', 'keeper', 'page', 'entry'].some((key) => query.has(key))
  return (query.has('page') && place.page === null) || (query.has('entry') && place.entry === null)
}

/** Reads the query part of such a path; null when it names no log. What cannot be read of the rest is left out. */
export function readLogPlace(search: string): LogPlace | null {
  const query = new URLSearchParams(search)
  const name = logNameInput.safeParse(query.get('log'))
  const keeper = parseKeeper(query.get('keeper') ?? 'embedded')
  if (!name.success || keeper === null) return null
  const matching = (text: string | null, form: RegExp) => (text !== null && form.test(text) ? text : null)
  return {
    ref: { name: name.data, keeper },
    page: matching(query.get('page'), PAGE),
    entry: matching(query.get('entry'), ENTRY),
  }
}
