import { Button } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { formatDuration } from '../../shared/format/quantity.ts'
import { useApi } from '../api/provider.tsx'
import { useExternalStore } from '../ui/external-store.ts'
import { useNow } from '../ui/ticker.ts'
import classes from './connection-banner.module.css'

/** A blink of the connection is mended before anyone has read a word about it. */
const QUIET_MS = 1_500
/** From here on the node has probably been started anew, with a link of its own. */
const RESTARTED_MS = 15_000

export function ConnectionBanner() {
  const { connection } = useApi()
  const state = useExternalStore(connection.state)
  const now = useNow()
  const lasted = now - state.since
  if (state.kind === 'open' || lasted < QUIET_MS) return null
  return (
    <div className={classes.banner} role="alert">
      <IconPlugConnectedX size={16} aria-hidden />
      <span>
        {state.kind === 'lost' ? (
          <>
            The node has not answered for <span className="tabular">{formatDuration(lasted)}</span>. You see
            what was last received; what is stored is safe.{' '}
            {lasted > RESTARTED_MS
              ? 'If Tidemark was started anew, open the link it printed.'
              : 'Connecting again…'}
          </>
        ) : (
          <>
            Connecting to the node for <span className="tabular">{formatDuration(lasted)}</span>…{' '}
            {lasted > RESTARTED_MS
              ? 'If Tidemark was started anew, open the link it printed, or print one with "npm run -s tidemark -- open".'
              : ''}
          </>
        )}
      </span>
      {lasted > RESTARTED_MS ? (
        <Button size="compact-xs" variant="default" onClick={() => location.reload()}>
          Reload
        </Button>
      ) : null}
    </div>
  )
}
