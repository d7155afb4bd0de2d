import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { changesBetween } from '../../../shared/content-changes.ts'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import { sourceWords } from '../../../shared/format/source.ts'
import type { EquivocationSibling, MessageInspection } from '../../../shared/inspection.ts'
import type { MessageId } from '../../../shared/message.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Fold } from '../../ui/fold.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import { Time } from '../../ui/time.tsx'
import { VerdictBadge } from '../../ui/verdict.tsx'
import classes from './equivocation.module.css'
import { Code } from './facts.tsx'

/** Contents set beside this one; a publisher could sign any number. The rest is opened one by one. */
const MAX_BESIDE = 4
/** Longest value shown of a field, and of content that is not JSON, characters. */
const MAX_VALUE_LENGTH = 200

export interface EquivocationProps {
  inspection: MessageInspection
  onOpen(message: { id: MessageId; digest: string | null }): void
}

/** What the publisher signed under one id, each other content beside this one. */
export function Equivocation({ inspection, onOpen }: EquivocationProps) {
  const { siblings } = inspection
  const more = siblings.length - MAX_BESIDE
  return (
    <Fold title="Equivocation" note={`${formatCount(siblings.length + 1)} contents, one id`}>
      <p className={classes.lead}>
        The publisher signed more than one content under this message id. Each is kept as evidence.
      </p>
      {siblings.slice(0, MAX_BESIDE).map((sibling) => (
        <Beside
          key={sibling.digest}
          inspection={inspection}
          sibling={sibling}
          onOpen={() => onOpen({ id: inspection.id, digest: sibling.digest })}
        />
      ))}
      {more > 0 ? (
        <p className={classes.lead}>{formatCount(more)} more are in the list of messages.</p>
      ) : null}
    </Fold>
  )
}

interface BesideProps {
  inspection: MessageInspection
  sibling: EquivocationSibling
  onOpen(): void
}

function Beside({ inspection, sibling, onOpen }: BesideProps) {
  const trpc = useTRPC()
  const other = useQuery(trpc.messages.inspect.queryOptions({ id: inspection.id, digest: sibling.digest }))
  const both = [inspection, sibling] as const
  return (
    <table className={classes.beside}>
      <thead>
        <tr>
          <td />
          <th scope="col">This content</th>
          <th scope="col">
            The other{' '}
            <Button variant="subtle" size="compact-xs" onClick={onOpen}>
              Open
            </Button>
          </th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Digest</th>
          {both.map(({ digest }) => (
            <td key={digest} title={digest}>
              <Code>{shortenMiddle(digest, 8, 6)}</Code>
            </td>
          ))}
        </tr>
        <tr>
          <th scope="row">Verdict</th>
          {both.map(({ digest, verdict }) => (
            <td key={digest}>
              <VerdictBadge standing={verdict} />
            </td>
          ))}
        </tr>
        <tr>
          <th scope="row">First seen</th>
          {both.map(({ digest, receivedAt }) => (
            <td key={digest}>
              <Time at={receivedAt} short />
            </td>
          ))}
        </tr>
        <tr>
          <th scope="row">Came by</th>
          {both.map(({ digest, source }) => (
            <td key={digest}>
              <bdi>{visibleText(sourceWords(source).words)}</bdi>
            </td>
          ))}
        </tr>
        {other.data === undefined ? null : <Differences one={inspection} other={other.data} />}
      </tbody>
    </table>
  )
}

/** Field by field where both are JSON, else as they begin. */
function Differences({ one, other }: { one: MessageInspection; other: MessageInspection }) {
  const isWhole = ({ contentKind, contentTextTruncated }: MessageInspection) =>
    contentKind === 'json' && !contentTextTruncated
  if (!isWhole(one) || !isWhole(other)) {
    return (
      <tr data-differs>
        <th scope="row">Content</th>
        {[one, other].map(({ digest, contentText, sizeBytes }) => (
          <td key={digest}>
            <Code>{contentText.slice(0, MAX_VALUE_LENGTH)}</Code> ({formatSize(sizeBytes)} in all)
          </td>
        ))}
      </tr>
    )
  }
  const changes = changesBetween(JSON.parse(one.contentText), JSON.parse(other.contentText))
  return changes.length === 0 ? (
    <tr>
      <th scope="row">Content</th>
      <td colSpan={2}>The same values, written in other ways.</td>
    </tr>
  ) : (
    changes.map(({ path, before, after }) => (
      <tr key={path} data-differs>
        <th scope="row">
          <bdi>{visibleText(path).slice(0, MAX_VALUE_LENGTH)}</bdi>
        </th>
        <td>
          <Code>{valueText(before)}</Code>
        </td>
        <td>
          <Code>{valueText(after)}</Code>
        </td>
      </tr>
    ))
  )
}

function valueText(value: unknown): string {
  return value === undefined ? '∅' : JSON.stringify(value).slice(0, MAX_VALUE_LENGTH)
}
