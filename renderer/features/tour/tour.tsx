import { Button } from '@mantine/core'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { tourStore } from '../../ui/dialogs.ts'
import { useExternalStore } from '../../ui/external-store.ts'
import { welcomeDismissedStore } from '../../ui/preferences.ts'
import { type Place, placeBeside } from './place-beside.ts'
import { TOUR_STEPS } from './steps.ts'
import classes from './tour.module.css'

/** Walks through the portal, one thing after the other. Left at any time, begun again from the help. */
export function Tour() {
  const step = useExternalStore(tourStore)
  return step === null ? null : <Step key={step} index={step} />
}

const end = () => {
  welcomeDismissedStore.set(true)
  tourStore.set(null)
}

function Step({ index }: { index: number }) {
  const card = useRef<HTMLDialogElement>(null)
  const next = useRef<HTMLButtonElement>(null)
  const [place, setPlace] = useState<Place | null>(null)
  const step = TOUR_STEPS[index]
  const isLast = index >= TOUR_STEPS.length - 1
  const target = step?.target ?? ''

  useLayoutEffect(() => {
    const measure = () => {
      const element = document.querySelector(target)
      const size = { width: card.current?.offsetWidth ?? 0, height: card.current?.offsetHeight ?? 0 }
      const within = { width: innerWidth, height: innerHeight }
      setPlace(placeBeside(element?.getBoundingClientRect() ?? null, size, within))
    }
    card.current?.showModal()
    // The dialog itself would choose the way out.
    next.current?.focus()
    measure()
    addEventListener('resize', measure)
    return () => removeEventListener('resize', measure)
  }, [target])
  useEffect(() => {
    const element = card.current
    return () => element?.close()
  }, [])
  if (step === undefined) return null
  const go = (to: number) => tourStore.set(Math.min(TOUR_STEPS.length - 1, Math.max(0, to)))
  return (
    <dialog
      ref={card}
      className={classes.card}
      style={place === null ? undefined : { left: place.left, top: place.top }}
      aria-labelledby="tour-title"
      onCancel={(event) => {
        event.preventDefault()
        end()
      }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowRight' && !isLast) go(index + 1)
        else if (event.key === 'ArrowLeft') go(index - 1)
        // Left to the browser, a screen that has a use for this key would keep it from the dialog.
        else if (event.key === 'Escape') {
          event.preventDefault()
          end()
        }
        // The keys of the portal wait until the tour is over.
        event.stopPropagation()
      }}
    >
      {place?.mark ? <span className={classes.mark} style={place.mark} aria-hidden /> : null}
      <p className={classes.count}>
        {index + 1} of {TOUR_STEPS.length}
      </p>
      <h2 id="tour-title">{step.title}</h2>
      <p>{step.words}</p>
      <div className={classes.actions}>
        <Button variant="subtle" color="gray" size="xs" onClick={end}>
          {isLast ? 'Close' : 'Skip the tour'}
        </Button>
        <span className={classes.space} />
        {index > 0 ? (
          <Button variant="default" size="xs" onClick={() => go(index - 1)}>
            Back
          </Button>
        ) : null}
        <Button ref={next} size="xs" onClick={() => (isLast ? end() : go(index + 1))}>
          {isLast ? 'Done' : 'Next'}
        </Button>
      </div>
    </dialog>
  )
}
