import { Anchor } from '@mantine/core'
import { formatCount, formatDuration, formatSize } from '../../../shared/format/quantity.ts'
import { sourceWords } from '../../../shared/format/source.ts'
import type { InspectedPermission, MessageInspection } from '../../../shared/inspection.ts'
import type { MessageId } from '../../../shared/message.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Fold } from '../../ui/fold.tsx'
import { HexView } from '../../ui/hex-view.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import { Time } from '../../ui/time.tsx'
import { ContentView } from './content-view.tsx'
import { Equivocation } from './equivocation.tsx'
import { Code, type Fact, Facts } from './facts.tsx'
import { Holders } from './holders.tsx'
import classes from './inspector.module.css'
import { RemoteLogs } from './remote-logs.tsx'
import { StateEvidence } from './state-evidence.tsx'
import { VerdictChanges } from './verdict-changes.tsx'

export interface InspectionSectionsProps {
  inspection: MessageInspection
  onOpen(message: { id: MessageId; digest: string | null }): void
}

/** The evidence itself, section by section. */
export function InspectionSections({ inspection, onOpen }: InspectionSectionsProps) {
  return (
    <>
      {inspection.siblings.length > 0 ? <Equivocation inspection={inspection} onOpen={onOpen} /> : null}
      <ContentView inspection={inspection} />
      <Identity inspection={inspection} />
      <Signature inspection={inspection} />
      <Permission permission={inspection.permission} />
      <StateEvidence key={`state ${inspection.digest}`} id={inspection.id} digest={inspection.digest} />
      <VerdictChanges id={inspection.id} digest={inspection.digest} />
      <Chain inspection={inspection} onOpen={onOpen} />
      <Holders key={inspection.digest} id={inspection.id} digest={inspection.digest} />
      <RemoteLogs inspection={inspection} />
      <Fold title="Raw bytes" note={formatSize(inspection.sizeBytes)} opened={false}>
        <HexView hex={inspection.rawHex} label="Raw bytes of the message" />
        <div className={classes.under}>
          {inspection.rawTruncated ? (
            <span>The beginning only; the proof file holds all of it.</span>
          ) : (
            <span />
          )}
          <CopyButton value={inspection.rawHex} what="the raw bytes as hex" />
        </div>
      </Fold>
    </>
  )
}

function Identity({ inspection }: { inspection: MessageInspection }) {
  const { id, digest, receivedAt, source } = inspection
  const late = receivedAt - id.timestamp
  const facts: Fact[] = [
    {
      name: 'Stream part',
      value: <Code>{inspection.streamPart}</Code>,
      copy: { value: inspection.streamPart, what: 'the stream part' },
    },
    {
      name: 'Publisher',
      value: <Code>{id.publisher}</Code>,
      copy: { value: id.publisher, what: 'the publisher' },
    },
    {
      name: 'Time',
      value: <Time at={id.timestamp} />,
      copy: { value: String(id.timestamp), what: 'the time' },
    },
    { name: 'Sequence', value: formatCount(id.sequence) },
    { name: 'Chain', value: <Code>{id.chain}</Code>, copy: { value: id.chain, what: 'the chain id' } },
    { name: 'Digest', value: <Code>{digest}</Code>, copy: { value: digest, what: 'the digest' } },
    {
      name: 'First stored',
      value: (
        <>
          <Time at={receivedAt} />
          {late >= 0
            ? `, ${formatDuration(late)} after its own time`
            : `, ${formatDuration(-late)} before its own time`}
        </>
      ),
    },
    {
      name: 'Came by',
      value: <bdi>{visibleText(sourceWords(source).words)}</bdi>,
      copy: { value: source, what: 'the source' },
    },
  ]
  return (
    <Fold title="Identity" note={`sequence ${id.sequence}`} opened={false}>
      <Facts facts={facts} />
    </Fold>
  )
}

