import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { runCommand } from '../ui/shortcuts.ts'
import classes from './connection-banner.module.css'

/** Carries out what the desktop's menu, tray and `tidemark://` links ask for. In a browser there is nothing to do. */
export function DesktopCommands() {
  const [, go] = useLocation()
  const [isFinishing, setIsFinishing] = useState(false)
  useEffect(
    () =>
      window.tidemark?.onCommand((command) => {
        switch (command.kind) {
          case 'navigate':
            go(command.path)
            return
          case 'invoke':
            runCommand(command.command)
            return
          case 'finishing':
            setIsFinishing(true)
            return
        }
      }),
    [go],
  )
  if (!isFinishing) return null
  return (
    <div className={classes.banner} role="alert">
      Tidemark is writing what it holds and closes in a moment.
    </div>
  )
}
