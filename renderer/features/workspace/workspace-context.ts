import { createContext, useContext } from 'react'
import type { HistoryHub } from '../../api/history-hub.ts'
import type { CursorStore } from '../../ui/chart/cursor.ts'
import type { ChartPoint } from '../../ui/chart/pick.ts'
import type { ExternalStore } from '../../ui/external-store.ts'
import type { AlertsByPart } from './chart-alerts.ts'
import type { SchemaOf } from './line-names.ts'
import type { TransportHandle } from './use-transport.ts'

/** What all panels of a workspace share: one time, one crosshair, one history. */
export interface Workspace {
  /** The stream part in the address: what a new panel draws unless it is told otherwise. */
  part: string
  handle: TransportHandle
  hub: HistoryHub
  cursor: CursorStore
  compareMs: ExternalStore<number | null>
  marked: ExternalStore<number | null>
  /** Alerts about the window, of all streams on screen. */
  alerts: ExternalStore<AlertsByPart>
  schemaOf: SchemaOf
  /** Opens the message behind a point. */
  pick(point: ChartPoint): void
}

export const WorkspaceContext = createContext<Workspace | null>(null)

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext)
  if (workspace === null) throw new Error('useWorkspace is used outside of a workspace')
  return workspace
}
