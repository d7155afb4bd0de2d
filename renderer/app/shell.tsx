import { useEffect } from 'react'
import { Inspector } from '../features/inspector/inspector.tsx'
import { CreateStreamDialog } from '../features/streams/create-stream-dialog.tsx'
import { StreamDetailsDialog } from '../features/streams/stream-details.tsx'
import { SubscribeDialog } from '../features/streams/subscribe-dialog.tsx'
import { Tour } from '../features/tour/tour.tsx'
import { useExternalStore } from '../ui/external-store.ts'
import { motionStore } from '../ui/preferences.ts'
import { AlertNotifications } from './alert-notifications.tsx'
import { CommandPalette } from './command-palette.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { DesktopCommands } from './desktop-commands.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { Header } from './header.tsx'
import { NotFound } from './not-found.tsx'
import { Rail } from './rail.tsx'
import { ScreenView } from './screen-view.tsx'
import classes from './shell.module.css'
import { ShortcutsDialog } from './shortcuts-dialog.tsx'
import { StatusBar } from './status-bar.tsx'
import { useGlobalShortcuts } from './use-global-shortcuts.ts'
import { useRecents } from './use-recents.ts'
import { useIsKnownPlace, useScreen } from './use-screen.ts'

export function Shell() {
  const screen = useScreen()
  const motion = useExternalStore(motionStore)
  const isKnown = useIsKnownPlace()
  useGlobalShortcuts()
  useRecents(screen)
  useEffect(() => {
    document.documentElement.dataset.reducedMotion = String(motion === 'reduced')
  }, [motion])
  const hasInspector = screen === 'workspace' || screen === 'messages' || screen === 'audit'
  return (
    <div className={classes.shell}>
      <button type="button" className={classes.skip} onClick={skipToMain}>
        Skip to the content
      </button>
      <Rail current={screen} />
      <div className={classes.centre}>
        <ConnectionBanner />
        <DesktopCommands />
        <Header screen={screen} />
        <main id="main" className={classes.main} tabIndex={-1}>
          <ErrorBoundary key={screen} place="This screen">
            {isKnown ? <ScreenView screen={screen} /> : <NotFound />}
          </ErrorBoundary>
        </main>
      </div>
      {hasInspector ? (
        <ErrorBoundary place="The inspector">
          <Inspector />
        </ErrorBoundary>
      ) : null}
      <div className={classes.status}>
        <StatusBar />
      </div>
      <CommandPalette />
      <SubscribeDialog />
      <CreateStreamDialog />
      <StreamDetailsDialog />
      <ShortcutsDialog />
      <Tour />
      <AlertNotifications />
    </div>
  )
}

/** Not a link: the address holds the view, and a jump by fragment would lose it. */
function skipToMain(): void {
  document.getElementById('main')?.focus()
}
