import { formatDuration } from '../../../shared/format/quantity.ts'
import type { SourceTrial } from '../../../shared/sources.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { MISSING_WORDS } from './source-words.ts'
import classes from './sources.module.css'

/** A page of readings; the rest is counted. */
const MAX_SHOWN = 200

interface Reading {
  path: string
  value: string
  unit: string
}

/** What a test gave: every reading as it would be published, and those that are missing with the reason. */
export function SourceTrialView({ trial }: { trial: SourceTrial }) {
  const readings = trial.sample === null ? [] : readingsOf(trial.sample, trial.schema)
  const missing = Object.entries(trial.unavailable)
  const isNothing = readings.every(({ value }) => value === 'null')
  return (
    <section className={classes.trial} aria-label="What would be published" aria-live="polite">
      <h3 data-bad={isNothing || undefined}>
        {isNothing ? 'Nothing could be read' : 'This would be published'}
        <span className="tabular">{formatDuration(trial.tookMs)}</span>
      </h3>
      {isNothing ? null : (
        <dl tabIndex={0}>
          {readings.slice(0, MAX_SHOWN).map(({ path, value, unit }) => (
            <div key={path}>
              <dt>
                <bdi>{visibleText(path)}</bdi>
              </dt>
              <dd className="tabular">
                <bdi>{value === 'null' ? '—' : visibleText(value)}</bdi> <span>{unit}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {readings.length > MAX_SHOWN ? <p>{`and ${readings.length - MAX_SHOWN} more`}</p> : null}
      {missing.length === 0 ? null : (
        <p>
          Missing, and published as missing:{' '}
          {missing.slice(0, MAX_SHOWN).map(([path, reason], index) => (
            <span key={path}>
              {index === 0 ? '' : ', '}
              <bdi>{visibleText(path === '' ? 'everything' : path)}</bdi> {MISSING_WORDS[reason] ?? reason}
            </span>
          ))}
          .
        </p>
      )}
    </section>
  )
}

/** Leaves by dotted path, with the unit the schema gives them. */
function readingsOf(sample: unknown, schema: unknown, path = ''): Reading[] {
  const part = (schema ?? {}) as { properties?: Record<string, unknown>; unit?: unknown }
  if (typeof sample !== 'object' || sample === null || Array.isArray(sample)) {
    const unit = typeof part.unit === 'string' && part.unit !== '1' ? part.unit : ''
    return [{ path, value: typeof sample === 'string' ? sample : JSON.stringify(sample), unit }]
  }
  return Object.entries(sample).flatMap(([key, value]) =>
    readingsOf(value, part.properties?.[key], path === '' ? key : `${path}.${key}`),
  )
}
