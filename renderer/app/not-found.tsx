import { Button } from '@mantine/core'
import { useLocation } from 'wouter'
import { EmptyState } from '../ui/state-views.tsx'

/** An address that names no place of the portal: a link from a newer version, or one that was cut. */
export function NotFound() {
  const [, go] = useLocation()
  return (
    <EmptyState
      title="There is no such place here"
      action={<Button onClick={() => go('/')}>To the overview</Button>}
    >
      The link leads to a place this version of Tidemark does not know. It may have been cut when it was sent,
      or come from a newer version. Streams, layouts and messages are found by search: press Ctrl K.
    </EmptyState>
  )
}
