import type { ReactNode } from 'react'
import { CopyButton } from '../../ui/copy-button.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import classes from './facts.module.css'

export interface Fact {
  name: string
  value: ReactNode
  /** What the copy button copies, and its name. */
  copy?: { value: string; what: string }
}

/** A value as it stands in the message, in full: hex, ids, hashes. */
export function Code({ children }: { children: string }) {
  return <bdi className={classes.code}>{visibleText(children)}</bdi>
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(({ name, value, copy }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <span className={classes.value}>{value}</span>
            {copy ? <CopyButton value={copy.value} what={copy.what} /> : null}
          </dd>
        </div>
      ))}
    </dl>
  )
}
