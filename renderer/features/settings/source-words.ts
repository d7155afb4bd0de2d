import type { SourceInput, SourceKind } from '../../../shared/sources.ts'

/** What the portal measures; its own machine it publishes anyhow. */
export type PortalSourceKind = Exclude<SourceKind, 'machine'>

export const SOURCE_WORDS: Record<PortalSourceKind, { label: string; about: string; placeholder: string }> = {
  evm: {
    label: 'EVM node',
    about: 'Height, gas, pool and peers by JSON-RPC.',
    placeholder: 'http://127.0.0.1:8545',
  },
  cometbft: {
    label: 'CometBFT node',
    about: 'Height, peers, and a validator’s missed blocks and voting power.',
    placeholder: 'http://127.0.0.1:26657',
  },
  solana: {
    label: 'Solana node',
    about: 'Health and slot, and a validator’s vote lag, delinquency and balance.',
    placeholder: 'http://127.0.0.1:8899',
  },
  prometheus: {
    label: 'Prometheus exporter',
    about: 'Any metrics of an exporter, picked by pattern.',
    placeholder: 'http://127.0.0.1:9100/metrics',
  },
  clock: {
    label: 'Clock',
    about: 'How far this machine’s clock is off a time server.',
    placeholder: 'pool.ntp.org',
  },
}

/** A form’s content before it is checked. */
export interface SourceDraft {
  kind: PortalSourceKind
  name: string
  /** Endpoint, or time server. */
  address: string
  validator: string
  vote: string
  identity: string
  /** One pattern a line. */
  metrics: string
  intervalMs: number
  jitterMs: number
  batchMs: number
}

export const NEW_SOURCE: SourceDraft = {
  kind: 'evm',
  name: '',
  address: '',
  validator: '',
  vote: '',
  identity: '',
  metrics: '',
  intervalMs: 10_000,
  jitterMs: 0,
  batchMs: 0,
}

/** What the draft asks for, to be checked by the schema. */
export function toSource(draft: SourceDraft): SourceInput {
  const { kind, name, address, intervalMs, jitterMs, batchMs } = draft
  const common = { name, intervalMs, jitterMs, batchMs }
  const given = (key: string, text: string) => (text.trim() === '' ? {} : { [key]: text })
  switch (kind) {
    case 'evm':
      return { ...common, kind, url: address }
    case 'cometbft':
      return { ...common, kind, url: address, ...given('validator', draft.validator) }
    case 'solana':
      return {
        ...common,
        kind,
        url: address,
        ...given('vote', draft.vote),
        ...given('identity', draft.identity),
      }
    case 'prometheus':
      return { ...common, kind, url: address, metrics: patternsOf(draft.metrics) }
    case 'clock':
      return { ...common, kind, server: address }
  }
}

export function patternsOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** The form’s content of a source that is there. */
export function toDraft(source: SourceInput): SourceDraft {
  const { kind, name, intervalMs = 10_000, jitterMs = 0, batchMs = 0 } = source
  const draft = { ...NEW_SOURCE, name, intervalMs, jitterMs, batchMs }
  if (kind === 'machine') return draft
  return {
    ...draft,
    kind,
    address: addressOf(source),
    validator: source.kind === 'cometbft' ? (source.validator ?? '') : '',
    vote: source.kind === 'solana' ? (source.vote ?? '') : '',
    identity: source.kind === 'solana' ? (source.identity ?? '') : '',
    metrics: source.kind === 'prometheus' ? source.metrics.join('\n') : '',
  }
}

export function addressOf(source: SourceInput): string {
  if ('url' in source) return source.url
  return 'server' in source ? source.server : ''
}

/** What is said of a reading by the word that is published in its place. */
export const MISSING_WORDS: Record<string, string> = {
  'not-supported': 'is not offered',
  'not-yet': 'needs one more look',
  timeout: 'did not come in time',
  failed: 'could not be read',
  unreachable: 'nobody answers',
  'http-error': 'was answered with an error',
  'rpc-error': 'was answered with an error',
  'not-json': 'is not JSON',
  'too-large': 'is too large',
  'wrong-shape': 'has an unexpected shape',
  'too-many': 'are more than are published',
  absent: 'is not there',
  'not-a-number': 'is no number',
  refused: 'was refused',
}
