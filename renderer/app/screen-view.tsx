import { Alerts } from '../features/alerts/alerts.tsx'
import { Audit } from '../features/audit/audit.tsx'
import { Fleet } from '../features/fleet/fleet.tsx'
import { Messages } from '../features/messages/messages.tsx'
import { Network } from '../features/network/network.tsx'
import { Overview } from '../features/overview/overview.tsx'
import { RemoteLog } from '../features/remote-log/remote-log.tsx'
import { Settings } from '../features/settings/settings.tsx'
import { Welcome } from '../features/welcome/welcome.tsx'
import { StreamWorkspace } from '../features/workspace/stream-workspace.tsx'
import type { Screen } from '../ui/use-view.ts'
import { StreamGate } from './stream-gate.tsx'

export function ScreenView({ screen }: { screen: Screen }) {
  switch (screen) {
    case 'overview':
      return <Overview welcome={<Welcome />} />
    case 'workspace':
      return (
        <StreamGate
          screen={screen}
          purpose="Here the numbers of a stream are drawn over time, live or replayed, with the proof of each point beneath."
        >
          {(part, stream) => (
            <StreamWorkspace key={part} part={part} first={stream?.firstTimestamp ?? null} />
          )}
        </StreamGate>
      )
    case 'messages':
      return (
        <StreamGate
          screen={screen}
          purpose="Here every message of a stream is listed as it came, with its verdict beside it."
        >
          {(part) => <Messages key={part} part={part} />}
        </StreamGate>
      )
    case 'network':
      return <Network />
    case 'audit':
      return <Audit />
    case 'fleet':
      return (
        <StreamGate
          screen={screen}
          purpose="Here all publishers of a stream stand side by side, the silent ones first."
        >
          {(part) => <Fleet key={part} part={part} />}
        </StreamGate>
      )
    case 'alerts':
      return <Alerts />
    case 'remote-log':
      return <RemoteLog />
    case 'settings':
      return <Settings />
  }
}
