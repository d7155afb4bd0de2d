import { Anchor, TextInput, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { ProductLicences, ShippedPart } from '../../../shared/licences.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Fold } from '../../ui/fold.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import classes from './about.module.css'
import { countByLicence, matchingParts, sourcePage } from './part-list.ts'

const ROW_PX = 32
/** Licences named beside the closed list. */
const NAMED_LICENCES = 3

/** What Tidemark is, under which licence, and whose work is in it. */
export function About() {
  const trpc = useTRPC()
  // What is shipped does not change while it runs.
  const product = useQuery(
    trpc.node.licences.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }),
  )
  return (
    <section className={classes.group} aria-labelledby="settings-about">
      <h2 id="settings-about">About</h2>
      {product.data !== undefined ? (
        <Product product={product.data} />
      ) : product.error !== null ? (
        <ErrorState
          title="What Tidemark is made of cannot be told"
          error={errorViewOf(product.error)}
          onRetry={() => void product.refetch()}
        />
      ) : (
        <LoadingState what="the list of parts" />
      )}
    </section>
  )
}

function Product({ product: { version, licence, parts } }: { product: ProductLicences }) {
  const counts = countByLicence(parts)
  const named = counts
    .slice(0, NAMED_LICENCES)
    .map(({ licence, count }) => `${licence} ${formatCount(count)}`)
  const others = counts.length - named.length
  return (
    <div className={classes.card}>
      <p className={classes.product}>
        <strong>Tidemark {version}</strong>
        <span>{licence} licence</span>
      </p>
      {parts.length === 0 ? (
        <p className={classes.note}>
          It builds on parts under licences of their own. The list of them is made when Tidemark is built:
          “npm run build”, then start it again.
        </p>
      ) : (
        <Fold
          title={`${formatCount(parts.length)} parts under licences of their own`}
          note={others > 0 ? `${named.join(', ')} and ${formatCount(others)} others` : named.join(', ')}
          opened={false}
        >
          <Parts parts={parts} />
        </Fold>
      )}
    </div>
  )
}

function Parts({ parts }: { parts: readonly ShippedPart[] }) {
  const [words, setWords] = useState('')
  const [open, setOpen] = useState<ShippedPart | null>(null)
  const shown = useMemo(() => matchingParts(parts, words), [parts, words])
  return (
    <>
      <div className={classes.search}>
        <TextInput
          size="xs"
          aria-label="Find parts by name or licence"
          placeholder="Name or licence"
          value={words}
          maxLength={256}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <span role="status">
          {words.trim() === '' ? null : `${formatCount(shown.length)} of ${formatCount(parts.length)}`}
        </span>
      </div>
      <PartRows parts={shown} onOpen={setOpen} />
      <PartDialog part={open} onClose={() => setOpen(null)} />
    </>
  )
}

function PartRows({ parts, onOpen }: { parts: readonly ShippedPart[]; onOpen(part: ShippedPart): void }) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: parts.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  })
  return (
    <div ref={scroller} className={classes.rows}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const part = parts[index]
          if (part === undefined) return null
          return (
            <li
              key={`${part.name} ${part.version}`}
              aria-setsize={parts.length}
              aria-posinset={index + 1}
              style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
            >
              <UnstyledButton className={classes.part} onClick={() => onOpen(part)}>
                <span className={classes.name}>{part.name}</span>
                <span className={classes.version}>{part.version}</span>
                <span className={classes.licence} title={part.licence}>
                  {part.licence}
                </span>
              </UnstyledButton>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function PartDialog({ part, onClose }: { part: ShippedPart | null; onClose(): void }) {
  const page = sourcePage(part?.source ?? null)
  return (
    <Dialog
      opened={part !== null}
      onClose={onClose}
      title={part === null ? '' : `${part.name} ${part.version}`}
      widthPx={680}
    >
      {part === null ? null : (
        <>
          <p className={classes.terms}>
            <span>{part.licence}</span>
            {page === null ? (
              <bdi>{part.source}</bdi>
            ) : (
              <Anchor href={page} target="_blank" rel="noreferrer" size="xs">
                {page}
              </Anchor>
            )}
          </p>
          {part.text === null ? (
            <p className={classes.note}>The part carries no text of its licence; its source has it.</p>
          ) : (
            <LicenceText text={part.text} />
          )}
        </>
      )}
    </Dialog>
  )
}

function LicenceText({ text }: { text: number }) {
  const trpc = useTRPC()
  const answer = useQuery(
    trpc.node.licenceText.queryOptions({ text }, { staleTime: Number.POSITIVE_INFINITY }),
  )
  if (answer.error !== null)
    return <ErrorState title="The text cannot be had" error={errorViewOf(answer.error)} />
  if (answer.data === undefined) return <LoadingState what="the licence" />
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text has to be scrollable by keyboard
    <pre className={classes.text} tabIndex={0}>
      {answer.data}
    </pre>
  )
}
