import { Collapse, UnstyledButton } from '@mantine/core'
import { useDisclosure, useId } from '@mantine/hooks'
import { IconChevronRight } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import classes from './fold.module.css'

export interface FoldProps {
  title: string
  /** What the closed section still says. */
  note?: ReactNode
  opened?: boolean
  children: ReactNode
}

/** A section that folds. */
export function Fold({ title, note, opened = true, children }: FoldProps) {
  const [isOpen, { toggle }] = useDisclosure(opened)
  const [wasOpened, setWasOpened] = useState(opened)
  const id = useId()
  return (
    <section className={classes.fold}>
      <h3 className={classes.heading}>
        <UnstyledButton
          className={classes.toggle}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => {
            setWasOpened(true)
            toggle()
          }}
        >
          <IconChevronRight
            size={14}
            className={classes.chevron}
            data-open={isOpen || undefined}
            aria-hidden
          />
          <span>{title}</span>
          <span className={classes.note}>{note}</span>
        </UnstyledButton>
      </h3>
      <Collapse id={id} expanded={isOpen} transitionDuration={100}>
        {/* What was never opened is not laid out: raw bytes can be long. */}
        <div className={classes.body}>{isOpen || wasOpened ? children : null}</div>
      </Collapse>
    </section>
  )
}
