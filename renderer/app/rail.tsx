import { Tooltip } from '@mantine/core'
import { Link } from 'wouter'
import { Kbd } from '../ui/kbd.tsx'
import { linkTo, type Screen, useView } from '../ui/use-view.ts'
import { Mark } from './mark.tsx'
import classes from './rail.module.css'
import { SCREENS } from './screens.ts'
import { carriedView } from './use-screen.ts'

export function Rail({ current }: { current: Screen }) {
  const { view } = useView()
  return (
    <nav className={classes.rail} aria-label="Places">
      <div className={classes.mark}>
        <Mark />
      </div>
      {SCREENS.map(({ screen, label, icon: Icon }, index) => (
        <Tooltip
          key={screen}
          position="right"
          label={
            <span className={classes.tip}>
              {label} <Kbd keys={[String(index + 1)]} />
            </span>
          }
        >
          <Link
            href={linkTo(screen, carriedView(view, screen))}
            className={classes.item}
            aria-current={screen === current ? 'page' : undefined}
            data-last={screen === 'settings' || undefined}
          >
            <Icon size={20} stroke={1.7} />
            <span className={classes.label}>{label}</span>
          </Link>
        </Tooltip>
      ))}
    </nav>
  )
}
