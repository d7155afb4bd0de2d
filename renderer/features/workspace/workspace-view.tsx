import { Button } from '@mantine/core'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { LayoutItem } from 'react-grid-layout'
import type { FieldSummary } from '../../../shared/chart.ts'
import { type Panel, type PanelKind, partsOfLayout } from '../../../shared/layout.ts'
import { createHistoryHub } from '../../api/history-hub.ts'
import { useApi } from '../../api/provider.tsx'
import { createCursorStore } from '../../ui/chart/cursor.ts'
import { isHidden } from '../../ui/chart/window-frames.ts'
import { createExternalStore } from '../../ui/external-store.ts'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { EmptyState } from '../../ui/state-views.tsx'
import { useView } from '../../ui/use-view.ts'
import { KIND_WORDS } from './add-panel.tsx'
import { FieldChoice } from './field-choice.tsx'
import { newPanel, putPanel } from './layout-edit.ts'
import { placePanels } from './pack-panels.ts'
import { PanelEditor } from './panel-editor.tsx'
import { PanelGrid } from './panel-grid.tsx'
import { savePicture } from './panel-picture.ts'
import classes from './stream-workspace.module.css'
import { stepStore, toggleLoop } from './time-steps.ts'
import { TimeTools } from './time-tools.tsx'
import { TransportBar } from './transport-bar.tsx'
import { UnindexedNote } from './unindexed-note.tsx'
import { useAlertMarks } from './use-alert-marks.ts'
import { useChartAlerts } from './use-chart-alerts.ts'
import { useJump } from './use-jump.ts'
import type { LayoutHandle } from './use-layout.ts'
import { useLayoutCare } from './use-layout-care.ts'
import { useMessageWalk } from './use-message-walk.ts'
import { usePanelActions } from './use-panel-actions.tsx'
import { useSchemas } from './use-schemas.ts'
import { useTransport } from './use-transport.ts'
import { type Workspace, WorkspaceContext } from './workspace-context.ts'
import { workspaceShortcuts } from './workspace-shortcuts.ts'
import { WorkspaceToolbar } from './workspace-toolbar.tsx'

const NO_FIELDS: readonly FieldSummary[] = []

export interface WorkspaceViewProps {
  part: string
  /** First stored message, ms since the epoch. */
  first: number | null
  layout: LayoutHandle
}

