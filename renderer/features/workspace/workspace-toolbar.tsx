import { ActionIcon, Tooltip } from '@mantine/core'
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { PanelKind } from '../../../shared/layout.ts'
import { useExternalStore } from '../../ui/external-store.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { AddPanel } from './add-panel.tsx'
import { isFull } from './layout-edit.ts'
import { LayoutMenu } from './layout-menu.tsx'
import classes from './stream-workspace.module.css'
import type { LayoutHandle } from './use-layout.ts'
import type { LayoutCare } from './use-layout-care.ts'

export interface WorkspaceToolbarProps {
  handle: LayoutHandle
  care: LayoutCare
  naming: 'save' | 'rename' | null
  onNaming(what: 'save' | 'rename' | null): void
  adding: boolean
  onAdding(opened: boolean): void
  onAdd(kind: PanelKind): void
  /** What else can be chosen, at the end of the bar. */
  children: ReactNode
}

/** The layout, its panels, and the way back. */
export function WorkspaceToolbar({
  handle,
  care,
  naming,
  onNaming,
  adding,
  onAdding,
  onAdd,
  children,
}: WorkspaceToolbarProps) {
  const { past, future } = useExternalStore(handle.session.state)
  return (
    <div className={classes.toolbar}>
      <LayoutMenu handle={handle} care={care} naming={naming} onNaming={onNaming} />
      <AddPanel isFull={isFull(handle.layout)} opened={adding} onOpen={onAdding} onAdd={onAdd} />
      <span className={classes.pair}>
        <Tooltip
          label={
            <>
              Undo <Kbd keys={['mod', 'Z']} />
            </>
          }
        >
          <ActionIcon
            variant="subtle"
            color="gray"
            size={28}
            aria-label="Undo"
            disabled={past.length === 0}
            onClick={() => handle.session.undo()}
          >
            <IconArrowBackUp size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip
          label={
            <>
              Redo <Kbd keys={['mod', 'Y']} />
            </>
          }
        >
          <ActionIcon
            variant="subtle"
            color="gray"
            size={28}
            aria-label="Redo"
            disabled={future.length === 0}
            onClick={() => handle.session.redo()}
          >
            <IconArrowForwardUp size={16} />
          </ActionIcon>
        </Tooltip>
      </span>
      {children}
    </div>
  )
}
