import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { Router } from 'wouter'
import { type Api, ApiProvider } from '../api/provider.tsx'
import { useHashLocation, useHashSearch } from '../ui/hash-location.ts'
import { ErrorBoundary } from './error-boundary.tsx'
import { Shell } from './shell.tsx'
import { cssVariablesResolver, theme } from './theme.ts'

const colorSchemeManager = localStorageColorSchemeManager()

export function App({ api }: { api: Api }) {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="dark"
      colorSchemeManager={colorSchemeManager}
      cssVariablesResolver={cssVariablesResolver}
    >
      <ApiProvider api={api}>
        <Router hook={useHashLocation} searchHook={useHashSearch}>
          <ErrorBoundary place="The portal">
            <Shell />
          </ErrorBoundary>
        </Router>
        <Notifications position="bottom-right" limit={3} />
      </ApiProvider>
    </MantineProvider>
  )
}
