import { Button, CloseButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { useTRPC } from '../../api/provider.tsx'
import { tourStore } from '../../ui/dialogs.ts'
import { useExternalStore } from '../../ui/external-store.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { welcomeDismissedStore } from '../../ui/preferences.ts'
import { linkTo } from '../../ui/use-view.ts'
import classes from './welcome.module.css'

/** On the first visit: what is being shown here. Gone for good once it is closed. */
export function Welcome() {
  const isDismissed = useExternalStore(welcomeDismissedStore)
  const trpc = useTRPC()
  const [, go] = useLocation()
  const status = useQuery(trpc.node.status.queryOptions())
  const environment = useQuery(trpc.node.environment.queryOptions())
  const streams = useQuery(trpc.streams.list.queryOptions())
  if (isDismissed || status.data === undefined) return null
  const [own] = (streams.data ?? [])
    .filter((stream) => stream.own)
    .sort((a, b) => b.ratePerSecond - a.ratePerSecond || (a.part < b.part ? 1 : -1))
  const isLocal = status.data.environment === 'local'
  const isFirstRun = environment.data?.isFirstRun === true
  return (
    <section className={classes.welcome} aria-labelledby="welcome-title">
      <div className={classes.text}>
        <h2 id="welcome-title">Welcome to Tidemark</h2>
        <p>
          {isLocal
            ? 'You are looking at this machine’s own telemetry: processor, memory, disk and network, measured once a second, with the state of the chain beside it. Each message is signed and published on a Streamr network that runs entirely on this machine.'
            : 'Subscribe to a stream of the Streamr Network to see it here.'}{' '}
          This node checks every signature and every right to publish, keeps what it saw on disk, and shows
          you the evidence for any point you click.
        </p>
        <div className={classes.actions}>
          {own ? (
            <Button
              onClick={() => {
                welcomeDismissedStore.set(true)
                go(linkTo('workspace', { part: own.part }))
              }}
            >
              Watch it live
            </Button>
          ) : null}
          <Button variant={own ? 'default' : 'filled'} onClick={() => tourStore.set(0)}>
            Take the tour
          </Button>
          {isFirstRun ? (
            <Button variant="default" onClick={() => go(linkTo('settings', {}))}>
              Use another network
            </Button>
          ) : null}
          <span className={classes.hint}>
            <Kbd keys={['?']} /> lists what the keyboard can do
          </span>
        </div>
      </div>
      <CloseButton aria-label="Close the welcome" onClick={() => welcomeDismissedStore.set(true)} />
    </section>
  )
}
