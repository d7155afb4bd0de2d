import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { MessageInspection } from '../../../shared/inspection.ts'
import { logLink, logPath } from '../../../shared/log-link.ts'
import { type CitationView, keeperText } from '../../../shared/remote-log.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Fold } from '../../ui/fold.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { Code, type Fact, Facts } from './facts.tsx'

/** A log that is published a moment ago may take the message in a moment later. */
const STALE_MS = 10_000

/** The logs the message is part of: how to cite it, and where to get it for good. */
export function RemoteLogs({ inspection }: { inspection: MessageInspection }) {
  const trpc = useTRPC()
  const { id, digest } = inspection
  const citations = useQuery(trpc.remoteLog.cite.queryOptions({ id, digest }, { staleTime: STALE_MS }))
  const logs = citations.data ?? []
  const note = citations.data === undefined ? '' : logs.length === 0 ? 'in none' : formatCount(logs.length)
  return (
    <Fold title="Remote log" note={note} opened={false}>
      {citations.error ? (
        <bdi>{errorViewOf(citations.error).message}</bdi>
      ) : logs.length === 0 ? (
        'The message is in no log that this node knows. A published stream has a name by which its messages can be cited.'
      ) : (
        logs.map((log) => <Facts key={`${log.name} ${keeperText(log.keeper)}`} facts={factsOf(log)} />)
      )}
    </Fold>
  )
}

function factsOf({ name, keeper, message, page, number }: CitationView): Fact[] {
  const place = { ref: { name, keeper }, page, entry: message }
  return [
    {
      name: 'Log',
      value: (
        <Link href={logPath(place)}>
          <PlainText>{name}</PlainText>
        </Link>
      ),
      copy: { value: logLink(place), what: 'a link to this message of the log' },
    },
    { name: 'Kept by', value: <PlainText>{keeperText(keeper)}</PlainText> },
    page === null
      ? { name: 'Page', value: 'On the head, to which the name leads' }
      : { name: 'Page', value: <Code>{page}</Code>, copy: { value: page, what: 'the address of the page' } },
    ...(number === null ? [] : [{ name: 'Number', value: formatCount(number) }]),
    { name: 'Message', value: <Code>{message}</Code>, copy: { value: message, what: 'the MVDS id' } },
  ]
}
