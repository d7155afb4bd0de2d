import type { ReactNode, Ref } from 'react'
import classes from './page.module.css'

export interface PageProps {
  children: ReactNode
  /** Forms and words: narrower than tables. */
  isProse?: boolean
  contentRef?: Ref<HTMLDivElement>
}

/** A place that is read from top to bottom, and scrolls as a whole. */
export function Page({ children, isProse = false, contentRef }: PageProps) {
  return (
    <div className={classes.page}>
      <div className={classes.content} data-prose={isProse || undefined} ref={contentRef}>
        {children}
      </div>
    </div>
  )
}