function Signature({ inspection }: { inspection: MessageInspection }) {
  const { signature, payloadDigest, payloadBytes, digest, id } = inspection
  const validity =
    signature.valid === null
      ? 'Cannot be decided here'
      : signature.valid
        ? 'Good'
        : 'Does not belong to the publisher'
  const signedBy = signature.signer === null ? 'Not told by this type of signature' : null
  const facts: Fact[] = [
    { name: 'Check', value: validity },
    { name: 'Type', value: signature.type ?? `unknown, number ${signature.typeNumber}` },
    signature.signer === null
      ? { name: 'Signer', value: signedBy }
      : {
          name: 'Signer',
          value: <Code>{signature.signer}</Code>,
          copy: { value: signature.signer, what: 'the signer' },
        },
    {
      name: 'Publisher',
      value: signature.signer === id.publisher ? 'The same' : <Code>{id.publisher}</Code>,
    },
    {
      name: 'Signature',
      value: <Code>{signature.hex}</Code>,
      copy: { value: signature.hex, what: 'the signature' },
    },
    {
      name: 'Payload',
      value: (
        <>
          {formatCount(payloadBytes)} bytes, SHA-256 <Code>{payloadDigest}</Code>
          {payloadDigest === digest ? '' : ' differs from the stored digest: the store is damaged'}
        </>
      ),
      copy: { value: payloadDigest, what: 'the digest of the payload' },
    },
  ]
  return (
    <Fold title="Signature" note={validity.toLowerCase()}>
      <Facts facts={facts} />
    </Fold>
  )
}

const PERMISSION_WORDS: Record<InspectedPermission['state'], string> = {
  permitted: 'The signer may publish',
  denied: 'The signer may not publish',
  expired: 'The right had expired',
  unknown: 'Not known yet',
  'no-stream': 'The stream is not in the registry',
}

/** 2^256 - 1 and its like: the contract's way to say for ever. */
const FOREVER_DIGITS = 16

function expiry(expiration: string): string | number {
  return expiration.length >= FOREVER_DIGITS ? 'Never' : Number(expiration) * 1_000
}

function Permission({ permission }: { permission: InspectedPermission }) {
  const facts: Fact[] = [{ name: 'State', value: PERMISSION_WORDS[permission.state] }]
  if (permission.isPublic) facts.push({ name: 'Granted to', value: 'Everyone' })
  if (permission.block !== null) {
    facts.push({
      name: 'Since block',
      value: (
        <>
          {formatCount(permission.block)}
          {permission.blockTimestamp === null ? null : (
            <>
              , <Time at={permission.blockTimestamp} />
            </>
          )}
        </>
      ),
    })
  }
  if (permission.publishExpiration !== null) {
    const until = expiry(permission.publishExpiration)
    facts.push({ name: 'Expires', value: typeof until === 'number' ? <Time at={until} /> : until })
  }
  if (permission.transaction !== null) {
    facts.push({
      name: 'Transaction',
      value: <Code>{permission.transaction}</Code>,
      copy: { value: permission.transaction, what: 'the transaction' },
    })
  }
  if (permission.contract !== null) {
    facts.push({
      name: 'Registry',
      value: <Code>{permission.contract}</Code>,
      copy: { value: permission.contract, what: 'the contract' },
    })
  }
  if (permission.chainId !== null) facts.push({ name: 'Chain', value: String(permission.chainId) })
  return (
    <Fold title="Permission" note={PERMISSION_WORDS[permission.state].toLowerCase()}>
      <Facts facts={facts} />
    </Fold>
  )
}

function Chain({ inspection, onOpen }: InspectionSectionsProps) {
  const { chain, id } = inspection
  const jump = (target: MessageId, word: string) => (
    <Anchor component="button" type="button" size="sm" onClick={() => onOpen({ id: target, digest: null })}>
      {word}
    </Anchor>
  )
  const facts: Fact[] = [
    {
      name: 'Previous',
      value:
        chain.previous === null ? (
          'None named: the first message of its chain'
        ) : (
          <>
            <Time at={chain.previous.id.timestamp} short />,{' '}
            {formatDuration(id.timestamp - chain.previous.id.timestamp)} before.{' '}
            {chain.previous.stored
              ? jump(chain.previous.id, 'Open')
              : 'Named, but nobody has shown it: a gap.'}
          </>
        ),
    },
    {
      name: 'Next',
      value:
        chain.next === null ? (
          'None yet'
        ) : (
          <>
            <Time at={chain.next.timestamp} short />, {formatDuration(chain.next.timestamp - id.timestamp)}{' '}
            after. {jump(chain.next, 'Open')}
          </>
        ),
    },
  ]
  const note = chain.previous === null ? 'first' : chain.previous.stored ? 'no gap before' : 'gap before'
  return (
    <Fold title="Chain" note={note}>
      <Facts facts={facts} />
    </Fold>
  )
}