/** A layout over one time axis, with its transport. */
export function WorkspaceView({ part, first, layout }: WorkspaceViewProps) {
  const api = useApi()
  const { view, update } = useView()
  const handle = useTransport()
  const { transport } = handle
  const [cursor] = useState(createCursorStore)
  const [marked] = useState(() => createExternalStore<number | null>(null))
  const [compareMs] = useState(() => createExternalStore<number | null>(view.compareMs))
  useEffect(() => compareMs.set(view.compareMs), [compareMs, view.compareMs])
  const marks = useAlertMarks(part, first)
  const jump = useJump({ part, first, marks, transport })
  const openAt = view.message?.timestamp ?? null
  useEffect(() => marked.set(openAt), [marked, openAt])
  const hub = useMemo(
    () =>
      createHistoryHub({
        client: api.client,
        feed: api.feed,
        onRegained: api.connection.onRegained,
        isHidden,
      }),
    [api],
  )
  useEffect(() => () => hub.dispose(), [hub])
  const parts = useMemo(() => [...new Set([part, ...partsOfLayout(layout.layout)])], [part, layout.layout])
  const schemaOf = useSchemas(parts)
  const alerts = useChartAlerts(parts, handle)
  const walk = useMessageWalk(part, transport)
  const care = useLayoutCare(layout)
  const [naming, setNaming] = useState<'save' | 'rename' | null>(null)
  const [isAdding, setIsAdding] = useState(false)
  const [isPicking, setIsPicking] = useState(false)
  const [editing, setEditing] = useState<Panel | null>(null)
  const actions = usePanelActions(layout, {
    edit: (id) => setEditing(layout.layout.panels.find((panel) => panel.id === id) ?? null),
    savePicture: (panel, unit, kind) =>
      void savePicture({ panel, unit, kind, hub, handle, compareMs, alerts, schemaOf }),
  })
  // What moves the window notes its place in the address: the panels are not rendered anew for that.
  const { apply } = layout
  const onPlaced = useCallback(
    (items: readonly LayoutItem[]) => apply((now) => ({ ...now, panels: placePanels(now.panels, items) })),
    [apply],
  )
  const workspace = useMemo<Workspace>(
    () => ({ part, handle, hub, cursor, compareMs, marked, alerts, schemaOf, pick: walk.pick }),
    [part, handle, hub, cursor, compareMs, marked, alerts, schemaOf, walk],
  )

  function add(kind: PanelKind): void {
    const panel = newPanel(layout.layout, kind, KIND_WORDS[kind].name, [])
    if (kind === 'messages') {
      const series = [{ kind: 'messages' as const, part, publisher: null }]
      layout.apply(putPanel({ ...panel, title: 'Messages', series }))
    } else setEditing(panel)
  }

  useShortcuts(
    workspaceShortcuts({
      transport,
      first,
      step: walk.step,
      pickFields: () => setIsPicking(layout.isAutomatic),
      undo: () => layout.session.undo(),
      redo: () => layout.session.redo(),
      addPanel: () => setIsAdding(true),
      saveLayout: () => (layout.savedId === null ? setNaming('save') : void care.save()),
      lockCursor: () => cursor.toggleLock(),
      shift: (direction) => transport.shift(direction * stepStore.get()),
      jump,
      toggleLoop: () => toggleLoop(transport),
    }),
  )

  return (
    <WorkspaceContext value={workspace}>
      <div className={classes.workspace}>
        <WorkspaceToolbar
          handle={layout}
          care={care}
          naming={naming}
          onNaming={setNaming}
          adding={isAdding}
          onAdding={setIsAdding}
          onAdd={add}
        >
          {layout.isAutomatic ? (
            <FieldChoice
              part={part}
              schema={schemaOf(part)}
              opened={isPicking}
              onOpen={setIsPicking}
              shown={
                view.fields ??
                layout.layout.panels.flatMap(({ kind, series }) =>
                  kind === 'states' ? [] : series.flatMap((one) => (one.kind === 'field' ? [one.field] : [])),
                )
              }
              isDefault={view.fields === null}
              onChoose={(next) => update({ fields: next })}
            />
          ) : null}
          <TimeTools
            transport={transport}
            cursor={cursor}
            compareMs={view.compareMs}
            onCompare={(next) => update({ compareMs: next })}
            onJump={jump}
          />
        </WorkspaceToolbar>
        {layout.layout.panels.length === 0 ? (
          <EmptyState
            title={layout.isAutomatic ? 'No numbers to draw yet' : 'This layout has no panel yet'}
            action={<Button onClick={() => setIsAdding(true)}>Add a panel</Button>}
          >
            {layout.isAutomatic
              ? 'Numeric fields appear here by themselves as soon as a message brings some. What does come in is listed under Messages.'
              : 'Panels show values, states and messages of any stream, side by side over one time.'}
            {layout.isAutomatic ? <UnindexedNote part={part} fields={NO_FIELDS} /> : null}
          </EmptyState>
        ) : (
          <PanelGrid layout={layout.layout} actions={actions} onPlaced={onPlaced} />
        )}
        <TransportBar part={part} first={first} handle={handle} onStep={walk.step} marks={marks} />
      </div>
      {editing === null ? null : (
        <PanelEditor
          panel={editing}
          onClose={() => setEditing(null)}
          onDone={(panel) => {
            layout.apply(putPanel(panel))
            setEditing(null)
          }}
        />
      )}
    </WorkspaceContext>
  )
}
